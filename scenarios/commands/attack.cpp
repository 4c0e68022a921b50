// fedhash attack: what a curious coordinator learns of users from what they upload, of one run or
// of one for each defence.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/commands/simulating.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/data/small_csv.hpp"
#include "scenarios/exposure/exposure_table.hpp"
#include "scenarios/exposure/matrix.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/process_costs.hpp"
#include "scenarios/playback/playback.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {
namespace {

namespace options = boost::program_options;

struct Asked {
    std::vector<std::string> attacks;  // empty: all
    std::uint32_t round = 0;
    std::string format;
};

std::vector<std::string> list_of(const std::string& text) {
    if (text == "all") return {};
    return cells_of(text, ',');
}

/// A record with the settings of its run.
struct Recorded {
    Record record;
    Scenario scenario;
};

Recorded read_recorded(const std::filesystem::path& run, const std::vector<Override>& overrides) {
    Recorded recorded{read_record(run), {}};
    if (!recorded.record.complete) std::cerr << "note: " << early_end(recorded.record) << '\n';
    const Environment nothing = [](const std::string&) { return std::nullopt; };
    recorded.scenario = load(run / "config.toml", preset_folder(), overrides, nothing).scenario;
    return recorded;
}

ExposureReport attack_record(const Recorded& recorded, const Asked& asked) {
    return expose_run(recorded.record, recorded.scenario.method.name,
                      prepare(recorded.scenario.data), asked.round, asked.attacks);
}

/// Before it has run: whether it can, and its uploads can be attacked.
void check_scenario(const Scenario& scenario, const Asked& asked) {
    const server::Options options = plan(scenario, prepare(scenario.data), {});
    check_attackable(options.variant, scenario.run.rounds, asked.round);
}

/// Ctrl-C waits for its end.
class SignalsHeld {
  public:
    SignalsHeld() {
        sigset_t stops;
        sigemptyset(&stops);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, signal);
        pthread_sigmask(SIG_BLOCK, &stops, &before_);
    }
    ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

  private:
    sigset_t before_{};
};

struct RecordedRun {
    nlohmann::json summary;
    Recorded recorded;
};

/// Runs a scenario and records it. The record holds all uploads and can be made again: unless it is
/// wanted, its file is gone before the attacks begin.
RecordedRun record_run(Loaded loaded, const std::string& command) {
    const bool is_wanted = std::exchange(loaded.scenario.output.record, true);
    RecordedRun run{simulate_with_status(loaded, command), {}};
    const std::filesystem::path folder = run.summary.at("run_folder").get<std::string>();
    const auto remove_record = [&] {
        if (!is_wanted) std::filesystem::remove(folder / record_name);
    };
    const SignalsHeld held;  // until the record is gone
    try {
        if (run.summary.at("outcome") == "interrupted")
            throw Error(exit_interrupted, "interrupted: a run that did not end was not attacked (" +
                                              folder.string() + ")");
        run.recorded = read_recorded(folder, {});
    } catch (...) {
        remove_record();
        throw;
    }
    remove_record();
    std::cerr << "run folder: " << folder.string()
              << (is_wanted ? "\n" : " (without its record: --record keeps it)\n");
    return run;
}

/// The run in a folder, or a scenario, which is run first.
Recorded recorded_of(const options::variables_map& given, const Words& words, const Asked& asked) {
    const std::filesystem::path file = given["file"].as<std::string>();
    if (std::filesystem::is_directory(file)) {
        const std::vector<Override> overrides = setting_overrides(given);
        const bool of_data_alone = std::ranges::all_of(
            overrides, [](const Override& one) { return one.key == "data.path"; });
        if (!of_data_alone || given.count("out") != 0)
            throw UsageError(
                "settings are of a scenario file; the run in this folder was made with its own "
                "(--data says where its data are now)");
        return read_recorded(file, overrides);
    }
    const Loaded loaded = load_scenario(given);
    if (loaded.sweep)
        throw UsageError(loaded.file + ": this file has a [sweep]; attack one of its runs");
    check_scenario(loaded.scenario, asked);
    return record_run(loaded, joined("attack", words)).recorded;
}

