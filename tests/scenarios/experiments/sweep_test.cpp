// The course of a sweep, with a shell script in the place of `fedhash run`. The script's validation
// figure of b bits and seed s is (b + s) / 1000 with the codes and a tenth of that less with the
// vector; 48 bits fail.
#include "scenarios/experiments/sweep.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "scenarios/experiments/sweep_record.hpp"
#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using fedhash::tests::contains;
using State = TrialOutcome::State;

namespace {

constexpr const char* script = R"sh(#!/bin/sh
here=$(dirname "$0")
value() { sed -n "s/^$1 = \"\{0,1\}\([^\" ]*\).*/\1/p" "$2" | head -1; }
config=$2
dir=$(value dir "$config"); bits=$(value bits "$config"); enabled=$(value enabled "$config")
seed=$(value seed "$config")
echo "$bits $seed $enabled" >> "$here/started"
if [ "$bits" = 48 ] && [ ! -e "$here/mended" ]; then echo "error: 48 is unlucky" >&2; exit 1; fi
if [ -e "$here/interrupt.$bits" ]; then
    trap 'exit 130' INT
    rm "$here/interrupt.$bits"
    kill -INT $PPID
    while :; do read x < "$here/fifo"; done
fi
part=validation; [ "$enabled" = true ] && part=metrics
hash=h1; [ -e "$here/other-data" ] && hash=h2
mkdir "$dir/run"
cat > "$dir/run/summary.json" <<END
{"outcome": "complete", "scorings": ["codes", "vector"], "metric_names": ["HR@10", "NDCG@10"],
 "data": {"hash": "$hash"},
 "$part": {"codes": {"NDCG@10": {"expected": $(printf '0.%03d' $((bits + seed)))}},
           "vector": {"NDCG@10": {"expected": $(printf '0.%03d' $((bits / 10 + seed)))},
                      "HR@10": {"expected": $(printf '0.%03d' $((500 - bits)))}}}}
END
)sh";

/// A sweep over bits in a folder of its own.
struct Bench {
    tests::TempFolder folder;
    SweepPlan plan;
    std::vector<std::string> said;

    explicit Bench(const std::string& axis) {
        const auto program = folder / "run.sh";
        tests::write(program, script);
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
        plan.resolve = [](const std::vector<Override>& more) {
            return load({}, tests::presets, more, tests::no_environment());
        };
        if (!axis.empty()) plan.axes = checked({parse_axis(axis)}, plan.resolve);
        plan.points = draw(grid_size(plan.axes), grid_size(plan.axes), 1);
        plan.tuning = {{"baselines.enabled", "false"}};
        plan.testing = {{"baselines.enabled", "true"}};
        plan.by = "NDCG@10";
        plan.jobs = 2;
        plan.program = program;
    }

    SweepResult run() {
        const SweepFolder sweep(folder / (plan.all ? "all" : "sweep"),
                                sweep_identity(plan.resolve({}), plan.axes, plan.all));
        Interrupts interrupts;
        return run_sweep(
            plan, sweep, interrupts,
            {[](const std::string&) {}, [this](const std::string& text) { said.push_back(text); },
             [&](const SweepResult& result) {
                 sweep.write("sweep.json", sweep_json(plan, result, "").dump());
             }});
    }

    /// What was started since the last time: "bits seed tested".
    std::vector<std::string> started() {
        std::vector<std::string> lines;
        std::ifstream in(folder / "started");
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        in.close();
        std::filesystem::remove(folder / "started");
        std::ranges::sort(lines);
        return lines;
    }

    void put(const std::string& name) { tests::write(folder / name, ""); }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the best on validation is tested, once a seed, and nothing else is") {
    Bench bench("method.bits=32,128,64");
    bench.plan.seeds = 3;
    const SweepResult result = bench.run();
    CHECK(bench.started() == Lines{"128 1 false", "128 1 true", "128 2 true", "128 3 true",
                                   "32 1 false", "64 1 false"});
    CHECK(result.by == "codes.NDCG@10");
    REQUIRE(result.winner == 1);
    CHECK(result.points[1].score == 0.129);
    REQUIRE(result.tests.size() == 3);
    CHECK(result.tests[2].figures.front() ==
          std::pair<std::string, double>("codes.NDCG@10", 0.131));
    CHECK(result.count(State::finished) == 6);
    CHECK(result.state() == "complete");
}

