// sweep.json: what a sweep is, how far it came and what it found. `fedhash compare` reads the
// winner's runs from it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/experiments/sweep.hpp"

namespace fedhash::scenarios {

/// "base" and "axes": what makes two invocations the same sweep. `base` are the settings without
/// the axes.
nlohmann::json sweep_identity(const Loaded& base, const std::vector<Axis>& axes);

/// sweep.json: the identity, all settings of the base, every point with its score and its trials,
/// and, once it was tested, the winner with its "runs". `state` is "running" or how it ended.
nlohmann::json sweep_json(const SweepPlan& plan, const SweepResult& result,
                          const std::string& state);

}  // namespace fedhash::scenarios
