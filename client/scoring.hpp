// A user's scores of all items, one way of scoring after the other (common/scoring.hpp). Nothing
// here is sent: what leaves the device are sums of metrics.
#pragma once

#include "client/learner.hpp"
#include "common/scoring.hpp"

namespace fedhash::client {

/// Writes the score of every item; false (and nothing) when the present tables cannot be scored
/// this way. shared.derive() must have been called. `learner` is the method's own.
bool score_items(Scoring scoring, const UserData& user, const Shared& shared, const Learnt& learnt,
                 const Variant& variant, const Learner& learner, Workspace& work,
                 std::vector<double>& scores);

/// scores[i] = x . d_i for every item, by one table look-up per byte of a code.
void score_on_codes(std::span<const double> vector, const Codes& items,
                    std::vector<double>& scores);

/// A vector rounded to odd levels -(2^bits - 1), ..., -1, 1, ..., 2^bits - 1: that is, to `bits`
/// bit planes p of +-1, level = sum of 2^p planes_p. The step covers 1, 1.6 or 2.6 standard
/// deviations for 1, 2, more bits.
std::vector<std::int32_t> odd_levels(std::span<const double> vector, std::uint32_t bits);

}  // namespace fedhash::client
