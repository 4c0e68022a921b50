// The user step of implicit ALS (Hu, Koren, Volinsky, ICDM 2008) on published item vectors z_i
// (codes or real factors), with a prior:
//
//   M = a0 sum over all g_i z_i z_i' + sum over observed z_i z_i' + lambda I
//   v = sum over observed z_i + a0 kappa (sum over all g_i z_i y_i') t ,     x = M^-1 v
//
// t is the user's own vector on the teacher's factors y: an unseen pair should score kappa times
// what the teacher gives it, instead of 0. M and v are exact integers times powers of two where
// they come from items; the solve is in doubles, in a fixed order.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

struct RidgeTerms {
    double interaction = 0;  // a0
    double prior = 0;        // kappa; 0, or no teacher vector, or no mixing plane: no prior
    double ridge = 0;        // lambda
};

/// Fills work.normal (M, row-major) and work.right (v) on the published codes; `with_bias`: on
/// [d_i, 1, bias_i], the last two rows and columns being the constant's and the bias's.
void lower_on_codes(const UserData& user, const Shared& shared, const Learnt& learnt,
                    const RidgeTerms& terms, bool with_bias, Workspace& work);
/// The same on the published factors.
void lower_on_factors(const UserData& user, const Shared& shared, const Learnt& learnt,
                      const RidgeTerms& terms, Workspace& work);

/// M^-1 v of what was lowered; zeros when v is.
std::vector<double> solve_ridge(const Workspace& work);

/// sqrt(n_u + a0 n): the ridge of a vector on codes; flat around it.
double code_ridge(std::size_t observed, double interaction, std::size_t items);

/// In steps of 2^-fraction, clamped to what an upload can say.
std::vector<std::int16_t> in_steps(std::span<const double> vector, int fraction = vector_fraction);

}  // namespace fedhash::client
