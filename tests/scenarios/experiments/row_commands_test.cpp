#include "scenarios/experiments/row_commands.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

using Lines = std::vector<std::string>;

/// Runs of a sweep over a scenario of its own; all of them make one row.
class Bench {
  public:
    Bench() {
        tests::write(scenario(),
                     "[method]\nname = \"dcd-plus\"\nbits = 32\n[eval]\nnegatives = 99\n");
        const nlohmann::json sweep{{"scenario", scenario()},
                                   {"tried", 8},
                                   {"winner", {{"runs", {"trials/0/run"}}}}};
        tests::write(at_ / "sweep/sweep.json", sweep.dump());
    }
    std::string scenario() const { return (at_ / "some.toml").string(); }

    Bench& add(std::vector<Override> settings, bool swept = true) {
        settings.insert(settings.begin(), {{"method.bits", "32"}, {"eval.negatives", "99"}});
        const std::string number = std::to_string(runs_.size());
        const auto folder = swept ? at_ / ("sweep/trials/" + number + "/run") : at_ / number;
        tests::write(folder / "manifest.json", R"({"command": "fedhash run made.toml"})");
        runs_.push_back(tests::made_run(folder, {settings}));
        row_.runs.push_back(runs_.size() - 1);
        return *this;
    }
    Lines commands() const { return row_commands(row_, runs_, tests::presets); }
    const RunRecord& run(std::size_t i) const { return runs_[i]; }
    void forget_scenario() { std::filesystem::remove(scenario()); }

  private:
    tests::TempFolder at_;
    std::vector<RunRecord> runs_;
    ComparedRow row_;
};

}  // namespace

TEST_CASE("a command sets what departs from the scenario and the method's preset") {
    Bench bench;
    bench.add({{"method.name", "tanh"},
               {"method.step", "0.25"},
               {"eval.k", "[3, 10]"},
               {"data.path", "/data/it's here"}});
    CHECK(bench.run(0).tried == 8);
    CHECK(bench.commands() == Lines{"fedhash run " + bench.scenario() +
                                    " --data '/data/it'\\''s here' --set method.name=tanh --set "
                                    "method.step=0.25 --set 'eval.k=[3, 10]'"});
}

TEST_CASE("what decides no figure is not set") {
    Bench bench;
    bench.add({{"title", "mine"},
               {"run.transport", "in-process"},
               {"eval.every", "0"},
               {"output.dir", "elsewhere"}});
    CHECK(bench.commands() == Lines{"fedhash run " + bench.scenario()});
    Bench stopped;
    stopped.add({{"run.patience", "3"}, {"eval.every", "2"}});
    CHECK(stopped.commands() ==
          Lines{"fedhash run " + stopped.scenario() + " --set run.patience=3 --set eval.every=2"});
}

TEST_CASE("seeds that follow each other are one command, others one each") {
    Bench bench;
    bench.add({{"run.seed", "1"}}).add({{"run.seed", "2"}}).add({{"run.seed", "3"}});
    CHECK(bench.commands() == Lines{"fedhash sweep " + bench.scenario() + " --seeds 3"});
    Bench later;
    later.add({{"run.seed", "5"}}).add({{"run.seed", "6"}});
    CHECK(later.commands() ==
          Lines{"fedhash sweep " + later.scenario() + " --seeds 2 --set run.seed=5"});
    Bench gap;
    gap.add({{"run.seed", "1"}}).add({{"run.seed", "3"}});
    CHECK(gap.commands() == Lines{"fedhash run " + gap.scenario(),
                                  "fedhash run " + gap.scenario() + " --set run.seed=3"});
    Bench moved;
    moved.add({}).add({{"run.seed", "2"}, {"data.seed", "2"}});
    CHECK(moved.commands() ==
          Lines{"fedhash run " + moved.scenario(),
                "fedhash run " + moved.scenario() + " --set data.seed=2 --set run.seed=2"});
}

TEST_CASE("a run outside a sweep was made by the command in its manifest") {
    Bench bench;
    bench.add({}, false);
    CHECK(bench.run(0).tried == 0);
    CHECK(bench.commands() == Lines{"fedhash run made.toml"});
}

TEST_CASE("without its scenario a sweep's row has no command") {
    Bench bench;
    bench.add({{"run.seed", "1"}}).add({{"run.seed", "2"}});
    bench.forget_scenario();
    CHECK(bench.commands().empty());
}
