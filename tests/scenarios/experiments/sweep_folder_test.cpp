#include "scenarios/experiments/sweep_folder.hpp"

#include <doctest/doctest.h>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using fedhash::tests::contains;
using nlohmann::json;
using State = TrialOutcome::State;

namespace {

const json identity{{"base", "b"}, {"axes", json::array()}};
constexpr int success = 0, exit_code_1 = 1 << 8;

Loaded some_settings() {
    return load({}, tests::presets, std::vector<Override>{{"expect.HR@10", ">= 0.5"}},
                tests::no_environment());
}

}  // namespace

TEST_CASE("a trial is open, then finished, and stays so for the next sweep in this folder") {
    const tests::TempFolder at;
    {
        const SweepFolder folder(at / "s", identity);
        folder.write("sweep.json", identity.dump());
        CHECK(folder.outcome("x").state == State::open);
        const Child child = folder.begin("x", some_settings());
        CHECK(child.arguments ==
              std::vector<std::string>{"run", (at / "s/trials/x/config.toml").string()});
        const Loaded config = load(child.arguments[1], tests::presets, {}, tests::no_environment());
        CHECK(config.scenario.output.dir == (at / "s/trials/x").string());
        CHECK(config.scenario.expect.empty());
        tests::write_run(at / "s/trials/x/the-run", {});
        CHECK(folder.end("x", success).run == "trials/x/the-run");
    }
    const SweepFolder again(at / "s", identity);
    CHECK(again.outcome("x").state == State::finished);
    CHECK(again.outcome("x").run == "trials/x/the-run");
    std::filesystem::remove_all(at / "s/trials/x/the-run");
    CHECK(again.outcome("x").state == State::open);
}

TEST_CASE("a failed trial keeps its last words, and a new attempt begins anew") {
    const tests::TempFolder at;
    const SweepFolder folder(at / "s", identity);
    const Child child = folder.begin("x", some_settings());
    tests::write(child.log, "reading\nerror: a port is in use\n");
    CHECK(folder.end("x", exit_code_1).reason == "a port is in use");
    CHECK(folder.outcome("x").state == State::failed);
    CHECK(folder.outcome("x").reason == "a port is in use");
    tests::write(at / "s/trials/x/half-a-run/manifest.json", "{}");
    folder.begin("x", some_settings());
    CHECK(folder.outcome("x").state == State::open);
    CHECK_FALSE(std::filesystem::exists(at / "s/trials/x/half-a-run"));
    // No last words, and no run in spite of success.
    CHECK(folder.end("x", SIGKILL).reason == "killed by SIGKILL");
    CHECK(folder.end("x", success).state == State::failed);
}

TEST_CASE("a folder of something else, or of another sweep, is left alone") {
    const tests::TempFolder at;
    const auto refused = [&](const std::string& name, const json& mine) {
        return tests::refusal_of([&] { SweepFolder(at / name, mine); });
    };
    tests::write(at / "thesis/chapter1.tex", "x");
    CHECK(contains(refused("thesis", identity), "something else"));
    CHECK_FALSE(std::filesystem::exists(at / "thesis/trials"));
    tests::write(at / "s/sweep.json", identity.dump());
    json other = identity;
    other["axes"].push_back({{"key", "method.bits"}, {"values", {"8"}}});
    CHECK(contains(refused("s", other), "\"axes\" differs"));
    CHECK(refused("s", identity) == "accepted");
}

TEST_CASE("a folder is one sweep's at a time") {
    const tests::TempFolder at;
    {
        const SweepFolder first(at / "s", identity);
        CHECK(contains(tests::refusal_of([&] { SweepFolder(at / "s", identity); }), "going on"));
    }
    CHECK(tests::refusal_of([&] { SweepFolder(at / "s", identity); }) == "accepted");
}
