// What a run prints and leaves behind, what stays private, and the commands around it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

unsigned mode(const fs::path& file) {
    struct stat status {};
    REQUIRE(stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

Words plus(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

Words with_baselines(Words words) {
    words.erase(std::find(words.begin(), words.end(), "--no-baselines"));
    return words;
}

void check_brackets(const json& metrics) {
    for (const std::string name :
         {"HR@5", "HR@10", "HR@20", "NDCG@10", "Recall@10", "Precision@10", "MRR@10", "AUC"}) {
        CAPTURE(name);
        const json& bracket = metrics.at(name);
        CHECK(bracket.at("pessimistic").get<double>() <= bracket.at("expected").get<double>());
        CHECK(bracket.at("expected").get<double>() <= bracket.at("optimistic").get<double>());
    }
}

bool has_escape(const std::string& text) {
    return text.find('\x1b') != std::string::npos || text.find('\r') != std::string::npos;
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (char c : bytes) {
        constexpr const char* digits = "0123456789abcdef";
        text += digits[static_cast<std::uint8_t>(c) >> 4];
        text += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return text;
}

}  // namespace

TEST_CASE("the json on stdout is the summary with every key of the contract") {
    TempFolder out;
    const Ended result =
        run_fedhash(plus(with_baselines(small_run(out / "runs", {"run.clients=3", "run.rounds=2"})),
                         {"--json"}),
                    {{"XDG_CACHE_HOME", out / "cache"}});
    INFO(result.err);
    REQUIRE(result.code == 0);
    const json summary = json::parse(result.out);
    CHECK(summary.at("outcome") == "complete");
    CHECK(summary.at("method") == "dcd-plus");
    CHECK(summary.at("bits") == 64);
    CHECK(summary.at("users") == 200);
    CHECK(summary.at("items") == 300);
    CHECK(summary.at("rounds") == 2);
    CHECK(summary.at("clients") == 3);
    CHECK(summary.at("clients_lost") == 0);
    CHECK(summary.at("users_lost") == 0);
    CHECK(summary.at("scorings") == json({"codes", "vector"}));
    CHECK(summary.at("metrics").size() == 2);
    for (const char* part : {"metrics", "validation"})
        for (const char* way : {"codes", "vector"}) check_brackets(summary.at(part).at(way));
    for (const json& name : summary.at("metric_names"))
        CHECK(summary.at("metrics").at("codes").contains(name));
    for (const char* name : {"random", "popularity", "ials"})
        check_brackets(summary.at("baselines").at(name));
    for (const char* name :
         {"up_per_user_round", "down_per_user_round", "up", "down", "evaluation"})
        CHECK_MESSAGE(summary.at("bytes").at(name).get<double>() > 0, name);
    for (const char* name : {"start", "rounds", "total"})
        CHECK_MESSAGE(summary.at("seconds").at(name).get<double>() >= 0, name);
    CHECK(summary.at("rounds_per_second").get<double>() > 0);
    CHECK(summary == json_file(only_run_folder(out / "runs") / "summary.json"));

    // A random order of 300 items has the relevant one among the first 10 in about one case of 30.
    CHECK(summary.at("baselines").at("random").at("HR@10").at("expected").get<double>() < 0.06);
}

TEST_CASE("a run folder holds every record and nothing private") {
    TempFolder out;
    const fs::path folder = complete_run({"run.clients=3", "run.rounds=2"}, out / "runs");
    for (const char* name :
         {"config.toml", "manifest.json", "metrics.csv", "costs.csv", "users.csv", "events.jsonl",
          "summary.json", "item_codes.npy", "user_codes.npy", "processes.csv"})
        CHECK_MESSAGE(fs::file_size(folder / name) > 0, name);
    for (const char* name :
         {"user_codes.npy", "user_metrics/codes.npy", "user_metrics/vector.npy"}) {
        CAPTURE(std::string(name));
        CHECK(mode(folder / name) == 0600);
    }
    CHECK(!fs::exists(folder / "private"));
    CHECK(!fs::exists(folder / "logs"));  // nobody said anything
    CHECK(contents(folder / "item_codes.npy").starts_with("\x93NUMPY"));
    CHECK(contents(folder / "item_codes.npy").find("'shape': (300, 8)") != std::string::npos);
    CHECK(contents(folder / "user_codes.npy").find("'shape': (200, 8)") != std::string::npos);

    const json manifest = json_file(folder / "manifest.json");
    CHECK(manifest.at("outcome") == "complete");
    CHECK(manifest.at("seed") == 1);
    CHECK(manifest.at("command").get<std::string>().find("fedhash run ") != std::string::npos);
    CHECK(manifest.at("data_hash").get<std::string>().size() == 64);

    const std::vector<Row> metrics = csv(folder / "metrics.csv");
    REQUIRE(metrics.size() == 3);
    CHECK(metrics[0].at("part") == "valid");
    CHECK(metrics[2].at("part") == "test");
    const json summary = json_file(folder / "summary.json");
    for (const std::string name : {"HR@10", "NDCG@20"})
        for (const std::string way : {"codes", "vector"})
            for (const std::string bracket : {"expected", "optimistic"})
                CHECK(std::stod(metrics[2].at(way + "." + name + "." + bracket)) ==
                      doctest::Approx(summary.at("metrics").at(way).at(name).at(bracket))
                          .epsilon(1e-9));
    CHECK(csv(folder / "users.csv").size() == 200);
    std::istringstream events(contents(folder / "events.jsonl"));
    std::size_t rounds = 0;
    for (std::string line; std::getline(events, line);)
        rounds += json::parse(line).at("event") == "round" ? 1 : 0;
    CHECK(rounds == 2);
}

TEST_CASE("the resolved settings of a run repeat it from any folder") {
    TempFolder out;
    const fs::path first =
        complete_run({"run.clients=3", "run.rounds=3", "run.participation=0.5", "method.bits=40"},
                     out / "first");
    const Ended again = run_fedhash({"run", first / "config.toml", "--out", out / "again"});
    INFO(again.err);
    REQUIRE(again.code == 0);
    check_same_bits(first, only_run_folder(out / "again"));

    // Also of data from files, with a relative path.
    fs::create_directories(out / "ml");
    std::string ratings;
    for (int user = 1; user <= 30; ++user)
        for (int item = 1; item <= 12; ++item)
            ratings += std::to_string(user) +
                       "::" + std::to_string((user * 7 + item * item) % 50 + 1) + "::4\n";
    write(out / "ml" / "ratings.dat", ratings);
    const Ended relative =
        run("/usr/bin/env", {"-C", out.path(), program("fedhash"), "run", scenario("ml-1m.toml"),
                             "--data", "ml", "--set", "run.rounds=2", "--set", "eval.negatives=20",
                             "--no-baselines", "--out", "relative"});
    INFO(relative.err);
    REQUIRE(relative.code == 0);
    const fs::path folder = only_run_folder(out / "relative");
    const Ended absolute = run_fedhash({"run", folder / "config.toml", "--out", out / "absolute"});
    INFO(absolute.err);
    REQUIRE(absolute.code == 0);
    check_same_bits(folder, only_run_folder(out / "absolute"));
}

TEST_CASE("the users' own metrics average to the summary's, for every way of scoring") {
    TempFolder out;
    const fs::path folder = complete_run({"run.clients=3", "run.rounds=2"}, out / "runs");
    const json summary = json_file(folder / "summary.json");
    const std::size_t names = summary.at("metric_names").size();
    for (const std::string way : {"codes", "vector"}) {
        const std::string file = contents(folder / "user_metrics" / (way + ".npy"));
        CHECK(file.starts_with("\x93NUMPY"));
        CHECK(file.find("'descr': '<f4'") != std::string::npos);
        CHECK(file.find("'shape': (200, " + std::to_string(names) + ")") != std::string::npos);
        REQUIRE(file.size() > 200 * names * sizeof(float));
        std::vector<float> values(200 * names);
        std::memcpy(values.data(), &file[file.size() - values.size() * sizeof(float)],
                    values.size() * sizeof(float));
        for (std::size_t s = 0; s < names; ++s) {
            const std::string name = summary.at("metric_names").at(s);
            CAPTURE(way);
            CAPTURE(name);
            double sum = 0;
            int measured = 0;
            for (std::size_t u = 0; u < 200; ++u) {
                const float value = values[u * names + s];
                if (std::isnan(value)) continue;
                sum += value;
                ++measured;
            }
            CHECK(measured == summary.at("users_measured"));
            CHECK(sum / measured ==
                  doctest::Approx(summary.at("metrics").at(way).at(name).at("expected")));
        }
    }
}

TEST_CASE("user codes are left out on request") {
    TempFolder out;
    const fs::path folder =
        complete_run({"run.clients=2", "run.rounds=1", "output.user_codes=false"}, out / "runs");
    CHECK(!fs::exists(folder / "user_codes.npy"));
    CHECK(!fs::exists(folder / "user_metrics"));
    CHECK(fs::exists(folder / "item_codes.npy"));
}

TEST_CASE("run folders are never overwritten") {
    TempFolder out;
    const Words words = small_run(out / "runs", {"run.transport=in-process", "run.rounds=1"});
    for (int i = 0; i < 2;
         ++i) {  // four in all, some of them in the same second and at the same time
        Program one(program("fedhash"), words), other(program("fedhash"), words);
        CHECK(one.wait().code == 0);
        CHECK(other.wait().code == 0);
    }
    const std::vector<fs::path> folders = run_folders(out / "runs");
    CHECK(folders.size() == 4);
    for (const fs::path& folder : folders)
        CHECK(json_file(folder / "summary.json").at("run_folder") == folder.string());
}

TEST_CASE(
    "while a run is on its shards are the owner's alone and its token is nowhere to be seen") {
    TempFolder out;
    Hold hold(1, out / "hold");
    Program run(program("fedhash"), small_run(out / "runs", {"run.clients=4", "run.rounds=1"}),
                hold.environment());
    hold.wait_for(4, run);
    const fs::path folder = only_run_folder(out / "runs");
    CHECK(mode(folder / "private") == 0700);
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder / "private")) {
        CHECK_MESSAGE(mode(entry.path()) == 0600, entry.path().string());
        ++files;
    }
    CHECK(files == 4);
    const std::string shard = contents(folder / "private" / "shard-0");
    REQUIRE(shard.size() > 41);
    const std::string token = shard.substr(9, 32);  // after magic and checksum
    CHECK(token == contents(folder / "private" / "shard-3").substr(9, 32));

    const std::vector<pid_t> family = run.family();
    CHECK(family.size() == 6);
    for (pid_t pid : family)
        for (const char* name : {"cmdline", "environ"}) {
            const std::string text = proc_file(pid, name);
            CHECK(!text.empty());
            CHECK(text.find(token) == std::string::npos);
            CHECK(text.find(token.substr(0, 8)) == std::string::npos);
            CHECK(text.find(hex(token).substr(0, 16)) == std::string::npos);
        }
    hold.release();
    CHECK(run.wait().code == 0);
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            const std::string text = contents(entry.path());
            CHECK_MESSAGE(text.find(token) == std::string::npos, entry.path().string());
            CHECK_MESSAGE(text.find(hex(token)) == std::string::npos, entry.path().string());
        }
}

