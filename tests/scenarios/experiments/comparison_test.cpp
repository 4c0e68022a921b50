#include "scenarios/experiments/comparison.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using fedhash::tests::contains;
using fedhash::tests::MadeRun;

namespace {

/// Runs in a folder of their own, by the order in which they were added.
class Bench {
  public:
    Bench& add(const MadeRun& made) {
        runs_.push_back(tests::made_run(at_ / std::to_string(runs_.size()), made));
        return *this;
    }
    Comparison compared(const CompareOptions& options = {}) const {
        return compare(runs_, options, tests::presets);
    }
    std::string refused(const CompareOptions& options = {}) const {
        return tests::refusal_of([&] { compared(options); });
    }
    std::string folder(std::size_t run) const { return runs_[run].folder.string(); }

  private:
    tests::TempFolder at_;
    std::vector<RunRecord> runs_;
};

CompareOptions against(const std::string& reference) {
    CompareOptions options;
    options.reference = reference;
    return options;
}

const ComparedLine& line(const Comparison& comparison, const std::string& label,
                         const std::string& scoring = "") {
    const auto found = std::ranges::find_if(comparison.lines, [&](const ComparedLine& one) {
        return one.label == label && one.scoring == scoring;
    });
    REQUIRE_MESSAGE(found != comparison.lines.end(), label);
    return *found;
}

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-6); }

using Names = std::vector<std::string>;

const std::vector<Override> bits32{{"method.bits", "32"}};

std::vector<Override> seeded(const std::string& seed, std::vector<Override> settings = {}) {
    settings.push_back({"run.seed", seed});
    return settings;
}

}  // namespace

