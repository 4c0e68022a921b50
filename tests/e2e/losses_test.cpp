// Clients that die, freeze, come late or never come: named, counted, and replayable.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <set>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

// Long enough for the answers of those who live, which the coordinator does not wait out otherwise.
#if FEDHASH_SANITIZED
constexpr const char* deadline = "run.deadline_ms=12000";
#else
constexpr const char* deadline = "run.deadline_ms=5000";
#endif

void check_replays(const fs::path& recorded, const fs::path& out) {
    const Ended replay = run_fedhash({"replay", recorded, "--out", out});
    INFO(replay.err);
    CHECK(replay.code == 0);
    CHECK(contents(recorded / "item_codes.npy") ==
          contents(only_run_folder(out) / "item_codes.npy"));
}

// Processes' programs of another folder, with a script in place of the client.
fs::path programs_with_client(const fs::path& folder, const std::string& script) {
    fs::create_directories(folder);
    for (const char* name : {"fedhash", "fedhash-server"})
        fs::copy_file(program(name), folder / name);
    write(folder / "fedhash-client", script);
    chmod((folder / "fedhash-client").c_str(), 0755);
    return folder / "fedhash";
}

}  // namespace

TEST_CASE("killed and frozen clients are named and the others finish") {
    TempFolder out;
    Hold hold(2, out / "hold");
    Environment extra = hold.environment();
    Program run(program("fedhash"),
                small_run(out / "runs", {"run.clients=users", "run.rounds=3", deadline}), extra);
    const std::vector<pid_t> waiting = hold.wait_for(200, run);
    const fs::path folder = only_run_folder(out / "runs");
    const std::map<pid_t, std::uint32_t> client_of = clients_by_pid(folder);
    REQUIRE(client_of.size() == 200);

    std::set<std::uint32_t> killed, frozen;
    for (std::size_t i = 0; i < 200; i += 20) {
        REQUIRE(kill(waiting[i], SIGKILL) == 0);
        killed.insert(client_of.at(waiting[i]));
        REQUIRE(kill(waiting[i + 10], SIGSTOP) == 0);
        frozen.insert(client_of.at(waiting[i + 10]));
    }
    hold.release();
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    run.wait_for_family();

    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("outcome") == "complete-with-losses");
    CHECK(summary.at("clients") == 200);
    CHECK(summary.at("rounds") == 3);
    CHECK(summary.at("clients_lost") == 20);
    CHECK(summary.at("users_lost") == 20);
    CHECK(summary.at("uploads_lost") == 40);
    CHECK(summary.at("losses").size() == 20);  // a line a client
    std::set<std::uint32_t> named;
    for (const json& loss : summary.at("losses")) {
        CAPTURE(loss.dump());
        const auto client = loss.at("client").get<std::uint32_t>();
        named.insert(client);
        CHECK(loss.at("round") == 2);
        CHECK(loss.at("rounds") == 2);
        CHECK(loss.at("users") == 1);
        const std::string reason = loss.at("reason");
        CHECK((killed.contains(client) || frozen.contains(client)));
        if (killed.contains(client)) {
            CHECK(reason.starts_with("connection lost"));
            CHECK(loss.at("process") == "killed by SIGKILL");
        } else {
            CHECK(reason == "no answer by the deadline");
        }
    }
    std::set<std::uint32_t> expected = killed;
    expected.insert(frozen.begin(), frozen.end());
    CHECK(named == expected);

    for (const Row& row : csv(folder / "users.csv")) {  // one user each, so client = user
        const bool lost =
            expected.contains(static_cast<std::uint32_t>(std::stoul(row.at("client"))));
        CHECK(row.at("rounds_accepted") == (lost ? "1" : "3"));
    }
    CHECK(result.err.find("lost client") != std::string::npos);
    CHECK(!fs::exists(folder / "private"));
    check_replays(folder, out / "replays");
}

TEST_CASE("a client that answers after the deadline does not count and the run replays") {
    TempFolder out;
    Hold hold(2, out / "hold");
    Program run(program("fedhash"),
                small_run(out / "runs", {"run.clients=20", "run.rounds=6", deadline}),
                hold.environment());
    const std::vector<pid_t> waiting = hold.wait_for(20, run);
    const fs::path folder = only_run_folder(out / "runs");
    const pid_t late = waiting[7];
    const std::uint32_t client = clients_by_pid(folder).at(late);
    REQUIRE(kill(late, SIGSTOP) == 0);
    hold.release();
    wait_for_text(folder / "events.jsonl", "\"lost\"", run);
    REQUIRE(kill(late, SIGCONT) == 0);
    const Ended result = run.wait();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    run.wait_for_family();
    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("outcome") == "complete-with-losses");
    CHECK(summary.at("clients_lost") == 1);
    CHECK(summary.at("users_lost") == 10);  // 200 users on 20 clients
    for (const json& loss : summary.at("losses")) CHECK(loss.at("client") == client);
    check_replays(folder, out / "replays");
}

TEST_CASE("a client that ends before it says hello is lost from the start and the others learn") {
    TempFolder out;
    const fs::path programs = programs_with_client(
        out / "bin", "#!/bin/sh\ncase \"$2\" in */shard-3) exit 7;; esac\nexec '" +
                         program("fedhash-client") + "' \"$@\"\n");
    const Ended result = run(programs, small_run(out / "runs", {"run.clients=8", "run.rounds=2"}));
    CAPTURE(result.err);
    CHECK(result.code == 0);
    const fs::path folder = only_run_folder(out / "runs");
    const json summary = json_file(folder / "summary.json");
    CHECK(summary.at("outcome") == "complete-with-losses");
    CHECK(summary.at("clients_lost") == 1);
    CHECK(summary.at("users_lost") == 25);
    REQUIRE(summary.at("losses").size() >= 1);
    CHECK(summary.at("losses")[0].at("client") == 3);
    CHECK(summary.at("losses")[0].at("round") == 0);
    CHECK(summary.at("losses")[0].at("reason").get<std::string>().find("exit code 7") !=
          std::string::npos);
    check_replays(folder, out / "replays");
}

TEST_CASE("when no client can start the run fails in one line") {
    TempFolder out;
    const fs::path programs =
        programs_with_client(out / "bin", "#!/bin/sh\necho broken >&2\nexit 7\n");
    const Ended result = run(programs, small_run(out / "runs", {"run.clients=8"}));
    CAPTURE(result.err);
    CHECK(result.code == 1);
    CHECK(result.err.find("error: no client is there") != std::string::npos);
    const fs::path folder = only_run_folder(out / "runs");
    CHECK(json_file(folder / "summary.json").at("outcome") == "failed");
    CHECK(contents(folder / "logs" / "clients.log").find("broken") != std::string::npos);
    CHECK(!fs::exists(folder / "private"));
}

TEST_CASE("a program that is missing is named") {
    TempFolder out;
    fs::create_directories(out / "bin");
    fs::copy_file(program("fedhash"), out / "bin" / "fedhash");
    Ended result = run(out / "bin" / "fedhash", small_run(out / "runs", {}));
    CHECK(result.code == 1);
    CHECK(result.err.find("error: cannot start ") != std::string::npos);
    CHECK(result.err.find("fedhash-server: No such file") != std::string::npos);

    fs::copy_file(program("fedhash-server"), out / "bin" / "fedhash-server");
    result = run(out / "bin" / "fedhash", small_run(out / "again", {}));
    CHECK(result.code == 1);
    CHECK(result.err.find("fedhash-client: No such file") != std::string::npos);
    CHECK(!fs::exists(only_run_folder(out / "again") / "private"));
}
