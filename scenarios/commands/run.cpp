// fedhash run, fedhash replay: simulate, then show.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "common/temporary_folder.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/commands/simulating.hpp"
#include "scenarios/launch/simulate.hpp"
#include "scenarios/playback/playback.hpp"
#include "scenarios/report/final_table.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/status_line.hpp"
#include "scenarios/settings/expectations.hpp"

namespace fedhash::scenarios {

namespace {

namespace options = boost::program_options;

int show(const nlohmann::json& summary, const std::vector<Expectation>& expect, bool as_json) {
    if (as_json)
        std::cout << summary.dump(2) << '\n';
    else
        std::cout << report::final_text(summary, report::style_of(1), report::terminal_columns(1))
                  << '\n';
    std::cout.flush();
    if (summary["outcome"] == "interrupted" || summary.value("baselines_interrupted", false))
        return exit_interrupted;
    const std::vector<std::string> failed = failed_expectations(summary, expect);
    for (const std::string& line : failed) std::cerr << "expectation failed: " << line << '\n';
    return failed.empty() ? exit_ok : exit_run_failed;
}

}  // namespace

int run_command(const Words& words) {
    options::options_description known = scenario_options();
    known.add_options()("json", "print summary.json instead of the table")(
        "dry-run", "say what would be done, and do nothing");
    const auto given = parse(words,
                             "fedhash run FILE [--data PATH] [--set KEY=VALUE]... [--winner SWEEP] "
                             "[--out DIR] [--record] [--json] [--no-baselines] [--dry-run]",
                             known, "file");
    if (!given) return exit_ok;
    if (given->count("file") == 0)
        throw UsageError("which scenario? Try: fedhash run scenarios/quickstart.toml");
    const Loaded loaded = load_scenario(*given);
    if (loaded.sweep)
        throw UsageError(loaded.file +
                         ": this file has a [sweep], which is many runs; fedhash sweep " +
                         loaded.file + " makes them");
    if (given->count("dry-run") != 0) {
        std::cout << describe_plan(loaded);
        return exit_ok;
    }
    const nlohmann::json summary = simulate_with_status(loaded, joined("run", words), nullptr);
    return show(summary, loaded.scenario.expect, given->count("json") != 0);
}

int deal_command(const Words& words) {
    options::options_description known = setting_options();
    known.add_options()("to", options::value<std::string>()->value_name("FOLDER"),
                        "a folder to be made")("record",
                                               "keep every frame in record.bin (output.record)");
    const auto given =
        parse(words,
              "fedhash deal FILE --to FOLDER [--data PATH] [--set KEY=VALUE]... [--record] "
              "[--no-baselines]",
              known, "file");
    if (!given) return exit_ok;
    if (given->count("file") == 0 || given->count("to") == 0)
        throw UsageError(
            "which scenario, and where to? Try: fedhash deal scenarios/quickstart.toml --to dealt");
    const std::filesystem::path folder = (*given)["to"].as<std::string>();
    report::StatusLine status = report::StatusLine::on_stderr();
    const Announcer announce{[&status](const std::string& text) { status.progress(text); },
                             [&status](const std::string& text) { status.step(text); },
                             [&status](const std::string& text) { status.say(text); }};
    const Loaded loaded = load_scenario(*given);
    const std::filesystem::path run =
        deal_for_hosts(loaded, joined("deal", words), folder, announce);
    status.erase();
    std::uint32_t clients = 0;
    while (std::filesystem::exists(folder / "shards" / std::to_string(clients))) ++clients;
    std::cout << fmt::format(
        "Dealt    {0} to {1}\n"
        "Server   fedhash-server --options {1}/server.json --run {2} --listen tcp:ADDRESS:PORT\n"
        "Clients  fedhash-client --shard {1}/shards/N --connect tcp:ADDRESS:PORT --wait 60, N from "
        "0 to {3}\n"
        "{5}Copy to each machine what it needs and nothing else: a shard holds its users' ratings "
        "and\nthe run token. The server waits {4} for clients (run.start_deadline_ms).\n",
        report::counted(clients, "client", "clients"), folder.string(), run.string(), clients - 1,
        report::duration_text(1e-3 * loaded.scenario.run.start_deadline_ms),
        std::filesystem::exists(folder / "shuffler")
            ? fmt::format("Shuffler fedhash-shuffler --keys {}/shuffler --connect "
                          "tcp:ADDRESS:PORT --wait 60, not where the server runs\n",
                          folder.string())
            : "");
    return exit_ok;
}

namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// Drives a new coordinator from a record, without devices, and compares what it said and came to.
int replay_record(const std::filesystem::path& file) {
    const Record record = read_record(file);
    const TemporaryFolder folder;
    const PlayedBack played = play_back(record, folder.path());
    std::cout << fmt::format("{} from {} frames, without a device: {}\n",
                             report::counted(played.rounds, "whole round", "whole rounds"),
                             report::count_text(record.frames.size()),
                             played.frames_other == 0
                                 ? "the coordinator said the same, byte for byte"
                                 : fmt::format("{} of the coordinator's frames differ",
                                               report::count_text(played.frames_other)));
    if (!record.complete)
        throw RunError(
            fmt::format("{}: {}; there is no end to compare", file.string(), early_end(record)));
    const std::filesystem::path before = file.parent_path();
    bool same = played.frames_other == 0, compared = false;
    for (const char* name : {"item_codes.npy", "item_factors.npy", "metrics.csv"}) {
        if (!std::filesystem::exists(before / name)) continue;
        const bool equal = contents(before / name) == contents(folder.path() / name);
        same = same && equal;
        compared = true;
        std::cout << fmt::format("{}: {}\n", name, equal ? "the same, bit for bit" : "differs");
    }
    if (!compared)
        std::cout << "no codes beside the record to compare: replay it in its run folder\n";
    return same ? exit_ok : exit_run_failed;
}

}  // namespace

