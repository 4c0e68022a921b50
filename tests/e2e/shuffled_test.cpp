// Uploads that lose their names in a process of their own: the codes of a run without it, whatever
// the processes; and what attacks still find.
#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/run_folder.hpp"

using namespace fedhash::e2e;

namespace {

Words small(Words settings) {
    settings.insert(settings.begin(), {"method.name=implicit-dcd", "method.bits=16", "run.rounds=3",
                                       "data.synthetic.users=60", "data.synthetic.items=80"});
    return settings;
}

Words shuffled(Words settings) {
    settings = small(std::move(settings));
    settings.push_back("method.exchange=shuffled");
    return settings;
}

double metric_of(const fs::path& run) {
    return json_file(run / "summary.json").at("metrics").at("codes").at("NDCG@10").at("expected");
}

pid_t shuffler_pid(const fs::path& run_folder) {
    for (const Row& row : csv(run_folder / "processes.csv"))
        if (row.at("role") == "shuffler") return std::stoi(row.at("pid"));
    FAIL("no shuffler in processes.csv");
    return -1;
}

}  // namespace

TEST_CASE(
    "shuffled uploads come to the codes of named ones, whatever the transport and processes") {
    TempFolder out;
    const fs::path expected = complete_run(small({"run.clients=2"}), out / "named");
    int n = 0;
    for (const Words& settings :
         {Words{"run.clients=1"}, Words{"run.clients=7", "run.transport=unix"},
          Words{"run.clients=3", "run.transport=in-process"},
          Words{"run.clients=60", "coding.padding=pow2", "coding.numbers=rice"}}) {
        CAPTURE(n);
        const fs::path run = complete_run(shuffled(settings), out / std::to_string(n++));
        CHECK(contents(run / "item_codes.npy") == contents(expected / "item_codes.npy"));
        CHECK(metric_of(run) == metric_of(expected));
        CHECK(json_file(run / "summary.json").at("bytes").at("kernel_difference") ==
              (n == 2 || n == 3 ? nlohmann::json(nullptr) : nlohmann::json(0)));
        CHECK_FALSE(fs::exists(run / "private"));
    }
    for (const Words& settings : {Words{"run.participation=0.5"}, Words{"availability.dropout=0.2"},
                                  Words{"privacy.decoys=resampled"}}) {
        const std::string name = std::to_string(n++);
        CHECK(contents(complete_run(shuffled(settings), out / name) / "item_codes.npy") ==
              contents(complete_run(small(settings), out / (name + "-named")) / "item_codes.npy"));
    }
}

TEST_CASE("rows in pieces add up to the same codes as whole uploads") {
    TempFolder out;
    const Words rows{"method.name=lightfr-paper", "privacy.row_cap=12"};
    const fs::path named = complete_run(with(small({}), rows), out / "named");
    const fs::path pieces =
        complete_run(with(shuffled({}), with(rows, {"privacy.pieces=5"})), out / "pieces");
    CHECK(contents(pieces / "item_codes.npy") == contents(named / "item_codes.npy"));
}

TEST_CASE("ballots by themselves, without names, cost less privacy, and a record plays back") {
    TempFolder out;
    const fs::path run = complete_run(
        shuffled({"method.uplink=ballots", "method.item_rule=majority", "method.reluctance=1",
                  "privacy.ballots=8", "privacy.pieces=8", "privacy.ballot_epsilon=0.1",
                  "data.synthetic.users=2000", "output.record=true", "run.clients=3"}),
        out / "runs");
    const nlohmann::json privacy = json_file(run / "summary.json").at("privacy").at("parts").at(1);
    CHECK(privacy.at("tightest") == "shuffled");
    CHECK(privacy.at("reports") == 24);
    CHECK(privacy.at("epsilon") < privacy.at("run").at("without a shuffler"));
    const Ended again = run_fedhash({"replay", run.string(), "--out", out / "replays"});
    CAPTURE(again.err);
    CHECK(again.err.find("the item codes are the recorded ones, bit for bit") != std::string::npos);
    const Ended frames = run_fedhash({"frames", run.string(), "--client", "3"});
    CHECK(frames.out.find("round 1: 2,000 notes to open and shuffle") != std::string::npos);
    CHECK(frames.out.find("round 3: 16,000 pieces, in no order") != std::string::npos);
}

TEST_CASE("a name is gone, and a record is found all the same") {
    TempFolder out;
    const fs::path run =
        complete_run(shuffled({"run.clients=3", "output.record=true"}), out / "runs");
    const Ended attack =
        run_fedhash({"attack", run.string(), "--attacks", "A1,A3,A12,A12k", "--format", "csv"});
    CAPTURE(attack.err);
    REQUIRE(attack.code == 0);
    std::map<std::string, double> value;
    write(out / "attack.csv", attack.out);
    std::istringstream lines(attack.out);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream cells(line);
        std::vector<std::string> row;
        for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
        if (row.size() > 3 && row[0].starts_with("A") && !value.contains(row[0]))
            value[row[0]] = std::stod(row[3]);
    }
    CAPTURE(attack.out);
    CHECK(value.at("A1") < 0.5);    // whose it is, is guessed
    CHECK(value.at("A3") == 0.5);   // all are equally long
    CHECK(value.at("A12") > 0.5);   // but two rounds' are alike
    CHECK(value.at("A12k") > 0.5);  // and three items are enough
}

TEST_CASE("without its shuffler a run ends, and says why") {
    TempFolder out;
    Hold hold(2, out / "hold");
    const Environment extra = hold.environment();
    Program run(program("fedhash"), small_run(out / "runs", shuffled({"run.clients=2"})), extra);
    hold.wait_for(2, run);
    REQUIRE(kill(shuffler_pid(only_run_folder(out / "runs")), SIGKILL) == 0);
    hold.release();
    const Ended ended = run.wait();
    CAPTURE(ended.err);
    CHECK(ended.code == 1);
    CHECK(ended.err.find("the shuffler") != std::string::npos);
}

TEST_CASE("a user whose client goes is left out of the shuffled, and the run replays without it") {
    TempFolder out;
    Hold hold(2, out / "hold");
    const Environment extra = hold.environment();
    Program run(program("fedhash"), small_run(out / "runs", shuffled({"run.clients=5"})), extra);
    const std::vector<pid_t> waiting = hold.wait_for(5, run);
    const fs::path folder = only_run_folder(out / "runs");
    REQUIRE(kill(waiting[0], SIGKILL) == 0);
    hold.release();
    const Ended ended = run.wait();
    CAPTURE(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(json_file(folder / "summary.json").at("outcome") == "complete-with-losses");
    const Ended replay = run_fedhash({"replay", folder, "--out", out / "again"});
    CAPTURE(replay.err);
    CHECK(replay.code == 0);
    CHECK(contents(folder / "item_codes.npy") ==
          contents(only_run_folder(out / "again") / "item_codes.npy"));
}
