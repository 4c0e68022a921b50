#include "scenarios/experiments/rows.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

using Indices = std::vector<std::size_t>;
using Settings = std::vector<Override>;

/// Rows of made runs with these settings; "data" is not a setting but the hash of the data.
std::vector<ComparedRow> rows_of(const std::vector<Settings>& all) {
    const tests::TempFolder folder;
    std::vector<RunRecord> runs;
    for (Settings settings : all) {
        tests::MadeRun made;
        std::erase_if(settings, [&made](const Override& one) {
            if (one.key == "data") made.hash = one.value;
            if (one.key == "label") made.label = one.value;
            return one.key == "data" || one.key == "label";
        });
        made.settings = settings;
        runs.push_back(tests::made_run(folder / std::to_string(runs.size()), made));
    }
    return group_runs(runs, tests::presets);
}

std::vector<std::string> labels(const std::vector<Settings>& all) {
    std::vector<std::string> result;
    for (const ComparedRow& row : rows_of(all)) result.push_back(row.label);
    return result;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("runs that differ in their seed are one row, in the order of the seeds") {
    const auto rows = rows_of({{{"run.seed", "3"}},
                               {{"run.seed", "1"}, {"method.bits", "32"}},
                               {{"run.seed", "1"}},
                               {{"run.seed", "2"}}});
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].runs == Indices{2, 3, 0});
    CHECK(rows[1].runs == Indices{1});
    CHECK(rows[0].label == "dcd-plus, 64 bits");
    CHECK(rows[1].label == "dcd-plus, 32 bits");
    CHECK(rows[0].data == rows[1].data);
}

TEST_CASE("where data, runs and caches are makes no row, nor does what concerns the baselines") {
    CHECK(rows_of({{},
                   {{"run.seed", "2"},
                    {"title", "x"},
                    {"output.dir", "y"},
                    {"data.path", "z"},
                    {"baselines.enabled", "false"},
                    {"run.port", "4000"}}})
              .size() == 1);
}

TEST_CASE("seeds of the split make one row, other contents of the data two") {
    const auto split =
        rows_of({{{"data.seed", "1"}, {"data", "a"}}, {{"data.seed", "2"}, {"data", "b"}}});
    REQUIRE(split.size() == 1);
    CHECK(split[0].data == "a b");
    const auto replaced = rows_of({{{"data", "a"}}, {{"run.seed", "2"}, {"data", "b"}}});
    REQUIRE(replaced.size() == 2);
    CHECK(replaced[0].label != replaced[1].label);
    CHECK(labels({{{"label", "ml-1m"}, {"data", "a"}}, {{"label", "gowalla"}, {"data", "b"}}}) ==
          Labels{"dcd-plus, 64 bits, ml-1m", "dcd-plus, 64 bits, gowalla"});
}

TEST_CASE("a run with the same settings and seeds counts once") {
    const auto rows = rows_of({{}, {{"title", "again"}}, {{"run.seed", "2"}}});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].runs == Indices{0, 2});
    CHECK(rows[0].repeats == Indices{1});
}

TEST_CASE("a label names what differs between rows") {
    CHECK(labels({{{"method.sweeps", "3"}}, {{"method.sweeps", "7"}}}) ==
          Labels{"dcd-plus, 64 bits, sweeps=3", "dcd-plus, 64 bits, sweeps=7"});
    CHECK(labels({{{"method.bits", "32"}}, {{"method.bits", "64"}, {"eval.every", "0"}}}) ==
          Labels{"dcd-plus, 32 bits, every=1", "dcd-plus, 64 bits, every=0"});
    // What all rows share is in none.
    CHECK(labels({{{"method.bits", "32"}, {"run.rounds", "77"}},
                  {{"method.bits", "64"}, {"run.rounds", "77"}}}) ==
          Labels{"dcd-plus, 32 bits", "dcd-plus, 64 bits"});
}

TEST_CASE("a label tells the size of what is learnt, be it codes, factors or counts") {
    const auto label = [](const char* learner, const char* quantiser) {
        return labels({{{"method.learner", learner}, {"method.quantiser", quantiser}}}).at(0);
    };
    CHECK(label("counts", "none") == "dcd-plus");
    CHECK(label("teacher", "none") == "dcd-plus, 64 factors");
    CHECK(label("real", "none") == "dcd-plus, 64 factors");
    CHECK(label("teacher", "itq") == "dcd-plus, 64 bits");
    CHECK(label("backward", "none") == "dcd-plus, 64 bits");
}

TEST_CASE("a method's name stands for its preset, and departures from that are named") {
    const Settings other{{"method.name", "lightfr-paper"}};
    CHECK(labels({{}, other}) == Labels{"dcd-plus, 64 bits", "lightfr-paper, 64 bits"});
    Settings longer = other;
    longer.push_back({"run.rounds", "77"});
    CHECK(labels({{}, longer}) ==
          Labels{"dcd-plus, 64 bits", "lightfr-paper, 64 bits, run.rounds=77"});
    // Two settings are called "rounds", so that name alone would not do.
    CHECK(labels({{{"method.target", "0.5"}}, other}) ==
          Labels{"dcd-plus, 64 bits, target=0.5", "lightfr-paper, 64 bits"});
}
