// One process, one thread or many: the same bytes in every record that is not about time.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/errors.hpp"
#include "scenarios/launch/outcome.hpp"
#include "scenarios/launch/plan.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Prepared small_data() {
    Prepared data;
    tests::Made made = tests::make_users(5, 23, 60);
    data.users = std::move(made.users);
    data.ranking = made.ranking;
    data.has_validation = true;
    return data;
}

struct Records {
    std::string metrics, users, codes, user_codes;
    nlohmann::json summary;
};

Records run(const Scenario& scenario, std::uint32_t threads) {
    const tests::TempFolder folder;
    std::filesystem::create_directory(folder / "private");
    const Prepared data = small_data();
    Job job{&data, plan(scenario, data, fresh_token()), folder.path(), true, threads, {}};
    job.on_event = [](const nlohmann::json&) {};
    Records records;
    records.summary = run_in_one_process(job);
    REQUIRE(merge_user_codes(folder / "private", job.options, folder / "user_codes.npy") == 0);
    records.metrics = tests::contents(folder / "metrics.csv");
    records.users = tests::contents(folder / "users.csv");
    records.codes = tests::contents(folder / "item_codes.npy");
    records.user_codes = tests::contents(folder / "user_codes.npy");
    return records;
}

void check_threads(const Scenario& scenario) {
    const Records one = run(scenario, 1);
    REQUIRE_FALSE(one.metrics.empty());
    for (std::uint32_t threads : {2u, 3u, 16u}) {
        CAPTURE(threads);
        const Records many = run(scenario, threads);
        CHECK(many.metrics == one.metrics);
        CHECK(many.users == one.users);
        CHECK(many.codes == one.codes);
        CHECK(many.user_codes == one.user_codes);
        CHECK(many.summary["bytes"] == one.summary["bytes"]);
    }
}

Scenario small_scenario() {
    Scenario scenario;
    scenario.run.transport = "in-process";
    scenario.run.rounds = 4;
    scenario.run.clients = 5;
    scenario.method.bits = 24;
    return scenario;
}

}  // namespace

TEST_CASE("the number of threads changes no record of a run") {
    Scenario scenario = small_scenario();
    SUBCASE("with everybody in every round") {}
    SUBCASE("with a sample of the users") { scenario.run.participation = 0.4; }
    SUBCASE("with one client for each user") { scenario.run.clients = 0; }
    SUBCASE("with real vectors and a scaled code") {
        scenario.method.learner = "scaled-code";
        scenario.method.uplink = "scaled-code";
        scenario.method.item_rule = "binary";
        scenario.method.bias_bits = 5;
    }
    SUBCASE("with users of several planes and a teacher") {
        scenario.method.learner = "scaled-code";
        scenario.method.uplink = "scaled-code";
        scenario.method.item_rule = "binary";
        scenario.method.bias_bits = 5;
        scenario.method.user_bits = 2;
        scenario.method.teacher.rounds = 1;
        scenario.method.teacher.factors = 8;
        scenario.method.prior = 1;
    }
    SUBCASE("bit by bit") {
        scenario.method.exchange = "interactive";
        scenario.method.uplink = "statistics";
        scenario.method.item_rule = "exact";
        scenario.method.relaxation = 1;
        scenario.method.memory = 0;
    }
    check_threads(scenario);
}

TEST_CASE("what goes wrong on a client's thread is thrown where the run was started") {
    const Prepared data = small_data();
    for (std::uint32_t threads : {1u, 3u}) {
        CAPTURE(threads);
        const tests::TempFolder folder;  // without the folder for what users keep
        Job job{&data, plan(small_scenario(), data, fresh_token()), folder.path(), true, threads,
                {}};
        job.on_event = [](const nlohmann::json&) {};
        CHECK_THROWS_AS(run_in_one_process(job), RunError);
    }
}

TEST_CASE("what goes wrong with the coordinator ends the clients' threads") {
    const Prepared data = small_data();
    for (std::uint32_t threads : {1u, 3u}) {
        CAPTURE(threads);
        const tests::TempFolder folder;
        Job job{&data, plan(small_scenario(), data, fresh_token()), folder.path(), false, threads,
                {}};
        job.on_event = [](const nlohmann::json& event) {
            if (event["event"] == "round" && event["round"] == 2) throw RunError("enough");
        };
        CHECK_THROWS_WITH_AS(run_in_one_process(job), "enough", RunError);
    }
}

TEST_CASE("clients get as many threads as asked for, never more than there are clients") {
    CHECK(client_threads(1, 8) == 0);  // with the coordinator
    CHECK(client_threads(4, 8) == 4);
    CHECK(client_threads(4, 2) == 2);
    CHECK(client_threads(4, 1) == 0);
    CHECK(client_threads(0, 1) == 0);
    const std::uint32_t processors = std::thread::hardware_concurrency();
    CHECK(client_threads(0, 1000) == (processors > 1 ? std::min(processors, 1000u) : 0));
}
