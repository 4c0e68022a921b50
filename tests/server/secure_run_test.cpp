// Rounds under masks, with clients that go at any question: what is left over is the sum of those
// who said it, and a replay of what counted gives the same codes.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/secure/messages.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

RunPlan masked_plan(std::uint32_t clients, std::uint32_t contributors = 0) {
    RunPlan plan = small_plan(clients);
    plan.options.variant.exchange = "secure";
    plan.options.variant.privacy.contributors = contributors;
    plan.options.secure_degree = 6;
    return plan;
}

RunPlan in_blocks(RunPlan plan) {
    plan.options.variant.privacy.blocks = 12;
    plan.options.variant.privacy.blocks_joined = 5;
    return plan;
}

RunPlan clear_plan(std::uint32_t contributors = 0) {
    RunPlan plan = small_plan(1);
    plan.options.variant.exchange = "one-shot";
    plan.options.variant.privacy.contributors = contributors;
    return plan;
}

/// `all`: somebody was left in every round, so that a clear run has them too.
void expect_replay(const RunResult& recorded, bool all = true, std::uint32_t contributors = 0) {
    for (const bool masked : {true, false}) {
        if (!masked && !all) continue;
        CAPTURE(masked);
        RunPlan replay = masked ? masked_plan(2, contributors) : clear_plan(contributors);
        replay.options.lost = recorded.lost();
        CHECK(run(replay).item_codes == recorded.item_codes);
    }
}

bool lost_in(const RunResult& result, std::uint32_t round) {
    return std::ranges::any_of(result.lost(),
                               [round](const auto& lost) { return lost.first == round; });
}

}  // namespace

TEST_CASE("masked rounds give the clear run's codes, in whatever order answers come") {
    const RunResult clear = run(clear_plan());
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        CAPTURE(seed);
        UnreliableChannel::Faults faults;
        faults.seed = seed;
        faults.shuffle = true;
        faults.delay = 10;
        faults.duplicate_percent = 30;
        RunPlan plan = masked_plan(7);
        plan.wrap = unreliable(faults, {0, 1, 2, 3, 4, 5, 6});
        const RunResult result = run(plan);
        CHECK(result.item_codes == clear.item_codes);
        CHECK(result.metrics == clear.metrics);
        CHECK(result.lost().empty());
    }
}

TEST_CASE("who takes part in some blocks alone adds up to the same") {
    for (const std::uint32_t contributors : {0u, 3u}) {
        CAPTURE(contributors);
        const RunResult clear = run(clear_plan(contributors));
        const RunResult whole = run(masked_plan(7, contributors));
        const RunResult some = run(in_blocks(masked_plan(7, contributors)));
        CHECK(some.item_codes == clear.item_codes);
        CHECK(some.metrics == clear.metrics);
        CHECK(some.summary.at("bytes").at("up") < whole.summary.at("bytes").at("up"));
    }
    for (const std::uint32_t step :
         {secure::ask_shares, secure::ask_masked, secure::ask_revealed}) {
        CAPTURE(step);
        RunPlan plan = in_blocks(masked_plan(7));
        plan.options.secure_degree = 12;
        std::vector<std::uint32_t> asked;
        end_at(plan, {3}, step, asked);
        const RunResult result = run(plan);
        CHECK(asked[3] == step + 1);
        expect_replay(result);
    }
}

TEST_CASE("a client that goes at any of the four questions") {
    for (const std::uint32_t step :
         {secure::ask_keys, secure::ask_shares, secure::ask_masked, secure::ask_revealed}) {
        CAPTURE(step);
        RunPlan plan = masked_plan(7);
        plan.options.secure_degree = 12;
        std::vector<std::uint32_t> asked;
        end_at(plan, {3}, step, asked);
        const RunResult result = run(plan);
        CHECK(asked[3] == step + 1);
        // What was masked before it went counts.
        CHECK(lost_in(result, 2) == (step != secure::ask_revealed));
        CHECK(lost_in(result, 3));
        expect_replay(result);
    }
}

