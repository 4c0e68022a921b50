// [expect]: what must hold in summary.json at the end of a run.
//
//     [expect]
//     "HR@10" = ">= 0.2"                                    # of the codes: metrics.HR@10.expected
//     "NDCG@10" = "> baselines.popularity.NDCG@10"          # against another number of the summary
//     users_lost = "== 0"
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/settings/scenario.hpp"

namespace fedhash::scenarios {

/// `text` is ">= 0.2". Throws UsageError, which begins with `where`.
Expectation parse_expectation(const std::string& name, std::string_view text,
                              const std::string& where);

/// Metrics and baselines in names must be ones that the run will have: a typo is to surface before
/// the run, not after it. Throws UsageError.
void check_expected(const Scenario& scenario);

/// One line per expectation that does not hold or whose number is null. Throws UsageError for a
/// path that the summary does not have.
std::vector<std::string> failed_expectations(const nlohmann::json& summary,
                                             const std::vector<Expectation>& expectations);

/// ">= 0.2"
std::string condition_text(const Expectation& expectation);

}  // namespace fedhash::scenarios
