#include "scenarios/experiments/row_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>

#include "common/errors.hpp"
#include "scenarios/report/format.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr std::array left_out{
    std::string_view("title"),       std::string_view("data.path"),
    std::string_view("run.port"),    std::string_view("run.transport"),
    std::string_view("run.kernels"), std::string_view("eval.test"),
    std::string_view("run.seed"),    std::string_view("baselines.cache"),
    std::string_view("run.threads"),
};

bool decides(const std::string& key, const Scenario& scenario) {
    if (key == "eval.every") return scenario.run.patience > 0;
    return std::ranges::find(left_out, key) == left_out.end() && !key.starts_with("output.");
}

/// "dcd" for "\"dcd\"": --set takes bare text.
std::string bare(const std::string& toml) {
    const bool quoted = toml.size() >= 2 && toml.front() == '"' && toml.back() == '"';
    const std::string inner = quoted ? toml.substr(1, toml.size() - 2) : toml;
    return quoted && inner.find_first_of("\"\\") == std::string::npos && !inner.empty() ? inner
                                                                                        : toml;
}

/// " --data FOLDER --set KEY=VALUE ..."; nothing when the file cannot be read.
std::optional<std::string> settings_words(const RunRecord& run, const fs::path& presets) {
    const Environment nothing = [](const std::string&) { return std::nullopt; };
    const std::string method = run.settings.scenario.method.name;
    const std::vector<Override> named{{"method.name", method}};
    Loaded usual, file_alone;
    try {
        usual = load(run.scenario, presets, named, nothing);
        file_alone = load(run.scenario, presets, {}, nothing);
    } catch (const Error&) {
        return std::nullopt;
    }
    std::string words;
    if (const std::string& path = run.settings.scenario.data.path; !path.empty())
        words += " --data " + report::shell_word(path);
    // An axis of the file is only taken away by --set, whatever its value.
    const auto is_axis = [&](const std::string& key) {
        return file_alone.sweep &&
               std::ranges::find(file_alone.sweep->over, key, &SweepSection::Axis::key) !=
                   file_alone.sweep->over.end();
    };
    if (file_alone.scenario.method.name != method || is_axis("method.name"))
        words += " --set " + report::shell_word("method.name=" + method);
    for (std::size_t i = 0; i < usual.values.size(); ++i) {
        const Resolved& value = run.settings.values[i];
        if (value.key == "method.name") continue;
        if (is_axis(value.key) ||
            (value.value != usual.values[i].value && decides(value.key, run.settings.scenario)))
            words += " --set " + report::shell_word(value.key + "=" + bare(value.value));
    }
    return words;
}

/// Whether the runs have one split and seeds that follow each other, as `--seeds N` makes them.
bool one_after_the_other(const ComparedRow& row, const std::vector<RunRecord>& runs) {
    const RunRecord& first = runs[row.runs.front()];
    for (std::size_t i = 0; i < row.runs.size(); ++i) {
        const RunRecord& run = runs[row.runs[i]];
        if (run.seed() != first.seed() + i ||
            run.settings.scenario.data.seed != first.settings.scenario.data.seed)
            return false;
    }
    return true;
}

std::string seed_words(const RunRecord& run) {
    return run.seed() == Scenario{}.run.seed ? "" : fmt::format(" --set run.seed={}", run.seed());
}

std::string recorded_command(const RunRecord& run) {
    std::ifstream in(run.folder / "manifest.json", std::ios::binary);
    const nlohmann::json manifest = nlohmann::json::parse(in, nullptr, false);
    return manifest.is_object() ? manifest.value("command", "") : "";
}

}  // namespace

std::vector<std::string> row_commands(const ComparedRow& row, const std::vector<RunRecord>& runs,
                                      const fs::path& presets) {
    const RunRecord& first = runs[row.runs.front()];
    if (row.runs.size() > 1 && !first.scenario.empty() && one_after_the_other(row, runs)) {
        const auto words = settings_words(first, presets);
        if (!words) return {};
        return {fmt::format("fedhash sweep {} --seeds {}{}{}", report::shell_word(first.scenario),
                            row.runs.size(), *words, seed_words(first))};
    }
    std::vector<std::string> commands;
    for (std::size_t i : row.runs) {
        const RunRecord& run = runs[i];
        const auto words = run.scenario.empty() ? std::nullopt : settings_words(run, presets);
        std::string command =
            words ? fmt::format("fedhash run {}{}{}", report::shell_word(run.scenario), *words,
                                seed_words(run))
                  : recorded_command(run);
        if (run.scenario.empty() == !words && !command.empty())
            commands.push_back(std::move(command));
    }
    return commands;
}

}  // namespace fedhash::scenarios
