#include "scenarios/experiments/sweep_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "common/errors.hpp"
#include "scenarios/launch/processes.hpp"
#include "scenarios/launch/run_folder.hpp"
#include "scenarios/settings/show.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using State = TrialOutcome::State;

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw RunError(fmt::format("{}: cannot make this folder: {}; choose another one with --out",
                                   folder.string(), error.message()));
}

std::optional<json> json_in(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    json value = json::parse(in, nullptr, false);
    if (!value.is_object()) return std::nullopt;
    return value;
}

/// What a program said when it gave up, or how it ended.
std::string reason_of(const fs::path& log, int wait_status) {
    constexpr std::string_view opening = "error: ";
    std::ifstream in(log);
    std::string reason;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(opening)) reason = line.substr(opening.size());
    return reason.empty() ? describe_exit(wait_status) : reason;
}

/// The run folder that a trial made; empty when there is none.
fs::path run_in(const fs::path& trial) {
    for (const auto& entry : fs::directory_iterator(trial))
        if (fs::exists(entry.path() / "summary.json")) return entry.path();
    return {};
}

}  // namespace

std::string name(State state) {
    return state == State::finished ? "finished" : state == State::failed ? "failed" : "open";
}

SweepFolder::SweepFolder(fs::path folder, const json& identity)
    : folder_(fs::absolute(folder).lexically_normal()) {
    const auto earlier = json_in(folder_ / "sweep.json");
    std::error_code error;
    if (!earlier && fs::exists(folder_, error) && !fs::exists(folder_ / "lock", error) &&
        !fs::is_empty(folder_, error))
        throw UsageError(fmt::format(
            "{}: this folder holds something else than a sweep; choose another one with --out",
            folder_.string()));
    for (const auto& [key, value] : identity.items())
        if (earlier && (!earlier->contains(key) || earlier->at(key) != value))
            throw UsageError(
                fmt::format("{}: this folder holds a sweep of other settings or axes (its \"{}\" "
                            "differs); choose another one with --out",
                            folder_.string(), key));
    make_folder(folder_ / "trials");
    const fs::path lock = folder_ / "lock";
    lock_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) throw RunError(lock.string() + ": cannot write: " + std::strerror(errno));
    if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
    close(lock_);
    throw UsageError(folder_.string() + ": this sweep is going on already, in another process");
}

SweepFolder::~SweepFolder() { close(lock_); }

fs::path SweepFolder::trial(const std::string& id) const { return folder_ / "trials" / id; }

TrialOutcome SweepFolder::outcome(const std::string& id) const {
    const auto recorded = json_in(trial(id) / "trial.json");
    if (!recorded) return {};
    const fs::path run = recorded->value("run", "");
    if (recorded->value("state", "") == "failed")
        return {State::failed, {}, recorded->value("reason", "")};
    // Somebody may have tidied up.
    if (run.empty() || !fs::exists(folder_ / run / "summary.json")) return {};
    return {State::finished, run, ""};
}

Child SweepFolder::begin(const std::string& id, Loaded loaded) const {
    const fs::path folder = trial(id);
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    make_folder(folder);
    loaded.scenario.output.dir = folder.string();
    loaded.scenario.expect.clear();  // it speaks of one run's test figures
    write_text(folder / "config.toml", write_resolved(loaded));
    return {{"run", (folder / "config.toml").string()}, folder / "output.log"};
}

TrialOutcome SweepFolder::end(const std::string& id, int wait_status) const {
    const fs::path folder = trial(id);
    TrialOutcome outcome;
    const fs::path run = run_in(folder);
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0 && !run.empty()) {
        outcome.state = State::finished;
        outcome.run = run.lexically_relative(folder_);
    } else {
        outcome.state = State::failed;
        outcome.reason = reason_of(folder / "output.log", wait_status);
    }
    write("trials/" + id + "/trial.json", json{{"state", name(outcome.state)},
                                               {"run", outcome.run.string()},
                                               {"reason", outcome.reason}}
                                                  .dump(2) +
                                              "\n");
    return outcome;
}

void SweepFolder::write(const std::string& name, const std::string& text) const {
    const fs::path file = folder_ / name, unfinished = folder_ / (name + ".part");
    write_text(unfinished, text);
    fs::rename(unfinished, file);
}

}  // namespace fedhash::scenarios