TEST_CASE("over unix sockets the socket is the owner's alone and goes at the end") {
    TempFolder out;
    Hold hold(1, out / "hold");
    Environment extra = hold.environment();
    extra["TMPDIR"] = out.path();
    Program run(program("fedhash"),
                small_run(out / "runs", {"run.clients=2", "run.rounds=1", "run.transport=unix"}),
                extra);
    const std::vector<pid_t> clients = hold.wait_for(2, run);
    const std::string command = proc_file(clients[0], "cmdline");
    const std::size_t at = command.find("unix:");
    REQUIRE(at != std::string::npos);
    const fs::path socket = command.substr(at + 5, command.find('\0', at) - at - 5);
    CHECK(fs::is_socket(socket));
    CHECK((mode(socket) & 077) == 0);
    CHECK(mode(socket.parent_path()) == 0700);
    hold.release();
    CHECK(run.wait().code == 0);
    CHECK(!fs::exists(socket.parent_path()));
}

TEST_CASE("settings come from the environment unless the command line has them") {
    TempFolder out;
    const Words settings{"run.transport=in-process", "run.rounds=2"};
    const fs::path by_line = complete_run(plus(settings, {"run.seed=7"}), out / "line");
    const fs::path by_environment =
        complete_run(settings, out / "environment", {{"FEDHASH_RUN_SEED", "7"}});
    check_same_bits(by_line, by_environment);
    CHECK(json_file(by_environment / "manifest.json").at("seed") == 7);
    const fs::path both =
        complete_run(plus(settings, {"run.seed=7"}), out / "both", {{"FEDHASH_RUN_SEED", "8"}});
    check_same_bits(by_line, both);
    const Ended wrong = run_fedhash(small_run(out / "wrong", {}), {{"FEDHASH_RUN_SEED", "seven"}});
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("FEDHASH_RUN_SEED") != std::string::npos);
}

