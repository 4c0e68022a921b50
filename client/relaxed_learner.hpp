// Learners of a private real vector p_u by stochastic gradients, beside items that the server keeps
// as reals (common/relaxed.hpp has the family and its formulas). In a round a device
//
//   lists its items and others that it draws (feedback `sampled`),
//   takes `epochs` passes over groups (client/relaxed_losses.hpp) in batches of eight:
//     p += user_step ( sum over the batch of pull_i scale_i y_i * phi'(p) - decay p ),
//   and says pull_i scale_i phi(p) for every listed item, at its new p: the gradient for y_i up to
//   alpha, which the server's step absorbs.
//
// With `distil` the items that the teacher ranked first pull as well, the r-th (from 0) by
// strength exp(-r/10) (1 - sigma(alpha s)): rank distillation as in BiGeaR (KDD 2022) and Tang and
// Wang (KDD 2018). A device's own code is the sign of its vector once it was fitted to the final
// items. Doubles with + - * / alone, in a fixed order; p is kept in steps of 2^-12.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

std::unique_ptr<const Learner> make_relaxed_learner(const Variant& variant, std::uint64_t seed);

/// phi(p) of what a device has learnt, as of the present tables.
std::vector<double> relaxed_vector(const Variant& variant, const Shared& shared,
                                   const Learnt& learnt);

}  // namespace fedhash::client
