// What attacks were worth, as a table.
#pragma once

#include "scenarios/exposure/exposure.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios {

report::TitledTable exposure_table(const ExposureReport& report);

/// attack,name,figure,value,chance,ceiling,low,high,trials,of,refused
std::string exposure_csv(const ExposureReport& report);
std::string exposure_csv_head();
std::string exposure_csv_row(const Exposure& one);

}  // namespace fedhash::scenarios