TEST_CASE("a sweep chooses by the metric that it is told, as a mean over the tuning seeds") {
    Bench bench("method.bits=32,128");
    bench.plan.by = "vector.HR@10";
    bench.plan.tune_seeds = 2;
    const SweepResult result = bench.run();
    CHECK(bench.started() ==
          Lines{"128 1 false", "128 2 false", "32 1 false", "32 1 true", "32 2 false"});
    CHECK(result.winner == 0);
    bench.plan.by = "codes.NDCG@10";
    const SweepResult other = bench.run();
    CHECK(other.winner == 1);
    CHECK(*other.points[1].score == doctest::Approx(0.1295));
    CHECK(bench.started() == Lines{"128 1 true"});
}

TEST_CASE("where every point is tested, none is tuned and none is chosen") {
    Bench bench("method.bits=32,128,64");
    bench.plan.seeds = 2;
    bench.plan.all = true;
    const SweepResult result = bench.run();
    CHECK(bench.started() ==
          Lines{"128 1 true", "128 2 true", "32 1 true", "32 2 true", "64 1 true", "64 2 true"});
    CHECK_FALSE(result.winner);
    CHECK(result.tests.empty());
    CHECK(result.tested_runs().size() == 6);
    CHECK(result.state() == "complete");
    const nlohmann::json sweep = sweep_json(bench.plan, result, result.state());
    CHECK(sweep.at("all") == true);
    CHECK(sweep.at("tried") == 0);
    CHECK(sweep.at("runs").size() == 6);
    CHECK_FALSE(sweep.contains("winner"));
    CHECK(bench.run().state() == "complete");  // nothing is run twice
    CHECK(bench.started().empty());

    // The same folder is not a sweep that chooses.
    CHECK(sweep_identity(bench.plan.resolve({}), bench.plan.axes, true) !=
          sweep_identity(bench.plan.resolve({}), bench.plan.axes));
}

TEST_CASE("a failed point leaves the others tested, and the sweep failed") {
    Bench bench("method.bits=32,48");
    bench.plan.all = true;
    const SweepResult result = bench.run();
    CHECK(result.state() == "failed");
    CHECK(result.tested_runs().size() == 1);
    bench.put("mended");
    CHECK(bench.run().state() == "complete");
}

TEST_CASE("a single point is measured on validation only where tuning seeds are asked for") {
    Bench bench("");
    CHECK(bench.run().points.at(0).trials.empty());
    CHECK(bench.started() == Lines{"64 1 true"});
    bench.plan.tune_seeds = 2;
    const SweepResult result = bench.run();
    CHECK(bench.started() == Lines{"64 1 false", "64 2 false"});
    REQUIRE(result.points.at(0).score);
    CHECK(result.winner == 0);
    CHECK(result.state() == "complete");
}

TEST_CASE("equal points: the first of the grid wins, whichever ended first") {
    Bench bench("method.bits=64,72,80,88");
    bench.plan.by = "vector.NDCG@10";  // 7, 8, 9, 9 thousandths
    CHECK(bench.run().winner == 2);
}

TEST_CASE("a single point needs no tuning") {
    Bench bench("");
    bench.plan.seeds = 2;
    const SweepResult result = bench.run();
    CHECK(bench.started() == Lines{"64 1 true", "64 2 true"});
    CHECK(result.winner == 0);
    CHECK(result.state() == "complete");
}

TEST_CASE("seeds of the split move with those of the run only when asked") {
    Bench bench("");
    bench.plan.seeds = 2;
    bench.plan.split_seeds = true;
    const SweepResult result = bench.run();
    CHECK(result.tests[1].seed == 2);
    CHECK(result.tests[1].data_seed == 2);
    bench.plan.split_seeds = false;
    const SweepResult fixed = bench.run();
    CHECK(fixed.tests[1].data_seed == 1);
    CHECK(fixed.tests[0].id == result.tests[0].id);
    CHECK(fixed.tests[1].id != result.tests[1].id);
}

