// From a scenario file, the environment and the command line to one Scenario, each value with its
// origin.
//
// Command line > environment > file > preset > default. The preset is methods/NAME.toml beside the
// scenario file, or in the folder of presets that came with the program; NAME is method.name as the
// layers above it have it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/settings/scenario.hpp"

namespace fedhash::scenarios {

/// `--set key=value`. The value is TOML, or bare text where the setting is text; a list may go
/// without its brackets.
struct Override {
    std::string key, value;
    std::string origin = "command line";  // opens error messages, and stays with the value
};

struct Resolved {
    std::string key;
    std::string value;   // as TOML
    std::string origin;  // "default", "preset methods/dcd-plus.toml:3:1", "scenarios/x.toml:12:9",
                         // "environment FEDHASH_RUN_SEED", "command line"
};

/// [sweep] of a scenario file: what `fedhash sweep` does with it when the command line says nothing
/// else.
struct SweepSection {
    struct Axis {
        std::string key;
        std::vector<std::string> values;  // as TOML, text bare
        std::string where;                // "x.toml:5:1"
    };
    std::vector<Axis> over;              // [sweep.over], in the file's order
    std::optional<std::uint64_t> seeds;  // sweep.seeds
    bool all = false;                    // sweep.all: every point is tested, none is chosen
};

/// One line of [defences].
struct DefenceSection {
    std::string name;
    std::vector<Override> settings;
};

struct Loaded {
    Scenario scenario;
    std::vector<Resolved> values;  // every setting, in the table's order
    std::string file;              // as given; empty when there is none
    std::optional<SweepSection> sweep;
    std::vector<DefenceSection> defences;  // in the file's order
};

/// The value of an environment variable; nothing or "" when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// That of this process. Throws UsageError when a variable is named like a setting and is none.
Environment process_environment();

/// [method] but its name, and what else belongs to a method: run.rounds, run.participation.
bool preset_may_set(std::string_view key);

/// "FEDHASH_RUN_SEED" for "run.seed".
std::string environment_name(std::string_view key);

/// `file` may be empty: defaults, then. Throws UsageError.
Loaded load(const std::filesystem::path& file, const std::filesystem::path& presets,
            std::span<const Override> overrides, const Environment& environment);

/// Splits "run.seed=3". Throws UsageError.
Override parse_override(const std::string& text);

}  // namespace fedhash::scenarios
