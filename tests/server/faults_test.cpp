// What is lost, late or said twice: counted, named, and never part of the result. A replay of what
// was accepted gives the same item codes.
#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

constexpr std::uint32_t short_deadline_ms = 500;

std::vector<std::uint32_t> all_of(std::uint32_t clients) {
    std::vector<std::uint32_t> list(clients);
    for (std::uint32_t c = 0; c < clients; ++c) list[c] = c;
    return list;
}

/// The same run with nothing going wrong but the recorded losses.
void expect_replay(const RunPlan& plan, const RunResult& recorded) {
    RunPlan replay = small_plan(plan.options.clients);
    replay.options = plan.options;
    replay.options.deadline_ms = 60'000;
    replay.options.lost = recorded.lost();
    const RunResult again = run(replay);
    CHECK(again.item_codes == recorded.item_codes);
    CHECK(again.lost() == recorded.lost());
    // Nor does it matter who hosts the users then.
    replay.options.clients = 1;
    CHECK(run(replay).item_codes == recorded.item_codes);
}

// The event that names a client's loss in one round.
const nlohmann::json* loss_of(const RunResult& result, std::uint32_t client, std::uint32_t round) {
    for (const nlohmann::json& event : result.events)
        if (event.at("event") == "lost" && event.at("client") == client &&
            event.at("round") == round)
            return &event;
    return nullptr;
}

}  // namespace

TEST_CASE("replies that come twice count once, are counted as refused, and change nothing") {
    const RunResult expected = run(small_plan(1));
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        CAPTURE(seed);
        UnreliableChannel::Faults faults;
        faults.seed = seed;
        faults.shuffle = true;
        faults.delay = 20;
        faults.duplicate_percent = 40;
        RunPlan plan = small_plan(7);
        std::vector<UnreliableChannel*> channels;
        std::uint64_t duplicated = 0;
        plan.wrap = [&](std::uint32_t client, std::unique_ptr<wire::Channel> channel,
                        asio::any_io_executor executor) {
            auto wrapped = unreliable(faults, all_of(7))(client, std::move(channel), executor);
            channels.push_back(static_cast<UnreliableChannel*>(wrapped.get()));
            return wrapped;
        };
        plan.on_event = [&](const nlohmann::json& event) {
            if (event.at("event") != "round" || event.at("round") != 4) return;
            for (const UnreliableChannel* channel : channels) duplicated += channel->duplicated();
        };
        const RunResult result = run(plan);
        CHECK(duplicated > 10);
        CHECK(result.rejected("reply not asked for, or a second one") +
                  result.rejected("late reply") ==
              duplicated);
        CHECK(result.item_codes == expected.item_codes);
        CHECK(result.metrics == expected.metrics);
        CHECK(result.lost().empty());
        CHECK(result.summary.at("bytes").at("count_difference") == 0);
    }
}

TEST_CASE(
    "lost replies are named when the deadline has passed, and the replay without them gives the "
    "same codes") {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
        CAPTURE(seed);
        UnreliableChannel::Faults faults;
        faults.seed = seed;
        faults.lost_percent = 30;
        RunPlan plan = small_plan(7);
        plan.options.deadline_ms = short_deadline_ms;
        plan.wrap = unreliable(faults, {1, 2});
        const RunResult result = run(plan);
        CHECK_FALSE(result.lost().empty());
        CHECK(result.summary.at("outcome") == "complete-with-losses");
        for (const nlohmann::json& loss : result.summary.at("losses"))
            CHECK(loss.at("reason") != "");
        expect_replay(plan, result);
    }
}

TEST_CASE(
    "late replies are counted, not used, and the device takes back what it had learnt with them") {
    UnreliableChannel::Faults faults;
    faults.hold_round = 2;
    RunPlan plan = small_plan(7);
    plan.options.rounds = 5;
    plan.options.deadline_ms = short_deadline_ms;
    UnreliableChannel* held = nullptr;
    std::size_t released = 0;
    plan.wrap = [&](std::uint32_t client, std::unique_ptr<wire::Channel> channel,
                    asio::any_io_executor executor) {
        auto wrapped = unreliable(faults, {3})(client, std::move(channel), executor);
        if (client == 3) held = static_cast<UnreliableChannel*>(wrapped.get());
        return wrapped;
    };
    plan.on_event = [&](const nlohmann::json& event) {
        if (event.at("event") == "round" && event.at("round") == 2) released = held->release();
    };
    const RunResult result = run(plan);
    CHECK(released == 3);
    CHECK(result.rejected("late reply") == 3);
    REQUIRE(loss_of(result, 3, 2) != nullptr);
    CHECK(loss_of(result, 3, 2)->at("reason") == "no answer by the deadline");
    CHECK(loss_of(result, 3, 3) != nullptr);  // it had not spoken yet when round 3 asked
    CHECK(loss_of(result, 3, 4) == nullptr);
    CHECK(loss_of(result, 3, 5) == nullptr);
    CHECK(result.client_ends[3] == "");
    expect_replay(plan, result);
}