TEST_CASE("the commands that only look work and change nothing") {
    TempFolder out;
    const fs::path folder = complete_run({"run.clients=2", "run.rounds=2"}, out / "runs");

    const Ended runs = run_fedhash({"runs", out / "runs"});
    CHECK(runs.code == 0);
    CHECK(runs.out.find(folder.filename().string()) != std::string::npos);
    CHECK(runs.out.find("complete") != std::string::npos);

    const Ended config = run_fedhash({"config", scenario("quickstart.toml"), "--set", "run.seed=3"},
                                     {{"FEDHASH_RUN_ROUNDS", "4"}});
    CHECK(config.code == 0);
    for (const char* text :
         {"run.seed = 3", "command line", "run.rounds = 4", "environment FEDHASH_RUN_ROUNDS",
          "run.clients = 8", "quickstart.toml:", "preset methods/dcd-plus.toml:", "default"})
        CHECK_MESSAGE(config.out.find(text) != std::string::npos, text);

    const Ended info = run_fedhash(
        {"data", "info", "--set", "data.format=synthetic", "--set", "data.synthetic.users=50"});
    CHECK(info.code == 0);
    CHECK(info.out.find("50") != std::string::npos);

    const Ended dry = run_fedhash(plus(small_run(out / "dry", {}), {"--dry-run"}));
    CHECK(dry.code == 0);
    CHECK(dry.out.find("dcd-plus") != std::string::npos);
    const Ended many =
        run_fedhash(plus(small_run(out / "dry", {}), {"--dry-run", "--set", "run.clients=4000"}));
    CHECK(many.out.find("run.clients=4000: there are only ") != std::string::npos);
    CHECK(!fs::exists(out / "dry"));

    const Ended replay = run_fedhash({"replay", folder, "--out", out / "replays"});
    CHECK(replay.code == 0);
    const fs::path replayed = only_run_folder(out / "replays");
    check_same_bits(folder, replayed);
    const Ended listed = run_fedhash({"runs", out / "replays"});
    CHECK(listed.out.find("complete, a replay") != std::string::npos);
    const Ended compared = run_fedhash({"compare", replayed});
    CHECK(compared.code == 2);
    CHECK(compared.err.find("left out, it replays " + folder.string()) != std::string::npos);

    for (const Words& words : std::vector<Words>{{"help"},
                                                 {"--help"},
                                                 {"help", "settings"},
                                                 {"version"},
                                                 {"--version"},
                                                 {"run", "--help"},
                                                 {"replay", "--help"},
                                                 {"config", "--help"},
                                                 {"runs", "--help"}}) {
        const Ended help = run_fedhash(words);
        CAPTURE(words[0]);
        CHECK(help.code == 0);
        CHECK(!help.out.empty());
        CHECK(help.err.empty());
    }
    const std::string settings = run_fedhash({"help", "settings"}).out;
    for (const char* key : {"rounds", "participation", "deadline_ms", "bits", "negatives"})
        CHECK_MESSAGE(settings.find(key) != std::string::npos, key);
}

