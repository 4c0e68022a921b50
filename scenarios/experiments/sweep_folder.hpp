// The folder of a sweep, which is also its memory:
//
//     sweep.json            axes, base, points, winner, state
//     sweep.csv             a row a trial
//     trials/ID/            ID is a hash of the trial's settings
//         config.toml       what was run
//         output.log        what it said
//         trial.json        how it ended; not there while it is open
//         2026-..._dcd-64_s1/   its run folder
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenarios/experiments/children.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

struct TrialOutcome {
    enum class State { open, finished, failed };
    State state = State::open;
    std::filesystem::path run;  // of a finished one, from the sweep's folder
    std::string reason;         // of a failed one
};

/// "open", "finished", "failed".
std::string name(TrialOutcome::State state);

class SweepFolder {
  public:
    /// Makes the folder, or takes up the sweep in it; it is ours alone until this object goes.
    /// `identity` are the members of sweep.json that the sweep in it must have too. Throws
    /// UsageError when the folder holds something else or is in use.
    SweepFolder(std::filesystem::path folder, const nlohmann::json& identity);
    ~SweepFolder();
    SweepFolder(const SweepFolder&) = delete;
    SweepFolder& operator=(const SweepFolder&) = delete;

    const std::filesystem::path& path() const { return folder_; }

    TrialOutcome outcome(const std::string& id) const;

    /// Clears what an unfinished attempt left, writes config.toml, and says what to start.
    Child begin(const std::string& id, Loaded loaded) const;

    /// Records how a trial's process ended.
    TrialOutcome end(const std::string& id, int wait_status) const;

    /// Writes one of the sweep's own files, whole or not at all.
    void write(const std::string& name, const std::string& text) const;

  private:
    std::filesystem::path trial(const std::string& id) const;

    std::filesystem::path folder_;
    int lock_ = -1;
};

}  // namespace fedhash::scenarios
