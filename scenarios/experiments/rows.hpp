// The rows of a comparison: runs that differ in their seeds alone are one row, and a row's label
// says what tells it from the others.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/experiments/run_record.hpp"

namespace fedhash::scenarios {

struct ComparedRow {
    std::string label;                 // "dcf, 64 bits, sweeps=7"
    std::vector<std::size_t> runs;     // indices, by data.seed and run.seed; each pair once
    std::vector<std::size_t> repeats;  // runs whose settings and seeds an earlier one had too
    std::string data;  // hashes of the data of its runs: rows with the same text were measured on
                       // the same users, held-out items and candidates
};

/// Rows in the order of their first runs. A label is made of method and bits, and of the settings
/// in which rows of that method differ; a setting in which only other methods differ is named where
/// it departs from the method's preset. Settings that decide no figure - the title, where data,
/// runs and caches are, ports - are ignored, and so is what concerns the baselines.
std::vector<ComparedRow> group_runs(const std::vector<RunRecord>& runs,
                                    const std::filesystem::path& presets);

}  // namespace fedhash::scenarios
