// What several subcommands share: the scenario file, --set and its short forms.
#pragma once

#include <boost/program_options.hpp>

#include "scenarios/commands/commands.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

/// --data, --set, --winner and --no-baselines.
boost::program_options::options_description setting_options();

/// Those and --out, and FILE as the first word.
boost::program_options::options_description scenario_options();

/// Parses the words; `first` is the name of the positional argument, or empty where
/// there is none; `rest` of those that follow,
/// where any may. Throws UsageError. Prints help and returns nothing when --help was asked for.
std::optional<boost::program_options::variables_map> parse(
    const Words& words, const std::string& usage,
    const boost::program_options::options_description& options, const std::string& first,
    const std::string& rest = {});

/// What setting_options() say, in their order of precedence.
std::vector<Override> setting_overrides(const boost::program_options::variables_map& given);

/// The scenario that FILE and the options describe.
Loaded load_scenario(const boost::program_options::variables_map& given);

/// Where the presets that came with the program are.
std::filesystem::path preset_folder();

}  // namespace fedhash::scenarios