constexpr std::int64_t most_seeds = 1000;

std::uint32_t round_of(std::int64_t round) {
    if (round < 0 || round > std::numeric_limits<std::uint32_t>::max())
        throw UsageError(fmt::format("--round {}: from 1 on, please, or 0 for the last", round));
    return static_cast<std::uint32_t>(round);
}

std::string text_of(const report::TitledTable& table, const std::string& format) {
    if (format == "markdown") return report::markdown_text(table);
    if (format == "latex") return report::latex_text(table);
    const std::size_t columns = report::terminal_columns(1);
    return report::terminal_text(table, report::style_of(1), columns == 0 ? 110 : columns);
}

void fail_where(bool violated) {
    if (violated)
        throw RunError("an attack found more than the claimed epsilon allows: see the audit above");
}

void attack_one(const options::variables_map& given, const Words& words, const Asked& asked) {
    const ExposureReport report = attack_record(recorded_of(given, words, asked), asked);
    std::cout << (asked.format == "csv" ? exposure_csv(report)
                                        : text_of(exposure_table(report), asked.format));
    fail_where(report.violated());
}

/// Of the processes that have ended: the coordinator and its clients.
double cpu_seconds_of_children() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return cpu_seconds(usage);
}

/// The defences that were asked for, in the file's order.
std::vector<DefenceSection> chosen(const Loaded& loaded, const std::string& list) {
    if (loaded.defences.empty())
        throw UsageError(loaded.file +
                         ": no [defences] in this file; scenarios/privacy.toml has some");
    std::vector<std::string> names;
    for (const DefenceSection& one : loaded.defences) names.push_back(one.name);
    const std::vector<std::string> wanted = list_of(list);
    for (const std::string& name : wanted)
        if (std::ranges::find(names, name) == names.end())
            throw UsageError(fmt::format("no defence '{}' in {}; there is {}", name, loaded.file,
                                         fmt::join(names, ", ")));
    if (wanted.empty()) return loaded.defences;
    std::vector<DefenceSection> defences;
    for (const DefenceSection& one : loaded.defences)
        if (std::ranges::find(wanted, one.name) != wanted.end()) defences.push_back(one);
    return defences;
}

Loaded load_defended(const options::variables_map& given, const DefenceSection& defence,
                     std::uint64_t seed_step) {
    std::vector<Override> overrides = defence.settings;
    if (given.count("out") != 0)
        overrides.push_back({"output.dir", given["out"].as<std::string>()});
    for (Override& one : setting_overrides(given)) overrides.push_back(std::move(one));
    Loaded loaded =
        load(given["file"].as<std::string>(), preset_folder(), overrides, process_environment());
    loaded.scenario.run.seed += seed_step;
    return loaded;
}

DefenceRun run_defended(const Loaded& loaded, const std::string& command, const Asked& asked) {
    const double before = cpu_seconds_of_children();
    RecordedRun recorded = record_run(loaded, command);
    DefenceRun run{loaded.scenario.run.seed, std::move(recorded.summary), {}, {}};
    if (loaded.scenario.run.transport != "in-process")
        run.cpu_seconds = cpu_seconds_of_children() - before;
    run.report = attack_record(recorded.recorded, asked);
    return run;
}

void print_matrix(const std::vector<DefenceRow>& rows, const std::string& format) {
    if (format == "csv") {
        std::cout << matrix_csv(rows);
        return;
    }
    bool first = true;
    for (const report::TitledTable& table : matrix_tables(rows))
        std::cout << (std::exchange(first, false) ? "" : "\n") << text_of(table, format);
}

void check_defence(const options::variables_map& given, const DefenceSection& defence,
                   const Asked& asked) try {
    check_scenario(load_defended(given, defence, 0).scenario, asked);
} catch (const Error& error) {
    throw Error(error.code(), fmt::format("defence '{}': {}", defence.name, error.what()));
}

