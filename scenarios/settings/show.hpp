// Settings as text for people and for the run folder.
#pragma once

#include <string>

#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

/// `fedhash config FILE`: every key with its value and, as a comment, its origin. Valid TOML.
std::string config_text(const Loaded& loaded);

/// config.toml of a run folder: every setting by section, with its help. Relative data paths are
/// made absolute, so that it can be run again from any folder. load() of it gives the same
/// scenario.
std::string write_resolved(const Loaded& loaded);

/// `fedhash help settings`: by section, key = default, meaning, what is allowed. At most 100
/// columns.
std::string settings_help();

}  // namespace fedhash::scenarios