TEST_CASE("a finished trial is not run again") {
    Bench bench("method.bits=32,64");
    const SweepResult first = bench.run();
    bench.started();
    const SweepResult second = bench.run();
    CHECK(bench.started().empty());
    CHECK(second.winner == first.winner);
    CHECK(second.tests[0].figures == first.tests[0].figures);
    bench.plan.seeds = 2;  // and a longer one begins with it
    bench.run();
    CHECK(bench.started() == Lines{"64 2 true"});
}

TEST_CASE("a failed trial is told with its reason, loses, and is tried again") {
    Bench bench("method.bits=32,48");
    const SweepResult result = bench.run();
    bench.started();
    CHECK(bench.said == Lines{"failed: method.bits=48, run.seed=1: 48 is unlucky"});
    CHECK(result.winner == 0);
    CHECK(result.count(State::failed) == 1);
    CHECK(result.points[1].trials[0].outcome.reason == "48 is unlucky");
    CHECK(result.state() == "complete");
    bench.put("mended");
    const SweepResult again = bench.run();
    CHECK(again.winner == 1);
    CHECK(bench.started() == Lines{"48 1 false", "48 1 true"});
}

TEST_CASE("without a point that finished there is no winner") {
    Bench bench("method.bits=48");
    bench.plan.axes[0].values.push_back("48");
    bench.plan.points = {0, 1};
    const SweepResult result = bench.run();
    CHECK_FALSE(result.winner);
    CHECK(result.tests.empty());
    CHECK(result.state() == "failed");
}

TEST_CASE("an interrupted sweep keeps what is finished and goes on from there") {
    Bench bench("method.bits=32,64,128");
    bench.plan.jobs = 1;
    bench.put("interrupt.64");
    const SweepResult result = bench.run();
    CHECK(bench.started() == Lines{"32 1 false", "64 1 false"});
    CHECK(result.interrupted);
    CHECK(result.state() == "interrupted");
    CHECK(result.count(State::finished) == 1);
    CHECK(result.count(State::failed) == 0);
    CHECK(result.count(State::open) == 2);
    CHECK(result.tests.empty());
    const SweepResult rest = bench.run();
    CHECK(bench.started() == Lines{"128 1 false", "128 1 true", "64 1 false"});
    CHECK(rest.state() == "complete");
}

TEST_CASE("an interrupt during the tests keeps the winner") {
    Bench bench("method.bits=32,64");
    bench.run();
    bench.started();
    bench.plan.seeds = 3;
    bench.put("interrupt.64");
    const SweepResult result = bench.run();
    CHECK(result.interrupted);
    CHECK(result.winner == 1);
    CHECK(result.tests.size() == 3);
    bench.started();
    CHECK(bench.run().state() == "complete");
}

TEST_CASE("an interrupt during another attempt forgets the failure before") {
    Bench bench("method.bits=32,48");
    bench.run();
    bench.started();
    bench.put("mended");
    bench.put("interrupt.48");
    const SweepResult result = bench.run();
    CHECK(bench.started() == Lines{"48 1 false"});
    CHECK(result.interrupted);
    CHECK(result.count(State::failed) == 0);
    CHECK(result.count(State::open) == 1);
}

TEST_CASE("a budget of trials is kept, and the next invocation has one of its own") {
    Bench bench("method.bits=32,64,128");
    bench.plan.most_trials = 2;
    const SweepResult result = bench.run();
    CHECK(bench.started().size() == 2);
    CHECK(result.out_of_budget);
    CHECK(result.state() == "open");
    CHECK(result.tests.empty());
    CHECK(bench.run().state() == "complete");
    CHECK(bench.started() == Lines{"128 1 false", "128 1 true"});
}

TEST_CASE("a budget goes to what was never run before it goes to what failed") {
    Bench bench("method.bits=48,64");
    bench.plan.most_trials = 1;
    bench.run();
    CHECK(bench.started() == Lines{"48 1 false"});
    bench.run();
    CHECK(bench.started() == Lines{"64 1 false"});
}

