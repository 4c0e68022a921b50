// A whole run in this process on data of the generator: coordinator, sessions, coders and frames,
// everything but sockets.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/data/prepared.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/settings/load.hpp"
#include "tests/common/temp_folder.hpp"

namespace fedhash::tests {

inline scenarios::Prepared generated(std::uint32_t users, std::uint32_t items) {
    scenarios::DataSettings settings;
    settings.format = "synthetic";
    settings.synthetic.users = users;
    settings.synthetic.items = items;
    return scenarios::prepare(settings);
}

/// The settings of a preset with changes on top, whatever the environment says.
inline scenarios::Scenario with_preset(const std::string& name,
                                       std::vector<scenarios::Override> changes = {}) {
    changes.insert(changes.begin(), {"method.name", name});
    return scenarios::load({}, std::filesystem::path(FEDHASH_SCENARIOS) / "methods", changes,
                           [](const std::string&) { return std::nullopt; })
        .scenario;
}

/// The coordinator's summary. Throws what a run throws.
inline nlohmann::json run_here(const scenarios::Scenario& scenario,
                               const scenarios::Prepared& data) {
    const TempFolder folder;
    scenarios::Job job{&data, scenarios::plan(scenario, data, {}), folder.path(), false, 0, {}};
    job.on_event = [](const nlohmann::json&) {};
    return scenarios::run_in_one_process(job);
}

}  // namespace fedhash::tests
