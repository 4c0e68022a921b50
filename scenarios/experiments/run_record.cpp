#include "scenarios/experiments/run_record.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <fstream>

#include "common/errors.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    json value = json::parse(in, nullptr, false);
    if (!in || !value.is_object())
        throw DataError(file.string() + ": not a JSON object, or it cannot be read");
    return value;
}

std::vector<std::string> texts(const json& summary, const char* key, const fs::path& folder) {
    const auto list = summary.find(key);
    std::vector<std::string> result;
    if (list != summary.end() && list->is_array())
        for (const json& entry : *list)
            if (entry.is_string()) result.push_back(entry.get<std::string>());
    if (result.empty())
        throw DataError(fmt::format(
            "{}: summary.json has no \"{}\": this run was recorded by an older version; run it "
            "again: fedhash run {}",
            folder.string(), key, (folder / "config.toml").string()));
    return result;
}

void add_sweep(const fs::path& folder, FoundRuns& found) {
    const json sweep = read_json(folder / "sweep.json");
    const json::json_pointer runs(sweep.value("all", false) ? "/runs" : "/winner/runs");
    if (!sweep.contains(runs) || !sweep.at(runs).is_array() || sweep.at(runs).empty())
        found.left_out.push_back(
            folder.string() +
            ": left out, this sweep has no winner yet; its command, given again, goes on");
    else
        for (const json& run : sweep.at(runs))
            found.folders.push_back(folder / run.get<std::string>());
}

/// Fills in what the sweep knows that made this run: SWEEP/trials/ID/RUN.
void add_origin(RunRecord& run) {
    const fs::path trials =
        fs::absolute(run.folder / ".").parent_path().parent_path().parent_path();
    const fs::path file = trials.parent_path() / "sweep.json";
    std::error_code error;
    if (trials.filename() != "trials" || !fs::exists(file, error)) return;
    const json sweep = read_json(file);
    run.scenario = sweep.value("scenario", "");
    // Of the winner alone: other trials are not the best of anything.
    const json::json_pointer won("/winner/runs");
    if (!sweep.contains(won)) return;
    for (const json& one : sweep.at(won))
        if (fs::weakly_canonical(trials.parent_path() / one.get<std::string>()) ==
            fs::weakly_canonical(run.folder))
            run.tried = sweep.value("tried", std::size_t{0});
}

bool has_wildcard(const std::string& word) {
    return word.find_first_of("*?[") != std::string::npos;
}

std::vector<fs::path> matches(const std::string& pattern) {
    glob_t found{};
    std::vector<fs::path> paths;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
}

/// Returns whether the path was a run or a sweep.
bool add(const fs::path& path, FoundRuns& found) {
    std::error_code error;
    if (fs::exists(path / "sweep.json", error)) {
        add_sweep(path, found);
        return true;
    }
    if (!fs::exists(path / "summary.json", error) && !fs::exists(path / "manifest.json", error))
        return false;
    found.folders.push_back(path);
    return true;
}

}  // namespace

std::vector<std::string> RunRecord::scorings() const { return texts(summary, "scorings", folder); }

std::vector<std::string> RunRecord::metric_names() const {
    return texts(summary, "metric_names", folder);
}

std::string RunRecord::data(const char* key) const {
    const json::json_pointer at(std::string("/data/") + key);
    return summary.contains(at) && summary.at(at).is_string() ? summary.at(at).get<std::string>()
                                                              : "";
}

std::string unusable(const json& summary) {
    const std::string outcome = summary.value("outcome", "unknown");
    if (outcome != "complete" && outcome != "complete-with-losses" && outcome != "stopped-early")
        return "its outcome is \"" + outcome + "\"";
    if (summary.contains("replay_of"))
        return "it replays " + summary["replay_of"].get<std::string>();
    if (!summary.contains("metrics"))
        return "its test part was not scored (eval.test = false), as in the tuning of a sweep";
    return "";
}

json read_summary(const fs::path& folder) {
    const fs::path file = folder / "summary.json";
    std::error_code error;
    if (fs::exists(file, error)) return read_json(file);
    throw UsageError(folder.string() + (fs::exists(folder / "manifest.json", error)
                                            ? ": this run has no summary yet, or was killed"
                                            : ": not a run folder: it has no summary.json"));
}

RunRecord read_run(const fs::path& folder, const fs::path& presets) {
    const Environment nothing = [](const std::string&) { return std::nullopt; };
    RunRecord run{
        folder, read_summary(folder), load(folder / "config.toml", presets, {}, nothing), {}, 0};
    add_origin(run);
    return run;
}

std::optional<double> figure(const json& summary, const std::vector<std::string>& path) {
    const json* at = &summary;
    for (const std::string& key : path) {
        if (!at->is_object() || !at->contains(key)) return std::nullopt;
        at = &at->at(key);
    }
    if (at->is_object() && at->contains("expected")) at = &at->at("expected");
    return at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

FoundRuns find_runs(const std::vector<std::string>& words) {
    FoundRuns found;
    for (const std::string& word : words) {
        std::error_code error;
        if (fs::exists(word, error)) {
            if (!add(word, found))
                throw UsageError(
                    fmt::format("{}: neither a run folder nor a sweep's; for all that "
                                "are in it: '{}'",
                                word, (fs::path(word) / "*").string()));
            continue;
        }
        bool any = false;
        if (has_wildcard(word))
            for (const fs::path& path : matches(word)) any = add(path, found) || any;
        if (!any)
            throw UsageError(word + (has_wildcard(word) ? ": no run folder matches this"
                                                        : ": no such folder; see fedhash runs"));
    }
    std::vector<fs::path> once, seen;
    for (const fs::path& path : found.folders) {
        const fs::path real = fs::weakly_canonical(path);
        if (std::ranges::find(seen, real) != seen.end()) continue;
        seen.push_back(real);
        once.push_back(path);
    }
    found.folders = std::move(once);
    return found;
}

}  // namespace fedhash::scenarios
