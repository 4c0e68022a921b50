// Scores one user's held-out items on the device.
#pragma once

#include <functional>
#include <span>

#include "client/retrieval/rank_counts.hpp"
#include "client/shard.hpp"
#include "common/measures.hpp"

namespace fedhash::client {

/// Writes the score of items[j] to out[j]; higher is better; finite. Both spans have the same
/// length.
using Scorer = std::function<void(std::span<const ItemId> items, std::span<double> out)>;

/// Adds one user's metrics to `sums`, whose shape is that of `cutoffs` (metric_specs(cutoffs)). A
/// user without held-out items in this part adds nothing. Ties count in expectation, with the
/// bracket beside (client/metrics.hpp).
///
/// `own`, where it is not empty, gets the user's own expected metrics, one per MetricSpec: for the
/// user and whoever runs the simulation, never for the server.
void evaluate(const UserData& user, Part part, const Ranking& ranking,
              std::span<const std::uint32_t> cutoffs, const Scorer& scorer, MetricSums& sums,
              std::span<float> own = {});

/// The same for full ranking by code alone, from counts instead of scores.
void evaluate_by_counts(const UserData& user, Part part, const CodeScore& score,
                        std::span<const std::uint32_t> cutoffs, RankCounts& counts,
                        MetricSums& sums, std::span<float> own = {});

}  // namespace fedhash::client
