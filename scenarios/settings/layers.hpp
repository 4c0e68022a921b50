// What one source says about settings - a TOML file, the environment, the command line - before
// sources are merged.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "scenarios/settings/load.hpp"
#include "scenarios/settings/table.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios::settings {

struct Assignment {
    const Setting* setting;
    Value value;
    std::string where;   // opens the error message
    std::string origin;  // stays with the value
};

/// What one source says.
struct Layer {
    std::vector<Assignment> assignments;
    std::vector<Expectation> expectations;
    std::optional<SweepSection> sweep;
    std::vector<DefenceSection> defences;
};

/// `origin_file` is what origins call the file; error messages have its real path. Throws
/// UsageError for anything that is not a setting or not allowed, the first such thing in the file.
Layer file_layer(const std::filesystem::path& file, const std::string& origin_file);

Layer environment_layer(const Environment& environment);

Layer command_line_layer(std::span<const Override> overrides);

/// Names of the .toml files in a folder, sorted; none when it cannot be read.
std::vector<std::string> toml_files(const std::filesystem::path& folder);

}  // namespace fedhash::scenarios::settings
