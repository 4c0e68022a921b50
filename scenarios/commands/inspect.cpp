// fedhash config, fedhash data info, fedhash runs: look, and change nothing.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/report/table.hpp"
#include "scenarios/settings/show.hpp"

namespace fedhash::scenarios {

namespace {

namespace options = boost::program_options;

/// Of the first way of scoring that has figures.
std::string metrics_pointer(const nlohmann::json& summary) {
    if (summary.contains("scorings") && summary.contains("metrics"))
        for (const nlohmann::json& way : summary.at("scorings"))
            if (summary.at("metrics").contains(way)) return "/metrics/" + way.get<std::string>();
    return "/metrics";
}

std::string number(const nlohmann::json& summary, const std::string& path) {
    const nlohmann::json::json_pointer pointer(path);
    if (!summary.contains(pointer) || !summary.at(pointer).is_number()) return "-";
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", summary.at(pointer).get<double>());
    return text;
}

}  // namespace

int config_command(const Words& words) {
    const auto given =
        parse(words, "fedhash config [FILE] [--set KEY=VALUE]...", scenario_options(), "file");
    if (!given) return exit_ok;
    std::cout << config_text(load_scenario(*given));
    return exit_ok;
}

int data_command(const Words& words) {
    const bool help = !words.empty() && (words[0] == "--help" || words[0] == "-h");
    if (words.empty() || (words[0] != "info" && !help))
        throw UsageError("usage: fedhash data info PATH [--set data.KEY=VALUE]...");
    options::options_description known = scenario_options();
    const auto given = parse({words.begin() + (help ? 0 : 1), words.end()},
                             "fedhash data info PATH [--set data.KEY=VALUE]...", known, "path");
    if (!given) return exit_ok;
    std::vector<Override> overrides;
    if (given->count("path") != 0)
        overrides.push_back({"data.path", (*given)["path"].as<std::string>()});
    if (given->count("set") != 0)
        for (const std::string& item : (*given)["set"].as<std::vector<std::string>>())
            overrides.push_back(parse_override(item));
    const Loaded loaded = load({}, preset_folder(), overrides, process_environment());
    if (loaded.scenario.data.path.empty() && loaded.scenario.data.format != "synthetic")
        throw UsageError(
            "which data? Try: fedhash data info FOLDER, or --set data.format=synthetic for the "
            "built-in data");
    std::cout << describe(loaded.scenario.data);
    return exit_ok;
}

int runs_command(const Words& words) {
    options::options_description known("Options");
    known.add_options()("out",
                        options::value<std::string>()->value_name("DIR")->default_value("runs"),
                        "where run folders are");
    const auto given = parse(words, "fedhash runs [DIR]", known, "dir");
    if (!given) return exit_ok;
    const std::filesystem::path parent = given->count("dir") != 0
                                             ? (*given)["dir"].as<std::string>()
                                             : (*given)["out"].as<std::string>();
    if (!std::filesystem::is_directory(parent))
        throw UsageError(parent.string() +
                         ": no such folder; `fedhash run` makes run folders in output.dir (runs)");

    std::vector<std::filesystem::path> folders;
    std::vector<std::string> sweeps;
    for (const auto& entry : std::filesystem::directory_iterator(parent))
        if (std::filesystem::exists(entry.path() / "manifest.json"))
            folders.push_back(entry.path());
        else if (std::filesystem::exists(entry.path() / "sweep.json"))
            sweeps.push_back(entry.path().string());
    std::sort(sweeps.begin(), sweeps.end());
    std::sort(folders.begin(), folders.end());
    report::Table table;
    table.columns = {{"run", false},  {"outcome", false}, {"bits", true},
                     {"HR@10", true}, {"NDCG@10", true},  {"data", false}};
    for (const std::filesystem::path& folder : folders) {
        std::ifstream in(folder / "summary.json");
        const nlohmann::json summary = nlohmann::json::parse(in, nullptr, false);
        if (summary.is_discarded()) {
            table.rows.push_back({{folder.filename().string()},
                                  {"no summary: still running, or killed"},
                                  {"-"},
                                  {"-"},
                                  {"-"},
                                  {"-"}});
            continue;
        }
        table.rows.push_back(
            {{folder.filename().string()},
             {summary.value("outcome", "-") + (summary.contains("replay_of") ? ", a replay" : "")},
             {summary.contains("bits") ? summary["bits"].dump() : "-"},
             {number(summary, metrics_pointer(summary) + "/HR@10/expected")},
             {number(summary, metrics_pointer(summary) + "/NDCG@10/expected")},
             {summary.contains("data") ? summary["data"].value("label", "-") : "-"}});
    }
    if (!folders.empty())
        std::cout << report::render_cut(table, report::terminal_columns(1), report::style_of(1));
    else if (sweeps.empty())
        std::cout << "no runs in " << parent.string()
                  << " yet; try: fedhash run scenarios/quickstart.toml\n";
    for (const std::string& sweep : sweeps)
        std::cout << "a sweep: " << sweep << " (fedhash compare " << sweep << ")\n";
    return exit_ok;
}

}  // namespace fedhash::scenarios
