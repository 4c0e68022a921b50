// A bias for every item, beside its code: the logarithm of its popularity,
//
//   beta_i = log2(n_i + 10) - mean ,   n_i users of the round's sums list item i ,
//
// one code unit a doubling. Inner products of codes move in steps of two and tie often; a bias puts
// popular items first among those that tie, or nearly so. It is added to scores alone, codes are
// learnt without it. Integers up to the rounding into bias_bits bits. (With feedback `sampled`, n_i
// counts the users that drew the item, too, so beta is flatter.)
//
// What lost: the bias that least squares would add, (e_i - c0 T.d_i) / (W_i + c0 m) with e_i the
// sum of pulls on item i, which grows with popularity and levels off. MovieLens 1M, 64 bits,
// validation HR@10 / NDCG@10: no bias .7618 / .5065, least squares (4 bits) .7610 / .5076, this at
// 4 bits .7629 / .5083, at 8 bits .7647 / .5094, two units a doubling (8 bits) .7615 / .5068.
#pragma once

#include "common/aggregate.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

/// items x 1, in 1/16 of a code unit (of `one` where bits have weights).
Plane fit_item_bias(const Variant& variant, const Aggregate& sums);

}  // namespace fedhash::server
