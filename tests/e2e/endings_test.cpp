// Runs that end before their time: somebody kills the coordinator or the launcher, or presses
// Ctrl-C.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

const Words twelve{"run.clients=12", "run.rounds=5"};

std::size_t lines_starting(const std::string& text, const std::string& start) {
    std::size_t count = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) count += line.starts_with(start) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a killed coordinator fails the run in one line and leaves nobody behind") {
    for (const std::string transport : {"run.transport=tcp", "run.transport=unix"}) {
        CAPTURE(transport);
        TempFolder out;
        Hold hold(2, out / "hold");
        Words settings = twelve;
        settings.push_back(transport);
        Environment extra = hold.environment();
        extra["TMPDIR"] = out.path();
        Program run(program("fedhash"), small_run(out / "runs", settings), extra);
        hold.wait_for(12, run);
        const fs::path folder = only_run_folder(out / "runs");
        REQUIRE(kill(server_pid(folder), SIGKILL) == 0);
        const Ended result = run.wait();  // the clients are still held: they must not be waited for
        CAPTURE(result.err);
        run.wait_for_family();
        CHECK(result.code == 1);
        CHECK(lines_starting(result.err, "error: ") == 1);
        CHECK(result.err.find("killed by SIGKILL") != std::string::npos);
        CHECK(json_file(folder / "summary.json").at("outcome") == "failed");
        CHECK(json_file(folder / "manifest.json").at("outcome") == "failed");
        CHECK(!fs::exists(folder / "private"));
        std::size_t sockets = 0;
        for (const auto& entry : fs::directory_iterator(out.path()))
            sockets += entry.path().filename().string().starts_with("fedhash-") ? 1 : 0;
        CHECK(sockets == 0);
    }
}

TEST_CASE("a killed launcher takes the coordinator and the clients with it") {
    TempFolder out;
    Hold hold(2, out / "hold");
    Program run(program("fedhash"), small_run(out / "runs", twelve), hold.environment());
    hold.wait_for(12, run);
    CHECK(run.family().size() == 14);
    REQUIRE(kill(run.pid(), SIGKILL) == 0);
    CHECK(run.wait().code == -SIGKILL);
    run.wait_for_family();  // ctest's TIMEOUT would tell
    const std::string events = contents(only_run_folder(out / "runs") / "events.jsonl");
    CHECK(events.find("\"round\":1") != std::string::npos);
}

TEST_CASE("interruption ends the run with what it has") {
    for (const int signal : {SIGINT, SIGTERM}) {
        CAPTURE(signal);
        TempFolder out;
        Hold hold(3, out / "hold");
        Program run(program("fedhash"), small_run(out / "runs", twelve), hold.environment());
        hold.wait_for(12, run);
        const fs::path folder = only_run_folder(out / "runs");
        REQUIRE(kill(run.pid(), signal) == 0);
        const Ended result = run.wait();  // while every client is held
        CAPTURE(result.err);
        run.wait_for_family();
        CHECK(result.code == 130);
        CHECK(lines_starting(result.err, "error: ") == 0);
        const json summary = json_file(folder / "summary.json");
        CHECK(summary.at("outcome") == "interrupted");
        CHECK(summary.at("rounds") == 2);
        CHECK(csv(folder / "metrics.csv").size() >= 2);
        CHECK(csv(folder / "costs.csv").size() >= 2);
        CHECK(!contents(folder / "item_codes.npy").empty());
        CHECK(!fs::exists(folder / "private"));
    }
}

TEST_CASE("interruption in one process ends the run with what it has") {
    TempFolder out;
    fs::create_directories(out / "runs");  // to watch
    Program run(program("fedhash"), small_run(out / "runs", {"run.transport=in-process",
                                                             "run.rounds=100000", "eval.every=0"}));
    wait_for_entry(out / "runs", run);
    const fs::path folder = only_run_folder(out / "runs");
    wait_for_entry(folder, run, "events.jsonl");
    wait_for_text(folder / "events.jsonl", "\"round\":2", run);
    REQUIRE(kill(run.pid(), SIGINT) == 0);
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 130);
    CHECK(json_file(folder / "summary.json").at("outcome") == "interrupted");
    CHECK(!fs::exists(folder / "private"));
}

TEST_CASE("interruption during the baselines leaves no private file behind") {
    TempFolder out;
    fs::create_directories(out / "runs");
    Words words =
        small_run(out / "runs", {"run.clients=2", "run.rounds=1", "baselines.enabled=true",
                                 "baselines.ials_epochs=1000", "baselines.ials_factors=1024"});
    words.erase(std::find(words.begin(), words.end(), "--no-baselines"));
    Program run(program("fedhash"), words, {{"XDG_CACHE_HOME", out / "cache"}});
    wait_for_entry(out / "runs", run);
    const fs::path folder = only_run_folder(out / "runs");
    wait_for_entry(folder, run, "user_codes.npy");  // made between the run and the baselines
    kill(run.pid(), SIGINT);
    const Ended result = run.wait();
    CAPTURE(result.err);
    run.wait_for_family();
    // By the signal itself when it came in the moment before the baselines began.
    CHECK((result.code == 130 || result.code == -SIGINT));
    CHECK(!fs::exists(folder / "private"));
    if (result.code == 130) CHECK(json_file(folder / "summary.json").at("outcome") == "complete");
}