TEST_CASE(
    "a client that closes in round 2 is named from then on, and the replay without it gives the "
    "same codes") {
    for (std::uint32_t clients : {2u, 7u}) {
        CAPTURE(clients);
        RunPlan plan = small_plan(clients);
        plan.before_learning = [](std::uint32_t client, std::uint32_t round) {
            if (client == 1 && round == 2) throw std::runtime_error("pulled the plug");
        };
        const RunResult result = run(plan);
        CHECK(result.client_ends[1] == "pulled the plug");
        CHECK(result.summary.at("clients_lost") == 1);
        CHECK(loss_of(result, 1, 1) == nullptr);
        for (std::uint32_t round = 2; round <= 4; ++round) {
            REQUIRE(loss_of(result, 1, round) != nullptr);
            CHECK(loss_of(result, 1, round)->at("reason") == "connection lost: closed by peer");
            CHECK(loss_of(result, 1, round)->at("users").size() == users_of(1, clients, 21));
        }
        // The summary has one line for it: when it began, and how many rounds it was missed in.
        REQUIRE(result.summary.at("losses").size() == 1);
        CHECK(result.summary.at("losses")[0].at("round") == 2);
        CHECK(result.summary.at("losses")[0].at("rounds") ==
              result.summary.at("rounds").get<int>() - 1);
        CHECK(result.summary.at("users_lost") == users_of(1, clients, 21));
        CHECK(loss_of(result, 0, 2) == nullptr);
        plan.before_learning = nullptr;
        expect_replay(plan, result);
    }
}

TEST_CASE("losses with partial participation and running sums replay to the same codes") {
    RunPlan plan = small_plan(7);
    plan.options.participation = 0.6;
    plan.options.rounds = 6;
    plan.options.variant.memory_256 = 150;
    plan.before_learning = [](std::uint32_t client, std::uint32_t round) {
        if ((client == 0 && round >= 2) || (client == 5 && round >= 4))
            throw std::runtime_error("pulled the plug");
    };
    const RunResult result = run(plan);
    CHECK(result.lost().size() >= 4);
    plan.before_learning = nullptr;
    expect_replay(plan, result);
}

TEST_CASE("when everybody is gone the run fails with a reason instead of waiting") {
    RunPlan plan = small_plan(3);
    plan.before_learning = [](std::uint32_t, std::uint32_t round) {
        if (round == 3) throw std::runtime_error("pulled the plug");
    };
    CHECK_THROWS_WITH_AS(run(plan), doctest::Contains("nobody answered"), RunError);
}

TEST_CASE(
    "an interrupted run drops the round under way, parts from its clients and says that it is "
    "partial") {
    const auto plan_of_two_rounds = [] {  // relaxed like the first two of fifty
        RunPlan plan = small_plan(3);
        plan.options.variant.own_bit_start = 64;
        plan.options.rounds = 2;
        return plan;
    };
    RunPlan plan = plan_of_two_rounds();
    plan.options.rounds = 50;
    server::Coordinator* coordinator = nullptr;
    plan.meanwhile = [&coordinator](asio::io_context&, server::Coordinator& running) {
        coordinator = &running;
    };
    plan.before_learning = [&coordinator](std::uint32_t client, std::uint32_t round) {
        if (client == 2 && round == 3) coordinator->interrupt();
    };
    const RunResult result = run(plan);
    CHECK(result.summary.at("outcome") == "interrupted");
    CHECK(result.summary.at("rounds") == 2);
    CHECK_FALSE(result.summary.contains("metrics"));
    // Everyone is told, also the one that was learning.
    CHECK(result.client_ends == std::vector<std::string>{"", "", ""});
    CHECK(run(plan_of_two_rounds()).metrics.starts_with(result.metrics));
}