TEST_CASE("a replay notices codes that differ") {
    TempFolder out;
    const fs::path folder =
        complete_run({"run.transport=in-process", "run.rounds=2"}, out / "runs");
    std::string codes = contents(folder / "item_codes.npy");
    codes.back() = static_cast<char>(codes.back() ^ 1);
    write(folder / "item_codes.npy", codes);
    const Ended replay = run_fedhash({"replay", folder, "--out", out / "replays"});
    CHECK(replay.code == 1);
    CHECK(replay.err.find("differ") != std::string::npos);
}

TEST_CASE("expectations of a scenario decide the exit code") {
    TempFolder out;
    const Words quick{"run.transport=in-process", "run.rounds=1"};
    CHECK(run_fedhash(small_run(out / "runs", plus(quick, {"expect.HR@10=>= 0.001"}))).code == 0);
    const Ended missed =
        run_fedhash(small_run(out / "runs", plus(quick, {"expect.HR@10=>= 0.999"})));
    CHECK(missed.code == 1);
    CHECK(missed.err.find("HR@10") != std::string::npos);
}

TEST_CASE("output that is not for a terminal has no escape codes") {
    TempFolder out;
    const Words words = small_run(out / "runs", {"run.clients=2", "run.rounds=2"});
    for (const Environment& extra :
         {Environment{}, Environment{{"TERM", "xterm-256color"}}, Environment{{"NO_COLOR", "1"}}}) {
        const Ended result = run_fedhash(words, extra);
        CHECK(result.code == 0);
        CHECK(!has_escape(result.out));
        CHECK(!has_escape(result.err));
        CHECK(result.out.find("HR@10") != std::string::npos);
    }
    CHECK(!has_escape(run_fedhash({"runs", out / "runs"}, {{"TERM", "xterm"}}).out));
    CHECK(
        !has_escape(run_fedhash({"config", scenario("quickstart.toml")}, {{"TERM", "xterm"}}).out));
}
