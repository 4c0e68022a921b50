// The run folder: made anew for every run, never overwritten.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenarios/data/prepared.hpp"

namespace fedhash::scenarios {

/// PARENT/2026-11-23T16-40-01_NAME, with -2, -3, ... where that exists; inside it `private/` (mode
/// 0700) and `logs/`. Throws RunError.
std::filesystem::path make_run_folder(const std::filesystem::path& parent, const std::string& name);

/// Writes a text file. Throws RunError naming it; tells when the disk is full.
void write_text(const std::filesystem::path& file, const std::string& text);

/// users.index.csv and items.index.csv: which id of the data stands behind each index of users.csv
/// and the .npy files.
void write_indexes(const std::filesystem::path& folder, const Prepared& data);

/// Program and library versions, the machine, and when.
nlohmann::json describe_machine();
std::string now_utc();

}  // namespace fedhash::scenarios