TEST_CASE("when too few are left to take the masks off, nobody counts in the round") {
    for (const std::uint32_t step : {secure::ask_masked, secure::ask_revealed}) {
        CAPTURE(step);
        RunPlan plan = masked_plan(7);
        std::vector<std::uint32_t> asked;
        end_at(plan, {0, 1, 2, 4, 5}, step, asked);
        const RunResult result = run(plan);
        std::size_t lost = 0;
        for (const auto& [round, user] : result.lost()) lost += round == 2 ? 1 : 0;
        CHECK(lost == 21);  // all users
        expect_replay(result, false);
    }
}

TEST_CASE("users whose neighbours are gone withdraw, and the others count") {
    bool some_withdrew = false;
    for (std::uint32_t client = 0; client < 7; ++client) {
        RunPlan plan = masked_plan(7);
        plan.options.secure_degree = 4;
        std::vector<std::uint32_t> asked;
        end_at(plan, {client}, secure::ask_shares, asked);
        const RunResult result = run(plan);
        std::size_t lost = 0;
        for (const auto& [round, user] : result.lost()) lost += round == 2 ? 1 : 0;
        CHECK(lost >= 3);
        some_withdrew = some_withdrew || lost > 3;
        expect_replay(result, lost < 21);
    }
    CHECK(some_withdrew);
}

TEST_CASE("an answer that does not fit ends its client's session, not the round") {
    for (const std::uint32_t at :
         {secure::ask_keys, secure::ask_shares, secure::ask_masked, secure::ask_revealed}) {
        CAPTURE(at);
        RunPlan plan = masked_plan(7);
        plan.options.secure_degree = 12;
        UnreliableChannel::Faults faults;
        std::uint32_t replies = 0;
        faults.forge = [&replies, at](const wire::Encoded& frame) {
            const wire::View bytes(*frame);
            if (wire::read_header(bytes.first<wire::header_bytes>()).type != wire::Type::reply ||
                round_of(frame) != 2 || replies++ != 3 * at)
                return frame;
            wire::Buffer body(bytes.begin() + wire::header_bytes, bytes.end());
            body.resize(body.size() - 3);
            return wire::frame(wire::Type::reply, body);
        };
        plan.wrap = unreliable(faults, {2});
        const RunResult result = run(plan);
        CHECK(replies >= 3 * at + 1);
        CHECK(lost_in(result, 3));
        if (at != secure::ask_revealed) CHECK(lost_in(result, 2));
        expect_replay(result);
    }
}

// A third of the items of this small world have fewer than 7 raters.
constexpr std::uint32_t enough = 7;

TEST_CASE("rows of few are never added up, and the codes are those of a clear run without them") {
    const RunResult clear = run(clear_plan(enough));
    CHECK(clear.item_codes != run(clear_plan()).item_codes);
    for (const std::uint32_t clients : {1u, 7u}) {
        RunPlan plan = masked_plan(clients, enough);
        const RunResult result = run(plan);
        CHECK(result.item_codes == clear.item_codes);
        CHECK(result.metrics == clear.metrics);
        CHECK(result.lost().empty());
    }
}

TEST_CASE("a client that goes between counts and rows: both are asked again, without its users") {
    for (std::uint32_t step = 0; step < 2 * secure::steps; ++step) {
        CAPTURE(step);
        RunPlan plan = masked_plan(7, enough);
        plan.options.secure_degree = 12;
        std::vector<std::uint32_t> asked;
        end_at(plan, {3}, step, asked);
        const RunResult result = run(plan);
        CHECK(asked[3] == step + 1);
        // Only what it had said of the rows counts.
        CHECK(lost_in(result, 2) == (step != secure::steps + secure::ask_revealed));
        expect_replay(result, true, enough);
    }
}
