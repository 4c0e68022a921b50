// The figures of search-bench as tables: one query at a time, and all queries together.
#pragma once

#include "scenarios/report/table_formats.hpp"
#include "scenarios/search_bench/measure.hpp"

namespace fedhash::scenarios {

report::TitledTable one_by_one_table(const std::vector<SearchRow>& rows);
report::TitledTable together_table(const std::vector<SearchRow>& rows, std::size_t excluded);

/// Every figure of every row, quartiles too.
std::string search_csv(const std::vector<SearchRow>& rows);

}  // namespace fedhash::scenarios
