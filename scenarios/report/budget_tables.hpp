// A run's bytes as tables: by message, and round by round beside the quality.
#pragma once

#include "scenarios/experiments/budget.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios::report {

TitledTable message_table(const Budget& budget);

/// `budgets_bytes`: what quality so many bytes per user buy.
TitledTable round_table(const Budget& budget, const std::vector<double>& budgets_bytes);

}  // namespace fedhash::scenarios::report
