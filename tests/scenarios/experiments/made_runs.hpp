// Run folders made by hand, with figures that can be checked in one's head: of a level L, HR and
// Recall are L and NDCG is L / 2, a quarter more at 20; the vector's level is 0.1 higher than the
// codes'.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/experiments/run_record.hpp"
#include "scenarios/settings/load.hpp"
#include "scenarios/settings/show.hpp"
#include "tests/common/temp_folder.hpp"

namespace fedhash::tests {

namespace fs = std::filesystem;
using scenarios::Override;

inline const fs::path presets = fs::path(FEDHASH_SCENARIOS) / "methods";

inline scenarios::Environment no_environment() {
    return [](const std::string&) { return std::nullopt; };
}

inline void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

/// NumPy format 1.0, header padded to 64 bytes.
inline std::string npy(const std::vector<float>& values, std::size_t rows, std::size_t columns,
                       const std::string& type = "<f4") {
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" +
                         std::to_string(rows) + ", " + std::to_string(columns) + "), }";
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string text("\x93NUMPY\x01\x00", 8);
    text += static_cast<char>(header.size() & 0xff);
    text += static_cast<char>(header.size() >> 8);
    text += header;
    text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return text;
}

struct MadeRun {
    std::vector<Override> settings;
    double level = 0.3;
    /// A user's value of every metric, by the name of the file in user_metrics.
    std::map<std::string, std::vector<float>> users{};
    std::string hash = "h1", label = "made";
    bool baselines = true;
    std::string outcome = "complete";
    bool tested = true;
    std::vector<std::string> metric_names{"HR@10", "NDCG@10", "Recall@10",
                                          "HR@20", "NDCG@20", "Recall@20"};
    std::vector<std::string> scorings{"codes", "vector"};  // named; these two are measured
    std::vector<std::string> collapse{};                // signs of it
    std::uint32_t uploads_lost = 0;
};

inline nlohmann::json made_metrics(const MadeRun& run, double level) {
    nlohmann::json metrics;
    for (const std::string& name : run.metric_names) {
        const double value =
            level * (name.starts_with("NDCG") ? 0.5 : 1) * (name.ends_with("@20") ? 1.25 : 1);
        metrics[name] = {{"expected", value}, {"optimistic", value}, {"pessimistic", value}};
    }
    return metrics;
}

inline fs::path write_run(const fs::path& folder, const MadeRun& run) {
    const scenarios::Loaded loaded = scenarios::load({}, presets, run.settings, no_environment());
    nlohmann::json summary{{"method", loaded.scenario.method.name},
                           {"bits", loaded.scenario.method.bits},
                           {"seed", loaded.scenario.run.seed},
                           {"outcome", run.outcome},
                           {"rounds", loaded.scenario.run.rounds},
                           {"scorings", run.scorings},
                           {"metric_names", run.metric_names},
                           {"data",
                            {{"label", run.label},
                             {"split", "leave-one-out"},
                             {"candidates", "all items"},
                             {"hash", run.hash},
                             {"seed", loaded.scenario.data.seed}}},
                           {"bytes", {{"up_per_user", 1380.0}, {"down_per_user", 268'000.0}}},
                           {"seconds", {{"rounds", 1.0}, {"total", 2.5}, {"whole_command", 4.0}}}};
    const nlohmann::json both{{"codes", made_metrics(run, run.level)},
                              {"vector", made_metrics(run, run.level + 0.1)}};
    summary["validation"] = both;
    if (run.tested) summary["metrics"] = both;
    summary["code_health"] = {{"collapse", run.collapse}};
    summary["uploads_lost"] = run.uploads_lost;
    if (run.baselines)
        summary["baselines"] = {{"random", made_metrics(run, 0.01)},
                                {"popularity", made_metrics(run, 0.1)},
                                {"ials", made_metrics(run, 0.6)}};
    write(folder / "summary.json", summary.dump(2));
    write(folder / "config.toml", scenarios::write_resolved(loaded));
    for (const auto& [name, values] : run.users) {
        std::vector<float> matrix;
        for (float value : values) matrix.insert(matrix.end(), run.metric_names.size(), value);
        write(folder / "user_metrics" / (name + ".npy"),
              npy(matrix, values.size(), run.metric_names.size()));
    }
    return folder;
}

inline scenarios::RunRecord made_run(const fs::path& folder, const MadeRun& run) {
    return scenarios::read_run(write_run(folder, run), presets);
}

/// What a call is refused with.
template <class Call>
std::string refusal_of(const Call& call) {
    try {
        call();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "accepted";
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace fedhash::tests
