// Determinism: the same seed and the same accepted uploads give the same bits, however the users
// are spread over processes and in whatever order their words arrive.
#include <doctest/doctest.h>

#include <sstream>

#include "common/errors.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

void expect_same(const RunResult& got, const RunResult& expected) {
    CHECK(got.items == expected.items);
    CHECK(got.tables.planes == expected.tables.planes);
    CHECK(got.item_codes == expected.item_codes);
    CHECK(got.metrics == expected.metrics);
    CHECK(got.summary.at("metrics") == expected.summary.at("metrics"));
}

void expect_clean(const RunResult& result) {
    CHECK(result.summary.at("outcome") == "complete");
    CHECK(result.summary.at("rejected").empty());
    CHECK(result.lost().empty());
    CHECK(result.summary.at("bytes").at("count_difference") == 0);
    CHECK(result.summary.at("bytes").at("counts_compared") == result.summary.at("clients"));
    for (const std::string& end : result.client_ends) CHECK(end == "");
}

std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed) {
    Stream random(seed);
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
    for (std::uint32_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    return order;
}

}  // namespace

TEST_CASE("a run ends the same to the bit whatever the number of clients, for every method") {
    const auto plain = [](RunPlan&) {};
    const auto half = [](RunPlan& plan) { plan.options.participation = 0.5; };
    const auto memory = [](RunPlan& plan) {
        plan.options.participation = 0.3;
        plan.options.variant.memory_256 = 180;
    };
    const auto lightfr = [](RunPlan& plan) {
        plan.options.variant.feedback = "explicit";
        plan.options.variant.uplink = "gradients";
        plan.options.variant.item_rule = "gradient";
        plan.options.variant.weigh_users = true;
    };
    for (const std::function<void(RunPlan&)>& method :
         {std::function<void(RunPlan&)>(plain), {half}, {memory}, {lightfr}}) {
        RunPlan one = small_plan(1);
        method(one);
        const RunResult expected = run(one);
        expect_clean(expected);
        CHECK(expected.items != initial_item_codes(11, 20, 60));
        for (std::uint32_t clients : {2u, 7u, 21u}) {
            CAPTURE(clients);
            RunPlan plan = small_plan(clients);
            method(plan);
            const RunResult result = run(plan);
            expect_clean(result);
            expect_same(result, expected);
        }
    }
}

TEST_CASE("real-valued stages end the same to the bit whatever the number of clients, too") {
    const auto teacher = [](RunPlan& plan) {
        plan.options.variant.learner = "teacher";
        plan.options.variant.teacher.rounds = plan.options.rounds;
        plan.options.variant.teacher.factors = 12;
    };
    const auto encoder = [teacher](RunPlan& plan) {
        teacher(plan);
        plan.options.variant.quantiser = "free";
        plan.options.variant.group_bits = 4;
    };
    const auto coded = [encoder](RunPlan& plan) {
        encoder(plan);
        plan.options.variant.teacher.coded = true;
    };
    const auto box = [](RunPlan& plan) {
        plan.options.variant.learner = "vector";
        plan.options.variant.uplink = "vector";
        plan.options.variant.item_rule = "box";
        plan.options.variant.item_exponent = 0.2;
        plan.options.variant.user_exponent_q16 = 19'661;
    };
    const auto scaled_box = [box](RunPlan& plan) {
        box(plan);
        plan.options.variant.learner = plan.options.variant.uplink = "scaled-code";
    };
    const auto binary = [](RunPlan& plan) {
        plan.options.variant.learner = plan.options.variant.uplink = "scaled-code";
        plan.options.variant.item_rule = "binary";
        plan.options.variant.bias_bits = 5;
    };
    const auto box_half = [box](RunPlan& plan) {
        box(plan);
        plan.options.participation = 0.5;
        plan.options.variant.memory_256 = 128;
    };
    const auto taught_box = [box](RunPlan& plan) {
        box(plan);
        plan.options.rounds = 6;
        plan.options.variant.teacher.rounds = 2;
        plan.options.variant.teacher.factors = 12;
        plan.options.variant.prior = plan.options.variant.scoring_prior = 0.8;
        plan.options.variant.scoring_bits = 3;
    };
    std::size_t number = 0;
    for (const std::function<void(RunPlan&)>& method : {std::function<void(RunPlan&)>(teacher),
                                                        {encoder},
                                                        {coded},
                                                        {box},
                                                        {scaled_box},
                                                        {binary},
                                                        {box_half},
                                                        {taught_box}}) {
        CAPTURE(number++);
        RunPlan one = small_plan(1);
        method(one);
        const RunResult expected = run(one);
        expect_clean(expected);
        CHECK_FALSE(expected.summary.at("metrics").empty());
        for (std::uint32_t clients : {3u, 8u}) {
            CAPTURE(clients);
            RunPlan plan = small_plan(clients);
            method(plan);
            const RunResult result = run(plan);
            expect_clean(result);
            expect_same(result, expected);
        }
    }
}

TEST_CASE("another seed gives another run") {
    RunPlan plan = small_plan(1);
    const RunResult expected = run(plan);
    CHECK(run(plan).item_codes == expected.item_codes);
    plan.options.seed = 12;
    CHECK(run(plan).item_codes != expected.item_codes);
}

TEST_CASE("every set of kernels gives the same run") {
    RunPlan plan = small_plan(2);
    plan.options.kernels = "baseline";
    const RunResult expected = run(plan);
    plan.options.kernels = "auto";
    expect_same(run(plan), expected);
}

TEST_CASE(
    "neither the order in which clients come nor the order in which replies arrive changes a bit") {
    const RunResult expected = run(small_plan(1));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        RunPlan plan = small_plan(7);
        plan.order = shuffled(7, seed);
        plan.wrap = [seed](std::uint32_t client, std::unique_ptr<wire::Channel> channel,
                           asio::any_io_executor executor) {
            UnreliableChannel::Faults faults;
            faults.seed = 100 * seed + client;
            faults.shuffle = true;
            faults.delay = 40;
            return std::unique_ptr<wire::Channel>(
                std::make_unique<UnreliableChannel>(std::move(channel), executor, faults));
        };
        const RunResult result = run(plan);
        expect_clean(result);
        expect_same(result, expected);
    }
}

TEST_CASE("with partial participation each round asks a cohort of the stated size, and only them") {
    RunPlan plan = small_plan(5);
    plan.options.participation = 0.4;
    const RunResult result = run(plan);
    std::istringstream lines(result.metrics);
    std::string line;
    std::getline(lines, line);  // the names
    for (std::uint32_t round = 1; round <= 4; ++round) {
        std::getline(lines, line);
        CAPTURE(line);
        CHECK(line.starts_with(std::to_string(round) + ",valid,8,8,"));
    }
    std::getline(lines, line);
    CHECK(line.starts_with("4,test,"));
}

TEST_CASE("pieces that do not fit are refused before anything starts") {
    RunPlan plan = small_plan(1);
    plan.options.variant.uplink = "gradients";
    CHECK_THROWS_AS(run(plan), UsageError);
}
