// What of a round's sums the item rule is given: of noisy item sets an estimate of what exact ones
// would have added up to; nothing of items with too few contributors; and votes for what an item
// is now.
#pragma once

#include "common/aggregate.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

/// Noisy item sets (client/protection.hpp): an item that a report is about is in it with p, another
/// one with q; a report is about one in L of the user's items (common/item_noise.hpp). Where A_i is
/// what was heard of item i and All_i what all users would have said of it,
///   All_i = w (K - 16 H d_i) ,  K = sum t_u psi(b_u)  (common/uplinks/residual.cpp),
/// the expectation of A_i is (p - q) X_i / L + q All_i, X_i of those who have it, so
///   X_i ~ L (A_i - q All_i) / (p - q) ,  n_i ~ L (c_i - q m) / (p - q) ,
/// unbiased, rounded to the nearest; counts below 0 are 0. (Wang et al., USENIX Security 2017, eq.
/// 2, for counts; for rows our derivation.)
void undo_noise(const Variant& variant, const Tables& tables, Aggregate& sums);

/// Of sums with noise in them (common/noise.hpp): no count and no curvature is below 0.
void tame(Aggregate& sums);

/// Leaves out the rows, counts and weights of items with fewer than `contributors`.
void withhold(std::uint32_t contributors, Aggregate& sums);

/// `prior` votes for each bit that an item has: fewer users than these cannot turn it over.
void add_prior(std::uint32_t prior, const Tables& tables, Aggregate& sums);

/// All of it, as the variant says.
void make_usable(const Variant& variant, const Tables& tables, Aggregate& sums);

}  // namespace fedhash::server
