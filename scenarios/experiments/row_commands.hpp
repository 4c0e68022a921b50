// The commands that make a row of a comparison again, from the scenario file that it came from.
//
//     fedhash sweep scenarios/ml-1m.toml --data FOLDER --seeds 3 --set method.name=enc --set ...
//
// What is set is where the runs depart from the file and their method's preset, found by loading
// both; how the runs were started does not matter. Left out is what decides no figure: title, port,
// transport, threads, kernels, output, and how often a run was measured on the way when nothing
// depended on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/experiments/rows.hpp"

namespace fedhash::scenarios {

/// One command for all seeds where they follow each other, else one for each run. A run that no
/// sweep made has been made by the command in its manifest. None when the scenario file is not
/// where the sweep found it, seen from here.
std::vector<std::string> row_commands(const ComparedRow& row, const std::vector<RunRecord>& runs,
                                      const std::filesystem::path& presets);

}  // namespace fedhash::scenarios