TEST_CASE("a line has mean and deviation over seeds, its share of the ceiling and its cost") {
    Bench bench;
    bench.add({seeded("1"), 0.30}).add({seeded("2"), 0.34}).add({bits32, 0.2});
    const Comparison all = bench.compared();
    CHECK(all.lines.size() == 7);
    const ComparedLine& codes = line(all, "dcd-plus, 64 bits", "codes");
    CHECK(codes.runs == 2);
    CHECK(codes.metrics[0]->mean == near(0.32));
    CHECK(codes.metrics[0]->deviation == near(0.0282842712));
    CHECK(*codes.of_ceiling[0] == near(0.32 / 0.6));
    CHECK(codes.tried == 0);
    CHECK(*codes.bytes_up == 1380);
    CHECK(*codes.bytes_down == 268'000);
    CHECK(*codes.rounds == 11);
    CHECK(*codes.seconds == 2.5);
    CHECK_FALSE(line(all, "dcd-plus, 64 bits", "vector").bytes_up);
    CHECK(line(all, "dcd-plus, 32 bits", "codes").metrics[0]->deviation == 0);
    CHECK(*line(all, "iALS, the ceiling").of_ceiling[0] == 1);
    CHECK(line(all, "popularity").runs == 2);  // of the runs with seed 1, which agree, one
    CHECK(line(all, "popularity").metrics[0]->mean == near(0.1));
}

TEST_CASE("columns are HR, NDCG and Recall at 10 and 20, without those that say nothing new") {
    Bench bench;
    bench.add({});
    CHECK(bench.compared().metrics == Names{"HR@10", "NDCG@10", "NDCG@20", "Recall@20"});
    CHECK(bench.compared().headline == "NDCG@10");
    CompareOptions options;
    options.metrics = {"Recall@10", "HR@20"};
    CHECK(bench.compared(options).metrics == options.metrics);
    options.metrics = {"HR@1O"};
    CHECK(contains(bench.refused(options), "did you mean 'HR@10'"));
    Bench others;
    MadeRun made;
    made.metric_names = {"HR@1",     "NDCG@1", "Recall@1", "HR@5",    "NDCG@5",
                         "Recall@5", "HR@7",   "NDCG@7",   "Recall@7"};
    CHECK(others.add(made).compared().metrics == Names{"HR@5", "NDCG@5"});
}

TEST_CASE("each metric has its share of the ceiling and is held against popularity") {
    Bench bench;
    bench.add({{}, 0.05}).add({bits32, 0.2});
    CompareOptions options;
    options.metrics = {"HR@10", "Recall@20"};
    const Comparison all = bench.compared(options);
    const ComparedLine& poor = line(all, "dcd-plus, 64 bits", "codes");
    CHECK(*poor.of_ceiling[1] == near(0.05 / 0.6));
    CHECK(poor.below_popularity == std::vector<bool>{true, true});
    CHECK(line(all, "dcd-plus, 64 bits", "vector").below_popularity ==
          std::vector<bool>{false, false});
    CHECK_FALSE(line(all, "popularity").below_popularity[0]);
    CHECK(line(all, "random").below_popularity[0]);
}

TEST_CASE("rows are sorted by the best of the ways of scoring that are shown") {
    Bench bench;
    MadeRun codes_alone{{{"method.bits", "8"}}, 0.25};
    bench.add({{}, 0.2}).add({bits32, 0.4}).add(codes_alone);
    CompareOptions options;
    options.sort = "NDCG@10";
    const Comparison all = bench.compared(options);
    Names labels;
    for (const ComparedLine& one : all.lines)
        if (one.scoring == "codes") labels.push_back(one.label);
    CHECK(labels == Names{"dcd-plus, 32 bits", "dcd-plus, 8 bits", "dcd-plus, 64 bits"});
    CHECK(all.reference == "dcd-plus, 64 bits");  // the first run's, wherever it stands now
    options.sort = "NDGC@10";
    CHECK(contains(bench.refused(options), "--sort"));
    CHECK(contains(bench.refused(options), "did you mean 'NDCG@10'"));
}

TEST_CASE("a way of scoring that was not measured at the end has no line") {
    Bench bench;
    MadeRun made;
    made.scorings = {"codes", "vector", "factors"};
    CHECK(bench.add(made).compared().lines.size() == 5);
}

TEST_CASE("ways of scoring can be chosen") {
    Bench bench;
    bench.add({});
    CompareOptions options;
    options.scorings = {"vector"};
    CHECK(bench.compared(options).lines.size() == 4);
    options.scorings = {"vektor"};
    CHECK(contains(bench.refused(options), "did you mean 'vector'"));
}

TEST_CASE("the test pairs users, after a mean over the seeds") {
    Bench bench;
    // Differences of 64 bits to 32 bits: 0.5, 0.25, 0, 0.25 with user 4 not measured in one.
    const float nan = std::numeric_limits<float>::quiet_NaN();
    bench.add({seeded("1"), 0.3, {{"codes", {1, 0.5F, 0.25F, 0.5F, nan}}}})
        .add({seeded("2"), 0.3, {{"codes", {0.5F, 0, 0.25F, 1, nan}}}})
        .add({bits32, 0.3, {{"codes", {0.25F, 0, 0.25F, 0.5F, 1}}}});
    CompareOptions options = against("dcd-plus, 32 bits");
    options.scorings = {"codes"};
    options.metrics = {"HR@10"};
    const Comparison all = bench.compared(options);
    CHECK(all.tests == 1);
    CHECK(all.reference == "dcd-plus, 32 bits");
    CHECK(line(all, "dcd-plus, 32 bits", "codes").is_reference);
    CHECK_FALSE(line(all, "dcd-plus, 32 bits", "codes").tests[0]);
    const auto& test = line(all, "dcd-plus, 64 bits", "codes").tests[0];
    REQUIRE(test);
    CHECK(test->test.users == 4);
    CHECK(test->test.difference == near(0.25));
    // m = 0.25, s = 0.2041241, t = sqrt(6) with 3 degrees of freedom. There P(|T| >= t) is
    // 1 - (2 / pi) (theta + sin(theta) cos(theta)) with theta = atan(t / sqrt(3)).
    const double p = 1 - 2 / std::acos(-1.0) * (std::atan(std::sqrt(2.0)) + std::sqrt(2.0) / 3);
    CHECK(test->test.p == near(p));
    CHECK(test->corrected == near(p));
    CHECK(test->test.low == near(0.25 - 3.18244631 * 0.20412415 / 2));
}

TEST_CASE("the correction is over all tests of the comparison") {
    Bench bench;
    bench.add({{}, 0.3, {{"codes", {1, 0.5F, 0.25F, 0.5F}}}})
        .add({bits32, 0.3, {{"codes", {0.25F, 0, 0.25F, 0.5F}}}})
        .add({{{"method.bits", "128"}}, 0.3, {{"codes", {1, 0.5F, 0.25F, 0.75F}}}});
    CompareOptions options;
    options.scorings = {"codes"};
    options.metrics = {"HR@10", "NDCG@10"};
    const Comparison all = bench.compared(options);
    CHECK(all.reference == "dcd-plus, 64 bits");  // the first run's
    CHECK(all.tests == 4);
    double smallest = 1;
    for (const ComparedLine& one : all.lines)
        for (const auto& test : one.tests)
            if (test) smallest = std::min(smallest, test->test.p);
    for (const ComparedLine& one : all.lines)
        for (const auto& test : one.tests)
            if (test && test->test.p == smallest) CHECK(test->corrected == near(4 * smallest));
}

TEST_CASE("the reference may be a baseline, a label, a method, a run's folder") {
    const std::map<std::string, std::vector<float>> users{
        {"codes", {1, 0.5F}}, {"vector", {1, 0.25F}}, {"popularity", {0, 0.25F}}, {"ials", {1, 1}}};
    Bench bench;
    bench.add({{}, 0.3, users}).add({bits32, 0.3, users});
    const Comparison popular = bench.compared(against("popularity"));
    CHECK(line(popular, "popularity").is_reference);
    // Four ways of scoring and iALS, four metrics; random has no users.
    CHECK(popular.tests == 20);
    CHECK_FALSE(line(popular, "random").tests[0]);
    CHECK(line(popular, "iALS, the ceiling").tests[0]->test.difference == near(0.875));

    const Comparison row = bench.compared(against(bench.folder(1)));
    CHECK(row.reference == "dcd-plus, 32 bits");
    // The vector is tested against the vector, a baseline against the first way of scoring.
    CHECK(line(row, "dcd-plus, 64 bits", "vector").tests[0]->test.difference == 0);
    CHECK(line(row, "popularity").tests[0]->test.difference == near(-0.625));
    CHECK_FALSE(line(row, "dcd-plus, 32 bits", "vector").tests[0]);

    // A method's name is enough where one row has it.
    CHECK(contains(bench.refused(against("dcd-plus")), "'dcd-plus, 64 bits'"));
    Bench single;
    single.add({{}, 0.3, users});
    CHECK(single.compared(against("dcd-plus")).reference == "dcd-plus, 64 bits");

    CHECK(contains(bench.refused(against("random")), "popularity"));
    CHECK(contains(bench.refused(against("popularty")), "did you mean 'popularity'"));
    CHECK(contains(bench.refused(against("dcd-plus, 16 bits")), "'dcd-plus, 32 bits'"));
}

TEST_CASE("without figures of users there is a notice and no test") {
    Bench bench;
    bench.add({{}, 0.3, {{"codes", {1, 0.5F}}}}).add({bits32, 0.3, {{"codes", {1, 0.5F, 0}}}});
    CompareOptions options;
    options.scorings = {"codes"};
    const Comparison all = bench.compared(options);
    CHECK(all.tests == 0);
    REQUIRE(all.notices.size() == 3);
    CHECK(contains(all.notices[0], "no test for popularity"));
    CHECK(contains(all.notices[0], "user_metrics/popularity.npy is not there"));
    CHECK(contains(all.notices[1], "no test for iALS"));
    CHECK(contains(all.notices[2], "dcd-plus, 32 bits: it has other users than dcd-plus, 64 bits"));
}

TEST_CASE("runs on different data are refused with what differs, unless mixed") {
    Bench bench;
    MadeRun other{bits32, 0.2};
    other.hash = "h2";
    other.label = "elsewhere";
    bench.add({{}, 0.3, {{"codes", {1, 0}}}}).add(other);
    const std::string refusal = bench.refused();
    CHECK(contains(refusal, "label is \"made\" there and \"elsewhere\" here"));
    CHECK(contains(refusal, "--mixed"));
    CompareOptions options;
    options.mixed = true;
    const Comparison mixed = bench.compared(options);
    CHECK(mixed.data.empty());
    CHECK(line(mixed, "dcd-plus, 32 bits, elsewhere", "codes").metrics[0]->mean == near(0.2));
    CHECK_FALSE(line(mixed, "dcd-plus, 32 bits, elsewhere", "codes").tests[0]);
    CHECK(line(mixed, "popularity, elsewhere").runs == 1);
    CHECK(line(mixed, "popularity, made").runs == 1);
}

TEST_CASE("rows over other seeds of the split are not comparable") {
    Bench bench;
    MadeRun moved{{{"data.seed", "2"}, {"method.bits", "32"}}};
    moved.hash = "h2";
    bench.add({}).add(moved);
    CHECK(contains(bench.refused(), "seeds of the split"));
    MadeRun also_moved{{{"data.seed", "2"}}};
    also_moved.hash = "h2";
    MadeRun fixed{bits32};
    bench.add(also_moved).add(fixed);
    CHECK(bench.compared().lines.size() == 7);
}

TEST_CASE("generated users of different data seeds are different people") {
    Bench bench;
    const auto made = [](const char* data_seed, const char* bits, std::vector<float> values) {
        MadeRun run{{{"data.format", "synthetic"}, {"data.seed", data_seed}, {"method.bits", bits}},
                    0.3,
                    {{"codes", std::move(values)}}};
        run.hash = std::string("h") + data_seed;
        return run;
    };
    bench.add(made("1", "32", {1, 0, 1}))
        .add(made("2", "32", {0, 0}))
        .add(made("1", "64", {1, 1, 1}))
        .add(made("2", "64", {0.5F, 0}));
    CompareOptions options;
    options.scorings = {"codes"};
    options.metrics = {"HR@10"};
    const Comparison all = bench.compared(options);
    const auto& test = line(all, "dcd-plus, 64 bits", "codes").tests[0];
    REQUIRE(test);
    CHECK(test->test.users == 5);
    CHECK(test->test.difference == near(0.3));
}

TEST_CASE("baselines must have been measured by some run") {
    MadeRun bare{seeded("1")};
    bare.baselines = false;
    Bench bench;
    bench.add(bare);
    const std::string refusal = bench.refused();
    CHECK(contains(refusal, "baseline random"));
    CHECK(contains(refusal, "--set baselines.enabled=true"));
    CompareOptions options;
    options.need_baselines = false;
    CHECK(bench.compared(options).lines.size() == 2);
    CHECK_FALSE(bench.compared(options).lines[0].of_ceiling[0]);
    bench.add({seeded("2"), 0.3});
    CHECK(bench.compared().lines.size() == 5);
}

TEST_CASE("a run that was given twice in disguise is left out with a notice") {
    Bench bench;
    bench.add({}).add({{{"title", "again"}}, 0.9});
    const Comparison all = bench.compared();
    CHECK(all.lines[0].runs == 1);
    CHECK(all.lines[0].metrics[0]->mean == near(0.3));
    CHECK(contains(all.notices.at(0), "same settings and seeds"));
}

TEST_CASE("rows whose codes collapse are named, with how many of their runs") {
    Bench bench;
    MadeRun collapsed{seeded("2")};
    collapsed.collapse = {"1 of 64 bits is the same in all items"};
    bench.add({seeded("1")}).add(collapsed).add({bits32});
    const Comparison all = bench.compared();
    REQUIRE(!all.notices.empty());
    CHECK(contains(all.notices[0], "codes collapse: dcd-plus, 64 bits (1 of 2 runs);"));
}

TEST_CASE("rows of runs that lost uploads are named") {
    Bench bench;
    MadeRun short_of{seeded("2")};
    short_of.uploads_lost = 3;
    bench.add({seeded("1")}).add(short_of).add({bits32});
    const Comparison all = bench.compared();
    REQUIRE(!all.notices.empty());
    CHECK(contains(all.notices[0], "uploads were lost"));
    CHECK(contains(all.notices[0], "dcd-plus, 64 bits (1 of 2 runs);"));
}