TEST_CASE("a trial that does not measure what is chosen by has failed, and says what there is") {
    Bench bench("method.bits=32,64");
    bench.plan.by = "vektor.NDCG@10";
    const SweepResult result = bench.run();
    CHECK_FALSE(result.winner);
    CHECK(contains(
        result.points[0].trials[0].outcome.reason,
        "did not measure vektor.NDCG@10 on the validation part; it scores by codes, vector"));
    bench.plan.by = "codes.NDCG@99";
    CHECK(contains(bench.run().points[0].trials[0].outcome.reason,
                   "did not measure codes.NDCG@99 on the validation part; there is codes.NDCG@10"));
}

TEST_CASE("trials on data that changed between them are not compared") {
    Bench bench("method.bits=32,64");
    bench.plan.most_trials = 1;
    bench.run();
    bench.put("other-data");
    bench.plan.most_trials.reset();
    CHECK(contains(tests::refusal_of([&] { bench.run(); }), "data changed"));
}

TEST_CASE("sweep.json tells the axes, the base, the points and the winner's runs") {
    Bench bench("method.bits=32,48");
    const SweepResult result = bench.run();
    const nlohmann::json sweep = sweep_json(bench.plan, result, result.state());
    CHECK(sweep["axes"] ==
          nlohmann::json::parse(R"([{"key":"method.bits","values":["32","48"]}])"));
    CHECK(sweep["settings"]["run.seed"] == "1");
    CHECK(sweep["state"] == "complete");
    CHECK(sweep["by"] == "codes.NDCG@10");
    CHECK(sweep["points"][0]["validation"] == 0.033);
    CHECK(sweep["points"][1]["validation"].is_null());
    CHECK(sweep["points"][1]["trials"][0]["state"] == "failed");
    CHECK(sweep["points"][1]["trials"][0]["reason"] == "48 is unlucky");
    CHECK(sweep["winner"]["settings"]["method.bits"] == "32");
    CHECK(sweep["winner"]["method"]["method.bits"] == "32");
    CHECK(sweep["winner"]["method"].contains("method.name"));
    CHECK(sweep["winner"]["method"].contains("run.rounds"));
    CHECK_FALSE(sweep["winner"]["method"].contains("run.seed"));
    REQUIRE(sweep["winner"]["runs"].size() == 1);
    const std::string run = sweep["winner"]["runs"][0];
    CHECK(run == "trials/" + result.tests[0].id + "/run");
    CHECK(std::filesystem::exists(bench.folder.path() / "sweep" / run / "summary.json"));
}

TEST_CASE("what an earlier sweep tried counts, a single point after it does not") {
    const auto tried = [](const char* axis, std::size_t before) {
        Bench bench(axis);
        bench.plan.tried_before = before;
        const SweepResult result = bench.run();
        return sweep_json(bench.plan, result, result.state()).at("tried").get<std::size_t>();
    };
    CHECK(tried("method.bits=16,32", 0) == 2);
    CHECK(tried("method.bits=16,32", 8) == 10);
    CHECK(tried("", 8) == 8);
    CHECK(tried("", 0) == 1);
}

TEST_CASE("the winner of a finished sweep is read back, with how many were tried for it") {
    const tests::TempFolder folder;
    tests::write(folder / "done/sweep.json",
                 R"({"tried": 8, "winner": {"settings": {}, "method": {"method.step": "0.1"}}})");
    const Winner winner = read_winner(folder / "done");
    CHECK(winner.tried == 8);
    REQUIRE(winner.settings.size() == 1);
    CHECK(winner.settings[0].key == "method.step");
    CHECK(winner.settings[0].value == "0.1");
    tests::write(folder / "open/sweep.json", R"({"tried": 8, "points": []})");
    const auto refused = [&folder](const char* name) {
        return tests::refusal_of([&] { read_winner(folder / name); });
    };
    CHECK(tests::contains(refused("open"), "no winner yet"));
    CHECK(tests::contains(refused("none"), "not the folder of a sweep"));
}
