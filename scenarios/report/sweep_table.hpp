// What a sweep found, as text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/experiments/sweep.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios::report {

/// Every point with its figures on the validation part (means over the tuning seeds), best first,
/// and the number of trials. Columns: the axes; of each way of scoring HR and NDCG at the cut-off
/// by which the points were ranked. No rows when there was nothing to tune.
TitledTable sweep_table(const SweepResult& result);

/// A row a trial, best point first, the winner's tests last: part (validation or test), the axes,
/// seeds, state, run folder, every figure, reason of a failure.
std::string sweep_csv(const SweepPlan& plan, const SweepResult& result);

/// Numbers of the points, best first; those without a score last, in the grid's order.
std::vector<std::size_t> ranking(const SweepResult& result);

}  // namespace fedhash::scenarios::report