void attack_matrix(const options::variables_map& given, const Words& words, const Asked& asked,
                   const std::string& list) {
    const auto seeds = given["seeds"].as<std::int64_t>();
    if (seeds < 1 || seeds > most_seeds)
        throw UsageError(fmt::format("--seeds {}: from 1 to {}, please", seeds, most_seeds));
    const std::vector<DefenceSection> defences = chosen(load_scenario(given), list);
    // The first mistake in any of them is told before the first run.
    for (const DefenceSection& defence : defences) check_defence(given, defence, asked);
    std::vector<DefenceRow> rows;
    try {
        for (const DefenceSection& defence : defences) {
            std::cerr << fmt::format("defence {} of {}: {}\n", rows.size() + 1, defences.size(),
                                     defence.name);
            DefenceRow row{defence.name, {}};
            for (std::int64_t i = 0; i < seeds; ++i) {
                Loaded loaded = load_defended(given, defence, static_cast<std::uint64_t>(i));
                // All of them have the same data and the same baselines.
                loaded.scenario.baselines.enabled &= rows.empty() && i == 0;
                row.runs.push_back(run_defended(loaded, joined("attack", words), asked));
            }
            rows.push_back(std::move(row));
        }
    } catch (...) {
        // What is finished may have taken long.
        if (!rows.empty()) print_matrix(rows, asked.format);
        std::cout << std::flush;
        throw;
    }
    print_matrix(rows, asked.format);
    const auto is_violated = [](const DefenceRun& run) { return run.report.violated(); };
    const bool violated = std::ranges::any_of(
        rows, [&](const DefenceRow& row) { return std::ranges::any_of(row.runs, is_violated); });
    fail_where(violated);
}

}  // namespace

int attack_command(const Words& words) {
    options::options_description known = scenario_options();
    const auto text = [](const char* name, const char* standard) {
        return options::value<std::string>()->value_name(name)->default_value(standard);
    };
    known.add_options()("attacks", text("LIST", "all"), "such as A1,A4")(
        "defences", options::value<std::string>()->value_name("LIST"),
        "of the file's [defences], by name, or all: one run each")(
        "seeds", options::value<std::int64_t>()->value_name("N")->default_value(1),
        "runs of each defence, with run.seed and those after it")(
        "round", options::value<std::int64_t>()->value_name("N")->default_value(0),
        "whose uploads are attacked; 0 = the last")("format", text("FORMAT", "terminal"),
                                                    "terminal, csv, markdown or latex");
    const auto given = parse(words,
                             "fedhash attack RUN|FILE [--attacks LIST] [--defences LIST] [--seeds "
                             "N] [--round N] [--format FORMAT] [--data PATH] [--set KEY=VALUE]...",
                             known, "file");
    if (!given) return exit_ok;
    if (given->count("file") == 0)
        throw UsageError(
            "which run, or which scenario? Try: fedhash attack scenarios/quickstart.toml");
    const Asked asked{list_of((*given)["attacks"].as<std::string>()),
                      round_of((*given)["round"].as<std::int64_t>()),
                      (*given)["format"].as<std::string>()};
    if (asked.format != "terminal" && asked.format != "csv" && asked.format != "markdown" &&
        asked.format != "latex")
        throw UsageError("--format '" + asked.format +
                         "': there is terminal, csv, markdown and latex");
    check_attacks(asked.attacks);
    const bool is_run = std::filesystem::is_directory((*given)["file"].as<std::string>());
    if (given->count("defences") != 0 && is_run)
        throw UsageError("--defences: each is a run of its own; give a scenario file, not a run");
    if (given->count("defences") != 0)
        attack_matrix(*given, words, asked, (*given)["defences"].as<std::string>());
    else if (!is_run && !load_scenario(*given).defences.empty())
        attack_matrix(*given, words, asked, "all");
    else if ((*given)["seeds"].as<std::int64_t>() != 1)
        throw UsageError("--seeds counts runs of a defence; this file has no [defences]");
    else
        attack_one(*given, words, asked);
    return exit_ok;
}

}  // namespace fedhash::scenarios
