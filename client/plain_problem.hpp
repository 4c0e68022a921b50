// A user's problem where it is at its plainest: the loss is exact (one curvature W for all listed
// items), an item counts as its code of -1 and +1, and nothing is added to the problem:
//
//   alpha A = 16 c0 Phi + W M ,   c = sum of z d ,
//
// Phi and M the Gram matrices of all and of the listed items, z the pulls at a score of zero (an
// exact quadratic is the same around every point, and there no score has to be computed). Where one
// of the two has no weight, A is the other as it is. Everything is popcounts over bit planes.
#pragma once

#include "client/learner.hpp"
#include "common/quadratic.hpp"

namespace fedhash::client {

/// From work.listed, and from work.pulls and work.weights in 1/16 as the objective gives them at
/// scores of zero; at least one item is listed. Fills work.wide with sum of W d. The problem points
/// into `shared` and `work`.
Quadratic plain_problem(const Shared& shared, std::uint32_t interaction, Workspace& work);

}  // namespace fedhash::client
