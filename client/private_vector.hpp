// Asymmetric scoring: item codes on one side, a private real user vector on the other. The vector
// is fitted on the device to the published codes and never leaves it:
//
//   x_u = ( a0 D'D + sum over rated d_i d_i' + lambda_u I )^-1  sum over rated d_i ,   lambda_u =
//   sqrt(n_u + a0 n)
//
// which is the user step of implicit ALS (Hu, Koren, Volinsky, ICDM 2008) with codes as item
// factors.
#pragma once

#include <vector>

#include "client/learner.hpp"

namespace fedhash::client {

/// k doubles. Reproducible: fixed order, no fused operations.
std::vector<double> fit_private_vector(const UserData& user, const Shared& shared, double a0,
                                       Workspace& work);

/// scores[i] = x . d_i for every item, by one table look-up per byte of a code.
void score_private_vector(std::span<const double> vector, const Codes& items,
                          std::vector<double>& scores);

}  // namespace fedhash::client
