// Randomised votes on cells of the whole catalogue (common/uplinks/ballots.cpp): a user tells the
// same amount of every item, those it has and those it has not (after Minto, Haller, Livshits,
// Haddadi, RecSys 2021, who send so many randomised entries of a gradient).
#pragma once

#include "client/learner.hpp"
#include "common/tables.hpp"

namespace fedhash::client {

/// Casts privacy.ballots of them into said.salt and said.ballots; the latter points into `work`.
/// A vote of an item in said.items is said as it is with probability 1 - privacy.ballot_lie_q32 /
/// 2^32, otherwise as its opposite; of an item that is not there, and of a vote of 0, a coin says.
/// Each ballot is epsilon-private for epsilon = log((1 - lie) / lie), whatever the user has.
/// `piece`: of an upload that goes in several, each of which has such ballots of its own.
void cast_ballots(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
                  std::uint32_t piece, const Tables& tables, Said& said, Workspace& work);

}  // namespace fedhash::client
