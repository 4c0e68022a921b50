// What users and the coordinator say to each other in a round of secure aggregation (Bonawitz et
// al., CCS 2017, with the graph of Bell et al., CCS 2020). Four questions:
//   1  who is there           every user: two public keys of this round, signed
//   2  who keeps what of it   shares of its two secrets, one pair for each neighbour, sealed
//   3  what it has learnt     its integers, masked
//   4  what is missing        of each neighbour one share: of the mask that a user put on by
//                             itself, where it answered 3; of its pairwise masks' key, where not
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "common/ids.hpp"
#include "common/secure/blocks.hpp"
#include "common/secure/primitives.hpp"
#include "common/secure/ring.hpp"
#include "common/secure/shamir.hpp"

namespace fedhash::secure {

/// What all parties of a round must agree on.
struct Terms {
    Key context{};  // of session, round and a hash of the published tables (round_context)
    Ring ring;
    std::size_t cells = 0;  // integers of a user
    // Of each cell, where users take part in some blocks alone (blocks.hpp); otherwise nothing.
    std::vector<std::uint16_t> block_of_cell = {};
};

/// Users who are shown different tables get different contexts, and nothing of theirs fits.
Key round_context(View session, std::uint32_t round, const Key& tables);

struct Advert {
    UserId user{};
    Key sealing{}, masking{};  // public
    Signature signature{};     // by the user, of signed_part
    BlockSet blocks = {};      // that it takes part in
};

/// What a user signs of its keys: a coordinator that makes keys up, brings those of another round
/// or shows other tables has no signature for it.
Bytes signed_part(const Advert& advert, const Terms& round);

struct SealedShares {
    UserId from{}, to{};
    Bytes sealed;
};

/// Of a user's neighbours that keep its shares.
struct Question {
    std::vector<UserId> alive, dropped;
};

struct Revealed {
    UserId by{};
    std::vector<std::pair<UserId, Share>> self, masking;  // of alive, of dropped neighbours
};

/// With fewer in a round a user has nobody, or one other alone, to keep its secrets.
constexpr std::size_t least_users = 3;

/// Why a user will not go on with a round: the coordinator, or somebody else, does not do as the
/// protocol says, or too few are left.
struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct TooFewLeft : Refusal {
    using Refusal::Refusal;
};

/// The secret that the first `threshold` of these shares are of. Throws as join() does.
Key key_of(const std::vector<Share>& shares, std::size_t threshold);

/// Two shares as bytes: x, the share of the self mask, the share of the masking key.
constexpr std::size_t share_pair_bytes = 1 + 2 * sizeof(Key);

}  // namespace fedhash::secure
