#include "client/secure_user.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "common/secure/graph.hpp"

namespace fedhash::client {

using secure::Key;
using secure::Refusal;
using secure::Share;

namespace {

std::string named(UserId user) { return "user " + std::to_string(index(user)); }

// From whom to whom: two users' agreed key seals one message either way.
std::array<std::uint8_t, 8> way(UserId from, UserId to) {
    std::array<std::uint8_t, 8> bytes;
    for (std::size_t b = 0; b < 4; ++b) {
        bytes[b] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(from) >> (8 * b));
        bytes[4 + b] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(to) >> (8 * b));
    }
    return bytes;
}

secure::Bytes coefficients(const Key& key, std::size_t threshold) {
    secure::Bytes bytes((threshold - 1) * sizeof(Key));
    secure::keystream(key, bytes);
    return bytes;
}

}  // namespace

SecureUser::SecureUser(UserId user, const secure::Terms& round, const Key& secret,
                       const Identity& identity, secure::BlockSet blocks)
    : user_(user),
      round_(round),
      identity_(identity),
      blocks_(std::move(blocks)),
      self_(secure::derive(secret, "self mask", round.context)),
      sealing_(secure::derive(secret, "sealing", round.context)),
      masking_(secure::derive(secret, "masking", round.context)) {}

secure::Advert SecureUser::advertise() const {
    secure::Advert advert{
        user_, secure::public_key(sealing_), secure::public_key(masking_), {}, blocks_};
    advert.signature = secure::sign(identity_.secret, secure::signed_part(advert, round_));
    return advert;
}

void SecureUser::check(const secure::Advert& advert) const {
    const std::size_t place = index(advert.user);
    if (place >= identity_.known.size() ||
        !secure::is_signed(identity_.known[place], secure::signed_part(advert, round_),
                           advert.signature))
        throw Refusal("the keys of " + named(advert.user) +
                      " are not signed by it for this round: it was shown other tables, or "
                      "somebody else made them");
}

std::vector<secure::SealedShares> SecureUser::share(std::span<const secure::Advert> neighbours) {
    if (neighbours.size() < 2 || neighbours.size() > 255)
        throw Refusal("asked to share with fewer than 2 or more than 255 neighbours");
    for (const secure::Advert& advert : neighbours) {
        if (advert.user == user_ || neighbours_.contains(advert.user))
            throw Refusal("asked to share with " + named(advert.user) +
                          (advert.user == user_ ? ", which it is" : " twice"));
        check(advert);
        Neighbour neighbour;
        try {
            neighbour.sealing = secure::agree(sealing_, advert.sealing);
            neighbour.masking = secure::agree(masking_, advert.masking);
        } catch (const std::invalid_argument&) {
            throw Refusal(named(advert.user) + " has a key that agrees with everybody's");
        }
        neighbour.blocks = advert.blocks;
        neighbours_.emplace(advert.user, neighbour);
    }
    const std::size_t threshold = secure::threshold_of(neighbours.size());
    const auto of_self =
        secure::split(self_, threshold, neighbours.size(),
                      coefficients(secure::derive(self_, "coefficients"), threshold));
    const auto of_masking =
        secure::split(masking_, threshold, neighbours.size(),
                      coefficients(secure::derive(masking_, "coefficients"), threshold));
    std::vector<secure::SealedShares> out;
    for (std::size_t s = 0; s < neighbours.size(); ++s) {
        const UserId to = neighbours[s].user;
        secure::Bytes pair{of_self[s].x};
        pair.insert(pair.end(), of_self[s].bytes.begin(), of_self[s].bytes.end());
        pair.insert(pair.end(), of_masking[s].bytes.begin(), of_masking[s].bytes.end());
        const Key key = secure::derive(neighbours_[to].sealing, "shares", way(user_, to));
        out.push_back({user_, to, secure::seal(key, pair, round_.context)});
    }
    return out;
}

void SecureUser::keep(std::span<const secure::SealedShares> sealed) {
    for (const secure::SealedShares& one : sealed) {
        const auto place = neighbours_.find(one.from);
        if (place == neighbours_.end() || one.to != user_ || place->second.kept)
            throw Refusal("given shares of " + named(one.from) + " that are not for it");
        const Key key = secure::derive(place->second.sealing, "shares", way(one.from, user_));
        const auto pair = secure::open(key, one.sealed, round_.context);
        if (!pair || pair->size() != secure::share_pair_bytes || pair->front() == 0)
            throw Refusal("the shares of " + named(one.from) +
                          " do not open: they were changed on the way");
        const auto middle = pair->begin() + 1 + sizeof(Key);
        place->second.kept = {Share{pair->front(), {pair->begin() + 1, middle}},
                              Share{pair->front(), {middle, pair->end()}}};
    }
    const std::size_t wanted = secure::threshold_of(neighbours_.size());
    std::erase_if(neighbours_, [](const auto& entry) { return !entry.second.kept; });
    if (neighbours_.size() < wanted)
        throw secure::TooFewLeft("too few neighbours are left to keep its shares");
}

Key SecureUser::pair_key(const Key& agreed) const {
    return secure::derive(agreed, "pairwise mask", round_.context);
}

std::vector<std::uint64_t> SecureUser::mask(std::span<const std::int64_t> values) const {
    if (values.size() != round_.cells)
        throw std::invalid_argument("values that are not one for each cell");
    std::vector<std::uint64_t> cells(values.size());
    const std::vector<std::uint8_t> own =
        secure::shared_cells(round_.block_of_cell, blocks_, blocks_);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i] = round_.ring.of(values[i]);
        if (round_.ring.lift(cells[i]) != values[i])
            throw std::invalid_argument("a value beyond the ring");
        if (!own.empty() && own[i] == 0 && values[i] != 0)
            throw std::invalid_argument("a value in a block that it takes no part in");
    }
    secure::apply_mask(round_.ring, self_, secure::Way::add, cells, own);
    for (const auto& [other, neighbour] : neighbours_)
        secure::apply_mask(round_.ring, pair_key(neighbour.masking),
                           other > user_ ? secure::Way::add : secure::Way::subtract, cells,
                           secure::shared_cells(round_.block_of_cell, blocks_, neighbour.blocks));
    return cells;
}

secure::Revealed SecureUser::reveal(const secure::Question& question) {
    if (revealed_) throw Refusal("asked for shares a second time");
    secure::Revealed out;
    out.by = user_;
    std::set<UserId> asked;
    for (const bool alive : {true, false})
        for (const UserId other : alive ? question.alive : question.dropped) {
            if (other == user_) throw Refusal("asked for shares of its own");
            if (!asked.insert(other).second)
                throw Refusal("asked for both secrets of " + named(other));
            const auto place = neighbours_.find(other);
            if (place == neighbours_.end())
                throw Refusal("asked for shares of " + named(other) + ", which it has not got");
            (alive ? out.self : out.masking)
                .emplace_back(other,
                              alive ? place->second.kept->first : place->second.kept->second);
        }
    revealed_ = true;
    return out;
}

}  // namespace fedhash::client
