// A bias for every item, beside its code: what least squares would add to all of the item's scores.
// With pulls e_ui and curvatures W_ui of the users that list it (client/objective.hpp), minimise
//
//   sum_{u lists i} -2 e_ui beta + W_ui beta^2  +  c0 sum over all users (s_ui + beta)^2 :
//
//   beta_i = ( e_i - c0 T.d_i ) / ( W_i + c0 m ) ,    T = sum over users of psi(b_u) ,
//
// which grows with the number of an item's raters and levels off where they outweigh c0 m. Popular
// items come first among items whose codes tie, or nearly so. Codes are learnt without it: it is
// added to scores only.
#pragma once

#include "common/aggregate.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

/// In 1/16 of a code unit, less the mean over items. `tables` are what the sums were heard on.
Plane fit_item_bias(const Variant& variant, const Tables& tables, const Aggregate& sums);

}  // namespace fedhash::server
