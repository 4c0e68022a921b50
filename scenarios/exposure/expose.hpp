// The attacks, each with the side knowledge that is declared for it, and what they are worth.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenarios/exposure/score.hpp"

namespace fedhash::scenarios {

/// Pairs of a user and an item, the first of each two an item that the user has, the second one
/// that it has not, both drawn by popularity. Of users of the attacked round, and of all users every
/// n-th alone, so that there are about so many at most.
std::vector<std::pair<UserId, ItemId>> asked_pairs(const Truth& truth, std::size_t most_users);

/// All attacks on what was seen, in the table's order; `ids`: these alone, empty = all. `sight`
/// needs no side knowledge: what an attack may have of it is given here.
std::vector<Exposure> expose(attacks::Sight sight, const Truth& truth,
                             const std::vector<std::string>& ids);

}  // namespace fedhash::scenarios
