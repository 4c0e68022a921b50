// What attacks were worth, as a table.
#pragma once

#include "scenarios/exposure/exposure.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios {

report::TitledTable exposure_table(const ExposureReport& report);

/// attack,name,figure,value,chance,ceiling,low,high,trials,of,refused,method,round; what the audit
/// tested, and a masked sum, come after the attacks.
std::string exposure_csv(const ExposureReport& report);
/// Without method and round.
std::string exposure_csv_head();
std::vector<std::string> exposure_csv_rows(const ExposureReport& report);

}  // namespace fedhash::scenarios