// Runs a recorded run again in one process, leaving out exactly the uploads that did not count, and
// compares the codes.
int replay_command(const Words& words) {
    options::options_description known("Options");
    known.add_options()("out", options::value<std::string>()->value_name("DIR"),
                        "make the run folder in DIR")("json",
                                                      "print summary.json instead of the table");
    const auto given =
        parse(words, "fedhash replay RUN-FOLDER|FILE [--out DIR] [--json]", known, "run");
    if (!given) return exit_ok;
    if (given->count("run") == 0) throw UsageError("which run? Try: fedhash runs");
    const std::filesystem::path folder = (*given)["run"].as<std::string>();
    if (!std::filesystem::exists(folder))
        throw UsageError(folder.string() + ": there is no such file or folder");
    if (!std::filesystem::is_directory(folder)) {
        if (given->count("out") != 0 || given->count("json") != 0)
            throw UsageError(
                "--out and --json are of the replay of a run folder; a record is "
                "heard again, and compared, without leaving one");
        return replay_record(folder);
    }
    std::ifstream events(folder / "events.jsonl");
    if (!events) throw UsageError(folder.string() + ": not a run folder: it has no events.jsonl");

    std::ifstream recorded_summary(folder / "summary.json");
    const nlohmann::json before = nlohmann::json::parse(recorded_summary, nullptr, false);
    const std::string outcome = before.is_object() ? before.value("outcome", "") : "";
    if (outcome != "complete" && outcome != "complete-with-losses" && outcome != "stopped-early")
        throw UsageError(folder.string() + ": this run did not reach its end (outcome \"" +
                         outcome + "\"), so there are no final codes to compare a replay with");

    Replay replay{folder, {}};
    for (std::string line; std::getline(events, line);) {
        const nlohmann::json event = nlohmann::json::parse(line, nullptr, false);
        if (event.is_discarded())
            throw DataError((folder / "events.jsonl").string() +
                            ": a line is not JSON: " + line.substr(0, 60));
        if (event.value("event", "") != "lost") continue;
        for (const auto& user : event.at("users"))
            replay.lost.emplace_back(event.at("round").get<std::uint32_t>(),
                                     UserId{user.get<std::uint32_t>()});
    }
    std::vector<Override> overrides{{"run.transport", "in-process"},
                                    {"network.real_time", "false"}};
    if (given->count("out") != 0)
        overrides.push_back({"output.dir", (*given)["out"].as<std::string>()});
    Loaded loaded = load(folder / "config.toml", preset_folder(), overrides, process_environment());
    // Not as settings: what the recorded run was expected to do may name a baseline.
    loaded.scenario.baselines.enabled = false;
    loaded.scenario.expect.clear();
    nlohmann::json summary = simulate_with_status(loaded, joined("replay", words), &replay);

    const std::string recorded = contents(folder / "item_codes.npy");
    const bool same =
        !recorded.empty() &&
        recorded == contents(std::filesystem::path(summary["run_folder"]) / "item_codes.npy");
    const int code = show(summary, {}, given->count("json") != 0);
    std::cerr << (same ? "replayed: the item codes are the recorded ones, bit for bit\n"
                       : "replayed: the item codes differ from the recorded ones\n");
    return same ? code : exit_run_failed;
}

}  // namespace fedhash::scenarios
