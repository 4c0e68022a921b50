// The metrics of a run beside its baselines.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scenarios/report/table.hpp"

namespace fedhash::scenarios::report {

/// "NDCG@10": at 10 when it was measured, else at the middle cut-off; "" when nothing was.
std::string headline_metric(const nlohmann::json& summary);

/// Rows: codes (with what the luckiest and unluckiest order of ties would give), codes with a
/// private real user vector, random, popularity, iALS. Columns: HR and NDCG at each cut-off, Recall
/// at the largest where it differs from HR, AUC, share of iALS. What does not fit into `width` is
/// left out, the headline last. The best of a column is bold, the ceiling apart. No rows when
/// nothing was measured.
Table metrics_table(const nlohmann::json& summary, std::size_t width);

/// "dcf loses to popularity: NDCG@10 0.0312 against 0.0450.", for each way of scoring and each
/// baseline it loses to.
std::vector<std::string> defeats(const nlohmann::json& summary);

}  // namespace fedhash::scenarios::report
