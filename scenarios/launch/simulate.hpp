// One experiment from a loaded scenario to a finished run folder.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "common/ids.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

struct Announcer {
    std::function<void(const std::string&)> progress;  // within a step
    std::function<void(const std::string&)> step;      // a step is over
    std::function<void(const std::string&)> say;       // worth keeping: a notice, a loss
};

struct Replay {
    std::filesystem::path run_folder;                    // of the recorded run
    std::vector<std::pair<std::uint32_t, UserId>> lost;  // its uploads that did not count
};

/// `command` is what was typed after the program's name. Runs it, writes the run folder, returns
/// summary.json. A run that was interrupted, or that failed after it had begun, leaves a summary
/// that says so; the failure is then thrown.
nlohmann::json simulate(const Loaded& loaded, const std::string& command, const Announcer& announce,
                        const Replay* replay = nullptr);

/// What simulate would do, in words; makes nothing. Prepares the data, so that errors in it show.
std::string describe_plan(const Loaded& loaded);

/// Everything for a coordinator and clients that are started by hand, on other machines perhaps:
/// `folder`/server.json (the coordinator's options and the run token, 0600), `folder`/shards/N (one
/// for each client, 0600), and the run folder, whose path is returned, with the baselines in it.
/// Throws UsageError when `folder` is there already.
std::filesystem::path deal_for_hosts(Loaded loaded, const std::string& command,
                                     const std::filesystem::path& folder,
                                     const Announcer& announce);

}  // namespace fedhash::scenarios
