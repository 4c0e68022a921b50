// fedhash attack: what a curious coordinator learns of users from what they upload.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/commands/simulating.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/data/small_csv.hpp"
#include "scenarios/exposure/exposure_table.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {
namespace {

namespace options = boost::program_options;

/// A scenario is run first, and recorded; returns the run folder.
std::filesystem::path run_of(const options::variables_map& given, const Words& words) {
    const std::filesystem::path file = given["file"].as<std::string>();
    if (std::filesystem::is_directory(file)) {
        if (!setting_overrides(given).empty())
            throw UsageError(
                "settings are of a scenario file; the run in this folder was made with its own");
        return file;
    }
    Loaded loaded = load_scenario(given);
    if (loaded.sweep)
        throw UsageError(loaded.file + ": this file has a [sweep]; attack one of its runs");
    loaded.scenario.output.record = true;
    const nlohmann::json summary = simulate_with_status(loaded, joined("attack", words));
    return summary.at("run_folder").get<std::string>();
}

std::vector<std::string> attacks_of(const std::string& list) {
    if (list == "all") return {};
    return cells_of(list, ',');
}

std::string text_of(const ExposureReport& report, const std::string& format) {
    if (format == "csv") return exposure_csv(report);
    const report::TitledTable table = exposure_table(report);
    if (format == "markdown") return report::markdown_text(table);
    if (format == "latex") return report::latex_text(table);
    return report::terminal_text(table, report::style_of(1), 110);
}

}  // namespace

int attack_command(const Words& words) {
    options::options_description known = scenario_options();
    known.add_options()("attacks",
                        options::value<std::string>()->value_name("LIST")->default_value("all"),
                        "such as A1,A4")(
        "round", options::value<std::uint32_t>()->value_name("N")->default_value(0),
        "whose uploads are attacked; 0 = the last")(
        "format", options::value<std::string>()->value_name("FORMAT")->default_value("terminal"),
        "terminal, csv, markdown or latex");
    const auto given = parse(words,
                             "fedhash attack RUN|FILE [--attacks LIST] [--round N] [--format "
                             "FORMAT] [--data PATH] [--set KEY=VALUE]...",
                             known, "file");
    if (!given) return exit_ok;
    if (given->count("file") == 0)
        throw UsageError(
            "which run, or which scenario? Try: fedhash attack scenarios/quickstart.toml");
    const std::string format = (*given)["format"].as<std::string>();
    if (format != "terminal" && format != "csv" && format != "markdown" && format != "latex")
        throw UsageError("--format '" + format + "': there is terminal, csv, markdown and latex");
    const std::vector<std::string> ids = attacks_of((*given)["attacks"].as<std::string>());

    const std::filesystem::path run = run_of(*given, words);
    const Record record = read_record(run);
    const Environment nothing = [](const std::string&) { return std::nullopt; };
    const Loaded loaded = load(run / "config.toml", preset_folder(), {}, nothing);
    const ExposureReport report =
        expose_run(record, loaded.scenario.method.name, prepare(loaded.scenario.data),
                   (*given)["round"].as<std::uint32_t>(), ids);
    std::cout << text_of(report, format);
    return exit_ok;
}

}  // namespace fedhash::scenarios
