#include "scenarios/report/sweep_table.hpp"

#include <doctest/doctest.h>

using namespace fedhash::scenarios;
using namespace fedhash::scenarios::report;
using State = TrialOutcome::State;

namespace {

Trial finished(std::uint64_t seed, double value) {
    Trial one;
    one.seed = seed;
    one.data_seed = 1;
    one.outcome = {State::finished, "trials/t" + std::to_string(seed) + "/run", ""};
    one.figures = {{"codes.HR@10", 2 * value},
                   {"codes.NDCG@10", value},
                   {"codes.NDCG@20", 3 * value},
                   {"vector.NDCG@10", value + 0.5}};
    return one;
}

Trial ended(State state, const std::string& reason = "") {
    Trial one;
    one.seed = 1;
    one.data_seed = 1;
    one.outcome = {state, "", reason};
    return one;
}

SweptPoint swept(const std::string& bits, const std::string& rounds, std::vector<Trial> trials,
                 std::optional<double> score) {
    return {{{"method.bits", bits}, {"run.rounds", rounds}}, std::move(trials), score};
}

SweepResult some_result() {
    SweepResult result;
    result.by = "codes.NDCG@10";
    result.points = {swept("32", "5", {finished(1, 0.1), finished(2, 0.2)}, 0.15),
                     swept("32", "10", {ended(State::failed, "a, \"b\"")}, {}),
                     swept("64", "5", {finished(1, 0.25), finished(2, 0.25)}, 0.25),
                     swept("64", "10", {ended(State::open)}, {})};
    result.winner = 2;
    result.tests = {finished(1, 0.3)};
    return result;
}

SweepPlan some_plan() {
    SweepPlan plan;
    plan.axes = {{"method.bits", {"32", "64"}}, {"run.rounds", {"5", "10"}}};
    return plan;
}

}  // namespace

TEST_CASE("points are listed best first, with what they were ranked by in front") {
    CHECK(terminal_text(sweep_table(some_result()), Style{}, 100) ==
          "On the validation part, best first\n"
          "method.bits  run.rounds  codes.NDCG@10  codes.HR@10  vector.NDCG@10\n"
          "         64           5         0.2500       0.5000          0.7500\n"
          "         32           5         0.1500       0.3000          0.6500\n"
          "         32          10              –            –               –  failed: a, \"b\"\n"
          "         64          10              –            –               –  not run yet\n"
          "7 trials: 5 finished, 1 failed, 1 not run yet, 1 of them to test the winner.\n");
}

TEST_CASE("the winner stands out") {
    const TitledTable table = sweep_table(some_result());
    CHECK(table.table.rows[0][0].tone == Tone::bold);
    CHECK(table.table.rows[1][0].tone == Tone::plain);
}

TEST_CASE("a sweep of a single point has no table, only its number of trials") {
    SweepResult result;
    result.points = {{{}, {}, {}}};
    result.tests = {finished(1, 0.1), finished(2, 0.2)};
    CHECK(sweep_table(result).table.rows.empty());
    CHECK(sweep_table(result).title == "One point: nothing to tune");
    CHECK(sweep_table(result).notes[0] == "2 trials: 2 finished, 2 of them tests.");
}

TEST_CASE("sweep.csv has a row a trial, with every figure and every reason") {
    CHECK(sweep_csv(some_plan(), some_result()) ==
          "part,method.bits,run.rounds,run.seed,data.seed,state,run,codes.HR@10,codes.NDCG@10,"
          "codes.NDCG@20,vector.NDCG@10,reason\n"
          "validation,64,5,1,1,finished,trials/t1/run,0.5,0.25,0.75,0.75,\n"
          "validation,64,5,2,1,finished,trials/t2/run,0.5,0.25,0.75,0.75,\n"
          "validation,32,5,1,1,finished,trials/t1/run,0.2,0.1,0.3,0.6,\n"
          "validation,32,5,2,1,finished,trials/t2/run,0.4,0.2,0.6,0.7,\n"
          "validation,32,10,1,1,failed,,,,,,\"a, \"\"b\"\"\"\n"
          "validation,64,10,1,1,open,,,,,,\n"
          "test,64,5,1,1,finished,trials/t1/run,0.6,0.3,0.9,0.8,\n");
}

TEST_CASE("points without a score come last, in the grid's order") {
    CHECK(ranking(some_result()) == std::vector<std::size_t>{2, 0, 1, 3});
}
