// A finished run, read back from its folder.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

struct RunRecord {
    std::filesystem::path folder;
    nlohmann::json summary;
    Loaded settings;  // config.toml alone: the environment does not reach back

    // Of a run that a sweep made, else empty and 0.
    std::string scenario;   // file that the sweep was given
    std::size_t tried = 0;  // settings that were tried on validation before this one was chosen

    std::vector<std::string> scorings() const;      // "codes", "vector", ... in summary's order
    std::vector<std::string> metric_names() const;  // columns of user_metrics
    /// "label", "split", "candidates", or "hash": the same for the same users, held-out items and
    /// candidates. "" when the summary does not tell.
    std::string data(const char* key) const;
    std::uint64_t seed() const { return settings.scenario.run.seed; }
};

/// Why a run is not to be compared: "interrupted", "its test part was not scored", "it replays
/// ...". Empty when it is.
std::string unusable(const nlohmann::json& summary);

/// Throws UsageError for a folder that is none of a run, DataError for one whose files are damaged
/// or of another version.
RunRecord read_run(const std::filesystem::path& folder, const std::filesystem::path& presets);

/// summary.json of a run folder. Throws as above.
nlohmann::json read_summary(const std::filesystem::path& folder);

/// The expectation over ties of one metric of one part ("validation") or baseline; nothing when it
/// was not measured.
std::optional<double> figure(const nlohmann::json& summary, const std::vector<std::string>& path);

struct FoundRuns {
    std::vector<std::filesystem::path> folders;
    std::vector<std::string> left_out;  // sweeps without a winner yet
};

/// Run folders that the words name, in their order and each once: run folders, sweep folders (their
/// winner's runs) and globs. Throws UsageError for a word that names none.
FoundRuns find_runs(const std::vector<std::string>& words);

}  // namespace fedhash::scenarios
