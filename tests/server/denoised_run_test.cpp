// Rounds whose decoys are taken off again, with clients that go at either question: what is left is
// the sum of own rows, and a replay of what counted gives the same codes without any decoy.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/denoise.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

RunPlan denoised_plan(std::uint32_t clients, const char* decoys = "resampled") {
    RunPlan plan = small_plan(clients);
    PrivacyVariant& privacy = plan.options.variant.privacy;
    plan.options.variant.exchange = "denoised";
    privacy.decoys = decoys;
    privacy.decoys_q8 = 768;
    privacy.denoise_users = 5;
    return plan;
}

RunPlan bare_plan() {
    RunPlan plan = small_plan(1);
    plan.options.variant.exchange = "one-shot";
    return plan;
}

std::size_t lost_in_round_2(const RunResult& result) {
    return static_cast<std::size_t>(
        std::ranges::count_if(result.lost(), [](const auto& lost) { return lost.first == 2; }));
}

void expect_same_without_decoys(const RunResult& recorded) {
    RunPlan replay = bare_plan();
    replay.options.lost = recorded.lost();
    CHECK(run(replay).item_codes == recorded.item_codes);
    RunPlan again = denoised_plan(2);
    again.options.lost = recorded.lost();
    CHECK(run(again).item_codes == recorded.item_codes);
}

}  // namespace

TEST_CASE("decoys that are taken off leave the codes that there are without decoys") {
    const RunResult bare = run(bare_plan());
    for (const char* decoys : {"resampled", "memoised", "popular"})
        for (const std::uint32_t clients : {1u, 7u}) {
            CAPTURE(decoys);
            CAPTURE(clients);
            const RunResult result = run(denoised_plan(clients, decoys));
            CHECK(result.item_codes == bare.item_codes);
            CHECK(result.lost().empty());
        }
    RunPlan decoys_stay = denoised_plan(2);
    decoys_stay.options.variant.exchange = "one-shot";
    CHECK(run(decoys_stay).item_codes != bare.item_codes);
}

TEST_CASE("the same of gradients, and of votes") {
    for (const bool votes : {false, true}) {
        CAPTURE(votes);
        const auto changed = [votes](RunPlan plan) {
            Variant& variant = plan.options.variant;
            variant.uplink = votes ? "votes" : "gradients";
            variant.item_rule = votes ? "majority" : "gradient";
            variant.interaction = 0;
            return plan;
        };
        CHECK(run(changed(denoised_plan(3))).item_codes == run(changed(bare_plan())).item_codes);
    }
}

TEST_CASE("answers in any order, late and twice") {
    const RunResult bare = run(bare_plan());
    UnreliableChannel::Faults faults;
    faults.seed = 3;
    faults.shuffle = true;
    faults.delay = 10;
    faults.duplicate_percent = 30;
    RunPlan plan = denoised_plan(7);
    plan.wrap = unreliable(faults, {0, 1, 2, 3, 4, 5, 6});
    CHECK(run(plan).item_codes == bare.item_codes);
}

TEST_CASE("whoever writes to a user that goes is left out with it") {
    for (const std::uint32_t step : {denoise::ask_uploads, denoise::ask_decoys}) {
        CAPTURE(step);
        RunPlan plan = denoised_plan(7);
        std::vector<std::uint32_t> asked;
        // One of them denoises for somebody at least.
        end_at(plan, {1, 2, 3, 4}, step, asked);
        const RunResult result = run(plan);
        CHECK(*std::ranges::max_element(asked) == step + 1);
        if (step == denoise::ask_uploads) CHECK(lost_in_round_2(result) > 12);
        if (step == denoise::ask_decoys) CHECK(lost_in_round_2(result) > 0);
        CHECK(lost_in_round_2(result) < 21);
        expect_same_without_decoys(result);
    }
}

TEST_CASE("what a user says of decoys that cannot be ends its session, and its group sits out") {
    RunPlan plan = denoised_plan(7);
    UnreliableChannel::Faults faults;
    faults.forge = [](const wire::Encoded& frame) {
        const wire::View bytes(*frame);
        if (wire::read_header(bytes.first<wire::header_bytes>()).type != wire::Type::reply)
            return frame;
        wire::ByteReader from(bytes.subspan(wire::header_bytes));
        wire::ReplyHead head;
        from(head);
        if (head.round != 2 || head.step != denoise::ask_decoys) return frame;
        wire::Buffer body(bytes.begin() + wire::header_bytes, bytes.end());
        body.resize(body.size() - 1);
        return wire::frame(wire::Type::reply, body);
    };
    plan.wrap = unreliable(faults, {1, 2, 3, 4});
    const RunResult result = run(plan);
    CHECK(lost_in_round_2(result) >= 4);  // whole groups, of 4 or 5
    expect_same_without_decoys(result);
}
