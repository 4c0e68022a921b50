// [privacy]: from settings to what devices and the coordinator are told, and what does not go with
// what.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scenarios/data/prepared.hpp"
#include "scenarios/settings/scenario.hpp"
#include "server/options.hpp"

namespace fedhash::scenarios {

/// With which probability a bit is said wrong at this epsilon, 1 / (1 + e^eps), in 2^-32.
std::uint32_t lie_q32(double epsilon);

/// `cohort`: users of a round; the noise of half of them is enough.
PrivacyVariant privacy_variant(const PrivacySettings& settings, std::uint32_t items,
                               std::uint32_t cohort);

/// Refuses what does not protect anything beside the other pieces. Throws UsageError.
void check_privacy(const server::Options& options);

/// What the run claims (scenarios/accounting/statement.hpp), with epsilon by how often a user was
/// heard: {delta, parts: [{what, report, round, reports, run: {name: epsilon}, tightest, open}],
/// users: [{uploads, users, epsilon}]}; an epsilon without a bound is null.
nlohmann::json privacy_json(const server::Options& options, const Prepared& data,
                            const nlohmann::json& summary);

/// Settings that change nothing because what they are of is not asked for.
std::vector<std::string> idle_privacy_notices(const PrivacySettings& settings);

}  // namespace fedhash::scenarios
