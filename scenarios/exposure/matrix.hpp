// Attacks against defences: each defence is a run, which all attacks share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/exposure/exposure.hpp"
#include "scenarios/report/table_formats.hpp"

namespace fedhash::scenarios {

/// One run of a defence.
struct DefenceRun {
    std::uint64_t seed = 1;
    nlohmann::json summary;
    std::optional<double> cpu_seconds;  // of coordinator and clients, where they are processes
    ExposureReport report;
};

struct DefenceRow {
    std::string name;
    std::vector<DefenceRun> runs;  // one a seed
};

/// What each defence costs, and what the attacks find against it: means over the seeds.
std::vector<report::TitledTable> matrix_tables(const std::vector<DefenceRow>& rows);

/// defence,seed,attack,name,figure,value,chance,ceiling,low,high,trials,of,refused; costs are
/// figures of an attack of the name "cost".
std::string matrix_csv(const std::vector<DefenceRow>& rows);

}  // namespace fedhash::scenarios
