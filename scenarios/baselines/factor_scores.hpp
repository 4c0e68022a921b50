// Ranks users' held-out items by the inner product of real factors.
#pragma once

#include <cstdint>
#include <span>

#include "client/evaluator.hpp"
#include "scenarios/baselines/factors.hpp"

namespace fedhash::scenarios {

/// Metric sums of the users numbered `which` (ascending). In full ranking, scores are computed for
/// blocks of users against the whole catalogue; else only for the candidates. `user_metrics`:
/// empty, or room for users x metrics, of which the rows of `which` are written.
MetricSums measure_factors(const Factors& user_factors, const Factors& item_factors,
                           std::span<const client::UserData> users,
                           std::span<const std::uint32_t> which, client::Part part,
                           const client::Ranking& ranking, std::span<const std::uint32_t> cutoffs,
                           unsigned threads, std::span<float> user_metrics = {});

/// The users that have something held out in this part.
std::vector<std::uint32_t> scored_users(std::span<const client::UserData> users, client::Part part);

}  // namespace fedhash::scenarios
