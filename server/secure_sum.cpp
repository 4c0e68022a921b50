#include "server/secure_sum.hpp"

#include <algorithm>
#include <stdexcept>

#include "common/secure/graph.hpp"

namespace fedhash::server {

using secure::Key;
using secure::Share;

SecureSum::Party& SecureSum::party(UserId user) {
    const auto place = parties_.find(user);
    if (place == parties_.end()) throw std::invalid_argument("a user that did not advertise keys");
    return place->second;
}

void SecureSum::advertise(const secure::Advert& advert) {
    Party party;
    party.advert = advert;
    if (!parties_.emplace(advert.user, std::move(party)).second)
        throw std::invalid_argument("keys of a user that has advertised some");
}

void SecureSum::lay_graph() {
    std::vector<UserId> users;
    for (const auto& [user, party] : parties_) users.push_back(user);
    auto graph = secure::neighbours(users, degree_, seed_);
    for (std::size_t p = 0; p < users.size(); ++p) party(users[p]).neighbours = std::move(graph[p]);
}

std::vector<secure::Advert> SecureSum::neighbours_of(UserId user) const {
    std::vector<secure::Advert> adverts;
    for (const UserId other : parties_.at(user).neighbours)
        adverts.push_back(parties_.at(other).advert);
    return adverts;
}

void SecureSum::take_shares(UserId from, std::vector<secure::SealedShares> shares) {
    Party& own = party(from);
    if (own.shared) throw std::invalid_argument("shares for a second time");
    std::map<UserId, secure::Bytes> sealed;
    for (secure::SealedShares& one : shares) {
        const bool meant = one.from == from && std::ranges::binary_search(own.neighbours, one.to) &&
                           one.sealed.size() == secure::share_pair_bytes + secure::seal_bytes;
        if (!meant || !sealed.emplace(one.to, std::move(one.sealed)).second)
            throw std::invalid_argument("shares that are not for a neighbour");
    }
    if (sealed.size() != own.neighbours.size())
        throw std::invalid_argument("shares for some neighbours only");
    own.sealed = std::move(sealed);
    own.shared = true;
}

std::vector<secure::SealedShares> SecureSum::shares_for(UserId user) const {
    std::vector<secure::SealedShares> shares;
    for (const UserId other : parties_.at(user).neighbours)
        if (const Party& from = parties_.at(other); from.shared)
            shares.push_back({other, user, from.sealed.at(user)});
    return shares;
}

void SecureSum::take_masked(UserId from, std::span<const std::uint64_t> cells) {
    Party& own = party(from);
    if (!own.shared || own.masked || cells.size() != round_.cells ||
        std::ranges::any_of(cells, [&](std::uint64_t cell) { return cell > round_.ring.mask(); }))
        throw std::invalid_argument("masked values that are not this round's");
    total_.resize(round_.cells);
    for (std::size_t i = 0; i < cells.size(); ++i)
        total_[i] = (total_[i] + cells[i]) & round_.ring.mask();
    own.masked = true;
    ++contributors_;
}

secure::Question SecureSum::question_for(UserId user) const {
    secure::Question question;
    for (const UserId other : parties_.at(user).neighbours) {
        const Party& neighbour = parties_.at(other);
        if (neighbour.shared)
            (neighbour.masked ? question.alive : question.dropped).push_back(other);
    }
    return question;
}

void SecureSum::take_revealed(const secure::Revealed& revealed) {
    Party& own = party(revealed.by);
    const secure::Question asked = question_for(revealed.by);
    const auto answers = [](const std::vector<std::pair<UserId, Share>>& shares,
                            const std::vector<UserId>& users) {
        return std::ranges::equal(shares, users, {}, &std::pair<UserId, Share>::first);
    };
    if (!own.masked || own.revealed || !answers(revealed.self, asked.alive) ||
        !answers(revealed.masking, asked.dropped))
        throw std::invalid_argument("shares that were not asked for");
    for (const auto* shares : {&revealed.self, &revealed.masking})
        for (const auto& [user, share] : *shares) {
            // Of two that are said to be the same share one is a lie, and joining would fail.
            const Party& of = party(user);
            const auto& known = shares == &revealed.self ? of.self : of.masking;
            if (share.x == 0 || share.bytes.size() != sizeof(Key) ||
                std::ranges::find(known, share.x, &Share::x) != known.end())
                throw std::invalid_argument("a share that is not of this secret");
        }
    for (const auto& [user, share] : revealed.self) party(user).self.push_back(share);
    for (const auto& [user, share] : revealed.masking) party(user).masking.push_back(share);
    own.revealed = true;
}

bool SecureSum::enough(const Party& party, const std::vector<Share>& shares) const {
    return shares.size() >= secure::threshold_of(party.neighbours.size());
}

std::optional<std::vector<std::int64_t>> SecureSum::sum() const {
    if (contributors_ == 0) return std::nullopt;
    std::vector<std::uint64_t> cells = total_;
    for (const auto& [user, party] : parties_) {
        if (!party.shared) continue;
        const std::size_t threshold = secure::threshold_of(party.neighbours.size());
        if (party.masked) {
            if (!enough(party, party.self)) return std::nullopt;
            secure::apply_mask(round_.ring, secure::key_of(party.self, threshold),
                               secure::Way::subtract, cells,
                               secure::shared_cells(round_.block_of_cell, party.advert.blocks,
                                                    party.advert.blocks));
            continue;
        }
        const bool missed = std::ranges::any_of(
            party.neighbours, [&](UserId other) { return parties_.at(other).masked; });
        if (!missed) continue;
        if (!enough(party, party.masking)) return std::nullopt;
        const Key masking = secure::key_of(party.masking, threshold);
        for (const UserId other : party.neighbours) {
            const Party& neighbour = parties_.at(other);
            if (!neighbour.masked) continue;
            const Key key = secure::derive(secure::agree(masking, neighbour.advert.masking),
                                           "pairwise mask", round_.context);
            // What the neighbour put on is taken off again.
            secure::apply_mask(round_.ring, key,
                               user > other ? secure::Way::subtract : secure::Way::add, cells,
                               secure::shared_cells(round_.block_of_cell, party.advert.blocks,
                                                    neighbour.advert.blocks));
        }
    }
    std::vector<std::int64_t> values(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) values[i] = round_.ring.lift(cells[i]);
    return values;
}

}  // namespace fedhash::server
