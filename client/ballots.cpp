#include "client/ballots.hpp"

#include <algorithm>
#include <cstring>

#include "common/random.hpp"
#include "common/secure/primitives.hpp"
#include "common/similarity.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/uplinks/votes.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::client {

namespace {

/// +1, -1, or 0 where the user has nothing to say.
int honest_vote(const Variant& variant, const Said& said, const Tables& tables,
                std::span<const std::int32_t> psi, const Ballot& ballot) {
    const auto place = std::ranges::lower_bound(said.items, ItemId{ballot.item});
    if (place == said.items.end() || *place != ItemId{ballot.item}) return 0;
    const auto j = static_cast<std::size_t>(place - said.items.begin());
    const CodeView d = tables.codes.row(ballot.item);
    const int bit = sign(d, ballot.bit);
    std::int64_t others = -bit;
    for (std::uint32_t a = 0; a < variant.bits; ++a) others += sign(d, a);
    return vote_of(bit_pull(said.pulls[j], said.weights[j], psi[ballot.bit], bit),
                   variant.balance_q16, others);
}

/// From a hash: what a stream of random numbers says can be undone to what it will say next, and
/// that is the coins.
std::uint64_t salt_of(std::uint64_t seed, UserId user, std::uint32_t round, std::uint32_t piece) {
    secure::Bytes bytes;
    wire::ByteWriter to(bytes);
    to(seed, static_cast<std::uint32_t>(user), round, piece);
    const secure::Key hash = secure::hash(bytes);
    std::uint64_t salt = 0;
    std::memcpy(&salt, hash.data(), sizeof salt);
    return salt;
}

}  // namespace

void cast_ballots(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
                  std::uint32_t piece, const Tables& tables, Said& said, Workspace& work) {
    said.salt = salt_of(seed, user, round, piece);
    Stream random =
        stream(seed, Purpose::ballots, index(user), round + (std::uint64_t{piece} << 32));
    const std::array<std::int32_t, max_bits> psi =
        psi_of(find_similarity(variant.similarity), said.code, variant.bits,
               tables.plane(PlaneId::bit_weights).values);
    work.ballots.clear();
    for (const Ballot& ballot :
         drawn_ballots(said.salt, variant.privacy.ballots, tables.codes.rows, variant.bits)) {
        const int vote = honest_vote(variant, said, tables, psi, ballot);
        const bool lies = (random() >> 32) < variant.privacy.ballot_lie_q32;
        const int coin = (random() >> 63) != 0 ? 1 : -1;
        work.ballots.push_back(static_cast<std::int8_t>(vote == 0 ? coin : lies ? -vote : vote));
    }
    said.ballots = work.ballots;
}

}  // namespace fedhash::client
