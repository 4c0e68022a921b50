// Bit weights of similarity `weighted`, fitted by the server from a round's sums. With
// s_ui = sum_a v_a b_ua d_ia and everybody's codes fixed, the objective is a quadratic in v. Around
// the weights v0 that pulls e_ui and curvatures W_ui were said on (client/objective.hpp):
//
//   sum_ui listed  -2 e_ui sum_a (v_a - v0_a) b_ua d_ia  +  W_ui (sum_a (v_a - v0_a) b_ua d_ia)^2
//   + c0 sum over all pairs (sum_a v_a b_ua d_ia)^2 .
//
//   linear part   sum_ui e_ui b_ua d_ia = sum_i d_ia G_ia / v0_a ,    G_i = sum_u e_ui psi(b_u)
//   all pairs     c0 (H o D'D)_ab ,                                    H = sum_u b_u b_u'
//   listed pairs  sum_i d_ia d_ib sum_{u lists i} W_ui b_ua b_ub  ~  (H o M)_ab ,
//                 M = sum_i (W_i / m) d_i d_i'
//
// o is the entrywise product; the last line puts the average user's Gram matrix for the raters', as
// the item rule does (item_steps/curvature.cpp). Hence the normal equations
//
//   [ c0 (H o D'D) + H o M ] v  =  sum_i d_i o G_i / v0  +  (H o M) v0 ,
//
// summed over the bits of a component where components share a weight. The common scale of v is
// free (targets follow it), so the result is scaled to a mean of `one`, moved half of the way to
// equal weights (a bit that weighs more is learnt better and would weigh still more), and rounded
// into 1..most.
#pragma once

#include "common/aggregate.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

/// `tables` are what the sums were heard on.
Plane fit_bit_weights(const Variant& variant, const Tables& tables, const Aggregate& sums);

}  // namespace fedhash::server
