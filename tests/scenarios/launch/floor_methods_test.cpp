// The methods that others are measured against, run like any other.
#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "scenarios/baselines/baselines.hpp"
#include "server/records.hpp"
#include "tests/scenarios/launch/small_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

TEST_CASE("popularity as a federated method has the figures of the baseline, to the last bit") {
    const scenarios::Prepared data = generated(300, 200);
    const scenarios::Scenario scenario = with_preset("popularity");
    const nlohmann::json summary = run_here(scenario, data);
    const scenarios::Baseline baseline =
        scenarios::popularity(data, scenario.eval.k, client::Part::test);
    CHECK(summary.at("metrics").at("factors") == server::to_json(baseline.sums, scenario.eval.k));
    CHECK(summary.at("rounds") == 1);
    CHECK_FALSE(summary.at("metrics").contains("codes"));
}

TEST_CASE("popularity has the same figures from any number of clients") {
    const scenarios::Prepared data = generated(60, 50);
    const auto metrics = [&](const char* clients) {
        return run_here(with_preset("popularity", {{"run.clients", clients}}), data).at("metrics");
    };
    CHECK(metrics("1") == metrics("7"));
}

TEST_CASE("random codes hit as often as chance, and cost a few bytes") {
    const scenarios::Prepared data = generated(1000, 200);
    const nlohmann::json summary = run_here(with_preset("random"), data);
    // The held-out item is among those that the user has not seen; at most 200.
    double chance = 0;
    for (const client::UserData& user : data.users)
        chance += 10.0 / static_cast<double>(200 - user.train.size() - user.valid.items.size());
    chance /= 1000;
    const double hits = summary.at("metrics").at("codes").at("HR@10").at("expected");
    CAPTURE(chance);
    CHECK(hits > 0.75 * chance);  // three standard deviations of 1,000 draws at 0.06: 0.022
    CHECK(hits < 1.35 * chance);
    CHECK(summary.at("bytes").at("up_per_user_round").get<double>() < 32);
}

TEST_CASE("counts make neither codes nor use of a teacher") {
    const scenarios::Prepared data = generated(20, 30);
    const auto refusal = [&](std::vector<scenarios::Override> changes) {
        try {
            scenarios::plan(with_preset("popularity", std::move(changes)), data, {});
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(refusal({}) == "");
    CHECK(refusal({{"method.quantiser", "sign"}}).find("set method.quantiser=none") !=
          std::string::npos);
    CHECK(refusal({{"method.teacher.rounds", "1"}, {"run.rounds", "2"}})
              .find("set method.teacher.rounds=0") != std::string::npos);
    CHECK(refusal({{"method.feedback", "explicit"}}).find("set method.feedback=implicit") !=
          std::string::npos);
    CHECK(refusal({{"method.uplink", "residual"}}).find("method.uplink") != std::string::npos);
}
