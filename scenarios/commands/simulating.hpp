// What the subcommands that simulate share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenarios/commands/commands.hpp"
#include "scenarios/launch/simulate.hpp"

namespace fedhash::scenarios {

/// What was typed after the program's name, so that it can be typed again.
std::string joined(const char* command, const Words& words);

/// simulate(), telling on standard error how far it is.
nlohmann::json simulate_with_status(const Loaded& loaded, const std::string& command,
                                    const Replay* replay = nullptr);

}  // namespace fedhash::scenarios
