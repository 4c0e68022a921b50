// sweep.json: what a sweep is, how far it came and what it found. `fedhash compare` reads the
// winner's runs from it.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scenarios/experiments/sweep.hpp"

namespace fedhash::scenarios {

/// "base", "axes" and, where every point is tested, "all": what makes two invocations the same
/// sweep. `base` are the settings without the axes.
nlohmann::json sweep_identity(const Loaded& base, const std::vector<Axis>& axes, bool all = false);

/// What won in a finished sweep.
struct Winner {
    std::vector<Override> settings;  // the method's name, and a value of each axis
    std::size_t tried = 0;           // points that were tried until then
};

/// Throws UsageError when the folder holds no sweep, or one without a winner yet.
Winner read_winner(const std::filesystem::path& folder);

/// sweep.json: the identity, all settings of the base, every point with its score and its trials,
/// how many were "tried" (those
/// before it included), and, once it was tested, the winner with its "runs"; where every point is
/// tested, the "runs" of all. `state` is "running" or how it ended.
nlohmann::json sweep_json(const SweepPlan& plan, const SweepResult& result,
                          const std::string& state);

}  // namespace fedhash::scenarios
