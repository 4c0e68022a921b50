// What people see at the end of a run, from summary.json: how it ended, the metrics beside the
// baselines, what it cost, who was lost, where the results are and what to try next.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenarios/report/table.hpp"

namespace fedhash::scenarios::report {

/// At most `columns` wide, and at most 100; 0 = unknown (not a terminal). Keys that are absent or
/// null become dashes or are left out.
std::string final_text(const nlohmann::json& summary, const Style& style, std::size_t columns = 0);

}  // namespace fedhash::scenarios::report
