// A comparison of runs as text: how well, at what cost, and how sure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/experiments/comparison.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios::report {

/// Metrics as mean ± deviation over seeds, with marks where the test says that a line differs from
/// the reference, and where popularity does better; shares of the ceiling. Metrics that do not fit
/// into `width` (0 = there is no limit) are left out, the headline last, and named in a note.
TitledTable quality_table(const Comparison& comparison, std::size_t width = 0);

/// Bytes of a user in the whole run, rounds, seconds, settings tried: a line a row.
TitledTable cost_table(const Comparison& comparison);

/// Of lines scored by codes: how far ties may move the metrics shown, items that tie at the last
/// place of a list, and how balanced, correlated and shared the items' codes are. Columns that
/// nothing has are left out; no rows without codes.
TitledTable code_table(const Comparison& comparison);

/// Lines by bytes of a user in the whole run, cheapest first; those that nothing else is both as
/// cheap and better than are marked. Baselines, which cost nothing here, follow.
TitledTable front_table(const Comparison& comparison);

/// Difference, interval and p of the headline metric, or of the first one there is. No rows without
/// a test.
TitledTable test_table(const Comparison& comparison);

/// A row a line: everything, of all metrics.
std::string comparison_csv(const Comparison& comparison);

/// Which parts of a comparison are shown; CSV always has all.
struct ComparisonParts {
    bool quality = true, codes = false, cost = true, tests = true, commands = false,
         front = false;
};

/// Of "quality", "codes", "cost", "front", "tests", "commands"; without names the usual ones. Throws
/// UsageError.
ComparisonParts chosen_parts(const std::vector<std::string>& names);

/// "terminal", "csv", "markdown" or "latex".
struct ComparisonFormat {
    std::string_view name;
    std::string (*text)(const Comparison&, const ComparisonParts&, const Style&,
                        std::size_t width);  // of the terminal
};

/// Throws UsageError with the known names.
const ComparisonFormat& find_comparison_format(const std::string& name);

}  // namespace fedhash::scenarios::report
