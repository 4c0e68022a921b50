#include "scenarios/experiments/run_record.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using fedhash::tests::contains;

namespace {

std::vector<std::string> names(const std::vector<std::filesystem::path>& folders) {
    std::vector<std::string> result;
    for (const auto& folder : folders) result.push_back(folder.filename().string());
    return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a run is read back with its settings, and without the environment") {
    const tests::TempFolder folder;
    const RunRecord run = tests::made_run(folder / "a", {{{"method.bits", "32"}}, 0.25});
    CHECK(run.settings.scenario.method.bits == 32);
    CHECK(run.scorings() == Names{"codes", "vector"});
    CHECK(run.data("hash") == "h1");
    CHECK(figure(run.summary, {"metrics", "codes", "NDCG@10"}) == 0.125);
    CHECK(figure(run.summary, {"rounds"}) == 11);
    CHECK_FALSE(figure(run.summary, {"metrics", "codes", "AUC"}));
    CHECK_FALSE(figure(run.summary, {"rounds", "codes"}));
}

TEST_CASE("runs are found by folder, by sweep and by pattern, each once") {
    const tests::TempFolder folder;
    for (const char* name : {"a", "b", "sweep/trials/1/c", "sweep/trials/2/d"})
        tests::write_run(folder / name, {});
    tests::write(folder / "sweep/sweep.json",
                 R"({"winner": {"runs": ["trials/2/d", "trials/1/c"]}})");
    tests::write(folder / "note.txt", "not a run");
    const auto at = [&folder](const std::string& name) { return (folder / name).string(); };
    CHECK(names(find_runs({at("b"), at("a")}).folders) == Names{"b", "a"});
    CHECK(names(find_runs({at("sweep")}).folders) == Names{"d", "c"});
    CHECK(names(find_runs({at("*")}).folders) == Names{"a", "b", "d", "c"});
    CHECK(names(find_runs({at("a"), at("?"), at("./a/")}).folders) == Names{"a", "b"});
}

TEST_CASE("only the winner of a sweep is the best of what was tried") {
    const tests::TempFolder folder;
    tests::write(folder / "sweep/sweep.json",
                 R"({"scenario": "a.toml", "tried": 8, "winner": {"runs": ["trials/1/c"]}})");
    const RunRecord winner = tests::made_run(folder / "sweep/trials/1/c", {});
    const RunRecord other = tests::made_run(folder / "sweep/trials/2/d", {});
    CHECK(winner.tried == 8);
    CHECK(other.tried == 0);
    CHECK(other.scenario == "a.toml");
}

TEST_CASE("what is no run is refused with what would be one") {
    const tests::TempFolder folder;
    tests::write_run(folder / "runs/a", {});
    tests::write(folder / "sweep/sweep.json", R"({"points": []})");
    const auto refused = [&folder](const std::string& name) {
        return tests::refusal_of([&] { find_runs({(folder / name).string()}); });
    };
    CHECK(contains(refused("runs"), "runs/*'"));
    CHECK(contains(refused("none"), "no such folder"));
    CHECK(contains(refused("none/*"), "no run folder matches"));
    const FoundRuns unfinished = find_runs({(folder / "*").string()});
    CHECK(unfinished.folders.empty());
    CHECK(contains(unfinished.left_out.at(0), "no winner yet"));
    CHECK(contains(tests::refusal_of([&] { read_summary(folder / "runs"); }), "not a run folder"));
    tests::write(folder / "torn/summary.json", "{\"outcome\": ");
    CHECK(contains(tests::refusal_of([&] { read_summary(folder / "torn"); }), "summary.json"));
    tests::write(folder / "killed/manifest.json", "{}");
    CHECK(contains(tests::refusal_of([&] { read_summary(folder / "killed"); }), "was killed"));
}

TEST_CASE("a run of an older version is refused with the way to a new one") {
    const tests::TempFolder folder;
    RunRecord run = tests::made_run(folder / "a", {});
    run.summary.erase("scorings");
    CHECK(contains(tests::refusal_of([&] { run.scorings(); }), "fedhash run"));
}

TEST_CASE("a run that did not end, or was not tested, cannot be used") {
    const tests::TempFolder folder;
    const auto reason = [&](const tests::MadeRun& run) {
        return unusable(tests::made_run(folder / "x", run).summary);
    };
    tests::MadeRun run;
    for (const char* outcome : {"complete", "complete-with-losses", "stopped-early"}) {
        run.outcome = outcome;
        CHECK(reason(run).empty());
    }
    run.tested = false;
    CHECK(contains(reason(run), "eval.test"));
    for (const char* outcome : {"interrupted", "failed", "?"}) {
        run.outcome = outcome;
        CHECK(contains(reason(run), outcome));
    }
}
