// What a device does so that its uploads tell less (docs/privacy.md). All chance in here is a
// function of seed, user and, where it is drawn anew, round: what has to stay the same for good
// does, whenever a device starts again.
#pragma once

#include <span>
#include <string_view>

#include "client/learner.hpp"

namespace fedhash::client {

/// Decoys: rows of items that the user does not have, which look like the others.
struct DecoyKind {
    const char* name;
    bool drawn;
    bool anew;     // in every round
    bool popular;  // drawn by popularity
    const char* about;
};

std::span<const DecoyKind> decoy_kinds();

/// Throws UsageError that lists the known names.
const DecoyKind& find_decoys(std::string_view name);

/// The code as it is said: itself, or (randomised response; Warner, JASA 1965) with each bit turned
/// over with probability privacy.code_lie_q32 / 2^32, drawn anew in every round ("fresh") or once
/// for each value that a bit can have ("permanent"; RAPPOR, Erlingsson, Pihur, Korolova, CCS 2014).
/// Points into `code` or `work`.
CodeView said_code(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
                   CodeView code, Workspace& work);

/// Caps the rows of `said`, then hides them among decoys, whose residuals are copies of the user's
/// own; or says another item set altogether: one in which every item of the user is with
/// probability 1/2, and every other one with privacy.items_lie_q32 / 2^32, once and for all
/// ("unary": optimised unary encoding, Wang et al., USENIX Security 2017); or, in each round, a
/// random set of privacy.items_said in which one of the user's items is with items_true_q32 / 2^32
/// ("subset": padding and sampling, Qin et al., CCS 2016, and subset selection, Ye and Barg, IEEE
/// Trans. Inf. Theory 2018). Spans of `said` then point into `work`.
void protect(const Variant& variant, std::uint64_t seed, const UserData& user,
             const Ranking& ranking, std::uint32_t round, Said& said, Workspace& work);

/// Of what protect() made the decoys alone: the rows of items that the user does not have.
void keep_decoys(const UserData& user, Said& said, Workspace& work);

}  // namespace fedhash::client
