// Sweeps from the outside: what is tuned on what, what an interrupt leaves, what a failure does,
// and that `fedhash compare` reads the result.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;
using nlohmann::json;

namespace {

enum Code { complete = 0, failed = 1, usage = 2, interrupted = 130 };

/// A sweep over small generated data on three clients a run; `more` are axes and options.
Words small_sweep(const fs::path& folder, const Words& more) {
    Words words{"sweep", scenario("quickstart.toml"), "--out", folder};
    for (const char* setting :
         {"data.synthetic.users=120", "data.synthetic.items=150", "run.clients=3", "run.rounds=2",
          "baselines.ials_factors=4", "baselines.ials_epochs=1"}) {
        words.emplace_back("--set");
        words.emplace_back(setting);
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::vector<json> trials_of(const json& sweep) {
    std::vector<json> trials;
    for (const json& point : sweep.at("points"))
        for (const json& trial : point.at("trials")) trials.push_back(trial);
    return trials;
}

std::size_t count(const std::vector<json>& trials, const std::string& state) {
    return static_cast<std::size_t>(
        std::count_if(trials.begin(), trials.end(),
                      [&state](const json& trial) { return trial.at("state") == state; }));
}

void check_refused(const Words& arguments, const Words& told) {
    std::string shown;
    for (const std::string& word : arguments) shown += word + " ";
    CAPTURE(shown);
    const Ended result = run_fedhash(arguments);
    CAPTURE(result.err);
    CHECK(result.code == usage);
    CHECK(result.out.empty());
    CHECK(result.err.find("error: ") != std::string::npos);
    for (const std::string& text : told)
        CHECK_MESSAGE(result.err.find(text) != std::string::npos, text);
}

}  // namespace

TEST_CASE("a sweep chooses on validation, tests the winner alone, and can be compared") {
    TempFolder out;
    const fs::path folder = out / "sweep";
    const Environment extra{{"XDG_CACHE_HOME", out / "cache"}, {"FEDHASH_METHOD_BITS", "128"}};
    const Ended result =
        run_fedhash(small_sweep(folder, {"method.bits=8,64", "--seeds", "2"}), extra);
    CAPTURE(result.err);
    REQUIRE(result.code == complete);

    const json sweep = json_file(folder / "sweep.json");
    CHECK(sweep.at("state") == "complete");
    double best = -1;
    std::string best_bits;
    for (const json& point : sweep.at("points"))
        if (const double score = point.at("validation"); score > best) {
            best = score;
            best_bits = point.at("settings").at("method.bits");
        }
    CHECK(sweep.at("winner").at("settings").at("method.bits") == best_bits);
    for (const json& trial : trials_of(sweep)) {
        const json summary =
            json_file(folder / trial.at("run").get<std::string>() / "summary.json");
        CHECK(!summary.contains("metrics"));
        CHECK(!summary.contains("baselines"));
        CHECK(summary.contains("validation"));
    }
    REQUIRE(sweep.at("winner").at("runs").size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        const fs::path run = folder / sweep.at("winner").at("runs")[i].get<std::string>();
        const json summary = json_file(run / "summary.json");
        CHECK(summary.contains("metrics"));
        CHECK(summary.at("seed") == i + 1);
        CHECK(std::to_string(summary.at("bits").get<int>()) == best_bits);
    }
    CHECK(result.out.find("4 trials: 4 finished, 2 of them to test the winner.") !=
          std::string::npos);
    CHECK(result.out.find("popularity") != std::string::npos);

    for (const char* format : {"terminal", "markdown", "latex"}) {
        const Ended shown =
            run_fedhash({"compare", folder, "--format", format, "--baseline", "popularity"});
        CAPTURE(shown.err);
        CHECK(shown.code == complete);
        CHECK(shown.out.find("iALS") != std::string::npos);
        CHECK(shown.out.find("differs from popularity") != std::string::npos);
    }
    const Ended written =
        run_fedhash({"compare", folder, "--format", "csv", "--out", out / "table.csv"});
    CAPTURE(written.err);
    CHECK(written.code == complete);
    CHECK(contents(out / "table.csv").starts_with("label,scored with,runs,reference,HR@10,"));

    const Ended made = run_fedhash({"compare", folder, "--tables", "commands"});
    CAPTURE(made.out);
    CHECK(made.out.find("fedhash sweep " + scenario("quickstart.toml").string() +
                        " --seeds 2 --set ") != std::string::npos);
    CHECK((made.out.find("--set method.bits=8") != std::string::npos) == (best_bits == "8"));
    CHECK(made.out.find("How well") == std::string::npos);

    // What won can be the start of another sweep, as long as nothing else is said.
    const Ended again = run_fedhash(small_sweep(
        out / "again", {"--winner", folder, "--set", "method.sweeps=2", "--no-baselines"}));
    CAPTURE(again.err);
    REQUIRE(again.code == complete);
    const json next = json_file(out / "again" / "sweep.json");
    CHECK(next.at("settings").at("method.bits") == best_bits);
    CHECK(next.at("settings").at("method.sweeps") == "2");
    CHECK(next.at("tried") == 2);
    CHECK(json_file(folder / "sweep.json").at("tried") == 2);
}

TEST_CASE("a given split is tuned on a hold-out of its training part and tested on all of it") {
    TempFolder out;
    const fs::path folder = out / "sweep";
    fs::create_directories(out / "data");
    std::string train, test;
    for (int user = 0; user < 40; ++user) {
        train += std::to_string(user);
        for (int i = 0; i < 20; ++i) train += " " + std::to_string((user * 7 + i * i) % 90);
        train += "\n";
        test += std::to_string(user) + " " + std::to_string((user * 7 + 3) % 90) + "\n";
    }
    write(out / "data" / "train.txt", train);
    write(out / "data" / "test.txt", test);
    const auto words = [&](Words more) {
        Words all{"sweep", scenario("gowalla.toml"), "--data", out / "data", "--out", folder};
        for (const char* set : {"run.clients=2", "run.rounds=1", "baselines.enabled=false"})
            all.insert(all.end(), {"--set", set});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const Words axes{"method.bits=8,16"};
    check_refused(words(axes), {"has none", "--holdout 0.1"});
    check_refused(words({axes[0], "--holdout", "1"}), {"--holdout", "below 1"});
    check_refused(words({"--holdout", "0.2"}), {"--holdout", "a single point"});

    const Ended result = run_fedhash(words({axes[0], "--holdout", "0.2"}));
    CAPTURE(result.err);
    REQUIRE(result.code == complete);
    const json sweep = json_file(folder / "sweep.json");
    const auto split_of = [&](const std::string& run) {
        return json_file(folder / run / "summary.json").at("data").at("split").get<std::string>();
    };
    REQUIRE(trials_of(sweep).size() == 2);
    for (const json& trial : trials_of(sweep))
        CHECK(split_of(trial.at("run")).find("validation: 0.2 of") != std::string::npos);
    CHECK(split_of(sweep.at("winner").at("runs")[0]).find("no validation part") !=
          std::string::npos);
}

TEST_CASE("an interrupted sweep keeps what is finished, and the same command goes on") {
    for (const int signal : {SIGINT, SIGTERM}) {
        CAPTURE(signal);
        TempFolder out;
        const fs::path folder = out / "sweep";
        const Words words =
            small_sweep(folder, {"method.bits=8,16,32", "--jobs", "2", "--no-baselines"});
        Words first = words;
        first.insert(first.end(), {"--trials-max", "1"});
        REQUIRE(run_fedhash(first).code == complete);
        const json before = json_file(folder / "sweep.json");
        CHECK(before.at("state") == "open");
        CHECK(!before.contains("winner"));
        REQUIRE(count(trials_of(before), "finished") == 1);
        const std::string kept = trials_of(before)[0].at("run");

        Hold hold(1, out / "hold");
        Program held(program("fedhash"), words, hold.environment());
        hold.wait_for(6, held);  // three clients of each of the two other trials
        check_refused(words, {"going on already"});
        REQUIRE(kill(held.pid(), signal) == 0);
        const Ended result = held.wait();
        CAPTURE(result.err);
        held.wait_for_family();
        CHECK(result.code == interrupted);
        const json after = json_file(folder / "sweep.json");
        CHECK(after.at("state") == "interrupted");
        CHECK(count(trials_of(after), "finished") == 1);
        CHECK(count(trials_of(after), "open") == 2);
        CHECK(count(trials_of(after), "failed") == 0);

        const Ended rest = run_fedhash(words);
        CAPTURE(rest.err);
        CHECK(rest.code == complete);
        const json done = json_file(folder / "sweep.json");
        CHECK(done.at("state") == "complete");
        CHECK(trials_of(done)[0].at("run") == kept);
        // One run folder a trial, and none of the attempts that were cut short.
        std::size_t runs = 0;
        for (const auto& trial : fs::directory_iterator(folder / "trials"))
            runs += run_folders(trial.path()).size();
        CHECK(runs == 4);
    }
}

TEST_CASE("a killed sweep takes its runs with it and can go on") {
    TempFolder out;
    const fs::path folder = out / "sweep";
    const Words words = small_sweep(folder, {"method.bits=8,16", "--jobs", "2", "--no-baselines"});
    Hold hold(1, out / "hold");
    Program held(program("fedhash"), words, hold.environment());
    hold.wait_for(6, held);
    REQUIRE(kill(held.pid(), SIGKILL) == 0);
    CHECK(held.wait().code == -SIGKILL);
    held.wait_for_family();  // ctest's TIMEOUT would tell
    CHECK(json_file(folder / "sweep.json").at("state") == "running");
    const Ended rest = run_fedhash(words);
    CAPTURE(rest.err);
    CHECK(rest.code == complete);
}

TEST_CASE("a trial that fails is told with its reason and ends nothing but itself") {
    TempFolder out;
    const fs::path folder = out / "sweep";
    const int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    REQUIRE(bind(taken, reinterpret_cast<const sockaddr*>(&where), size) == 0);
    REQUIRE(listen(taken, 1) == 0);
    REQUIRE(getsockname(taken, reinterpret_cast<sockaddr*>(&where), &size) == 0);
    const std::string port = std::to_string(ntohs(where.sin_port));

    const Ended result = run_fedhash(small_sweep(folder, {"run.port=0," + port, "--no-baselines"}));
    close(taken);
    CAPTURE(result.err);
    CHECK(result.code == failed);
    CHECK(result.err.find("failed: run.port=" + port + ", run.seed=1: cannot listen on") !=
          std::string::npos);
    CHECK(result.out.find("1 failed") != std::string::npos);
    const json sweep = json_file(folder / "sweep.json");
    CHECK(sweep.at("state") == "complete");
    CHECK(count(trials_of(sweep), "failed") == 1);
    CHECK(trials_of(sweep)[1].at("reason").get<std::string>().starts_with("cannot listen on"));
    CHECK(sweep.at("winner").at("settings").at("run.port") == "0");
    CHECK(contents(folder / "sweep.csv").find(",failed,") != std::string::npos);
}

TEST_CASE("a file's sweep tests every point, shows what the codes are like, and can be compared") {
    TempFolder out;
    write(out / "study.toml",
          "[run]\nrounds = 2\nclients = 2\ntransport = \"in-process\"\n[method.teacher]\nfactors = "
          "0\n"
          "[data]\nformat = \"synthetic\"\nsynthetic.users = 120\nsynthetic.items = 150\n"
          "[baselines]\nials_factors = 4\nials_epochs = 1\n"
          "[sweep]\nall = true\nseeds = 2\n[sweep.over]\n"
          "method.name = [\"ials-sign\", \"implicit-dcd\"]\nmethod.bits = [8, 16]\n");
    const fs::path folder = out / "sweep";
    const Environment extra{{"XDG_CACHE_HOME", out / "cache"}};
    const Words command{"sweep", out / "study.toml", "--out", folder};
    const Ended result = run_fedhash(command, extra);
    CAPTURE(result.err);
    CAPTURE(result.out);
    REQUIRE(result.code == complete);
    const json sweep = json_file(folder / "sweep.json");
    CHECK(sweep.at("state") == "complete");
    CHECK(sweep.at("runs").size() == 8);
    for (const std::string text :
         {"ials-sign, 16 bits", "implicit-dcd, 8 bits", "What the codes are like", "shared", "tied",
          "iALS, the ceiling", "At what cost"})
        CHECK_MESSAGE(result.out.find(text) != std::string::npos, text);
    const Ended compared =
        run_fedhash({"compare", folder, "--tables", "codes", "--format", "markdown"}, extra);
    CHECK(compared.code == complete);
    CHECK(compared.out.find("| ials-sign, 8 bits |") != std::string::npos);
    CHECK(compared.out.find("popularity") == std::string::npos);

    // The command of a row makes that row alone.
    const Ended commands = run_fedhash({"compare", folder, "--tables", "commands"}, extra);
    const std::string row = " --set method.name=implicit-dcd --set method.bits=8";
    CHECK(commands.out.find(row) != std::string::npos);
    Words again = command;
    again.back() = out / "row";
    again.insert(again.end(),
                 {"--seeds", "2", "--set", "method.name=implicit-dcd", "--set", "method.bits=8"});
    REQUIRE(run_fedhash(again, extra).code == complete);
    CHECK(json_file(out / "row" / "sweep.json").at("runs").size() == 2);

    Words changed = command;
    changed.insert(changed.end(), {"method.bits=8", "--seeds", "1", "--out", out / "small"});
    changed.erase(changed.begin() + 2, changed.begin() + 4);
    REQUIRE(run_fedhash(changed, extra).code == complete);
    CHECK(json_file(out / "small" / "sweep.json").at("runs").size() == 2);

    check_refused({"run", out / "study.toml"}, {"has a [sweep]", "fedhash sweep"});
    Words tuned = command;
    tuned.insert(tuned.end(), {"--tune-seeds", "2"});
    check_refused(tuned, {"--tune-seeds", "nothing to tune"});
}

TEST_CASE("mistakes in a file's axes are told with their place in the file") {
    TempFolder out;
    const fs::path file = out / "study.toml";
    const auto refused = [&](const std::string& axis, const std::string& told) {
        write(file,
              "[method]\nname = \"dcd-plus\"\n[sweep]\nall = true\n[sweep.over]\n" + axis + "\n");
        check_refused({"sweep", file, "--out", out / "sweep"}, {"study.toml:6:", told});
    };
    refused("method.bitz = [8]", "unknown key 'bitz' in [method]; did you mean 'bits'?");
    refused("method.bits = [8, 1000]", "between 8 and 256, found 1000");
    refused("method.bits = [8, 8]", "axis method.bits: it has the value 8 twice");
    refused("data.seed = [1, 2]", "axis data.seed: points on different data");
    refused("method.sweeps = [1, 2]", "axis method.sweeps: no piece of the method reads it");
    write(file, "[sweep]\nall = true\n[data]\nformat = \"movielens\"\n");
    check_refused({"sweep", file, "--out", out / "sweep"}, {"data.path"});
    CHECK(!fs::exists(out / "sweep"));
}

TEST_CASE("mistakes in a sweep are told before anything is run") {
    TempFolder out;
    const fs::path folder = out / "sweep";
    const auto refused = [&folder](const Words& more, const Words& told) {
        check_refused(small_sweep(folder, more), told);
        CHECK(!fs::exists(folder));
    };
    refused({"method.bitz=8,16"}, {"bitz", "did you mean 'bits'"});
    refused({"method.bits=8,lots"}, {"method.bits", "a whole number between 8 and 256", "lots"});
    refused({"method.name=dcd-plus,lihgtfr"}, {"lihgtfr", "lightfr-paper"});
    refused({"method.bits=8", "method.bits=16"}, {"method.bits", "given twice"});
    refused({"method.bits"}, {"key=value,value"});
    refused({"method.bits=8,16", "--set", "method.bits=64"}, {"method.bits is an axis", "--set"});
    refused({"run.seed=1,2"}, {"--seeds"});
    refused({"data.path=a,b"}, {"data"});
    refused({"method.bits=8,16", "--seeds", "0"}, {"--seeds", "between 1 and"});
    refused({"method.bits=8,16", "--jobs", "many"}, {"--jobs", "many"});
    refused({"method.bits=8,16", "--by", "codes.NDCG@11"}, {"NDCG@11", "did you mean"});
    refused({"method.bits=8,16", "--set", "data.split=ratio", "--set", "data.valid_ratio=0"},
            {"validation part", "data.valid_ratio"});
    refused({"method.name=dcd-plus,box", "method.weight=2,4"},
            {"axis method.weight", "no piece of the method reads it"});
    check_refused({"sweep"}, {"which scenario"});
    refused({"--winner", out / "none"}, {"none: not the folder of a sweep"});

    std::string bits = "method.bits=8", strength = "method.strength=1", weight = "method.weight=1";
    for (int i = 2; i <= 101; ++i) {
        bits += "," + std::to_string(i + 7);
        strength += "," + std::to_string(i);
        weight += "," + std::to_string(i);
    }
    refused({bits, strength, weight}, {"1,030,301 points", "10,000", "--random N"});

    fs::create_directories(out / "thesis");
    write(out / "thesis" / "chapter1.tex", "");
    check_refused(small_sweep(out / "thesis", {"method.bits=8,16"}), {"something else", "--out"});
    CHECK(!fs::exists(out / "thesis" / "trials"));
}

TEST_CASE("mistakes in a comparison are told with the way out") {
    TempFolder out;
    check_refused({"compare"}, {"which runs"});
    check_refused({"compare", out / "none"}, {"none: no such folder"});
    check_refused({"compare", out / "none", "--tables", "quality,prices"}, {"prices", "commands"});
    check_refused({"compare", out / "none*"}, {"no run folder matches"});
    check_refused({"compare", out.path()}, {"neither a run folder nor a sweep's"});
    check_refused({"compare", out.path(), "--format", "word"}, {"terminal, csv, markdown, latex"});
    fs::create_directories(out / "killed");
    write(out / "killed" / "manifest.json", "{}");
    check_refused({"compare", out / "killed"}, {"no summary yet, or was killed"});
}
