// Rounds whose uploads lose their names, with clients and shufflers that go or lie: the codes of
// the named uploads that counted, or an end that says why.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/errors.hpp"
#include "common/shuffle.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

RunPlan shuffled_plan(std::uint32_t clients) {
    RunPlan plan = small_plan(clients);
    plan.options.variant.exchange = "shuffled";
    return plan;
}

RunPlan named_plan() {
    RunPlan plan = small_plan(1);
    plan.options.variant.exchange = "one-shot";
    return plan;
}

/// Changes what is said of `type` in round 2.
UnreliableChannel::Faults lies_about(wire::Type type, void (*change)(wire::Buffer& body)) {
    UnreliableChannel::Faults faults;
    faults.forge = [type, change](const wire::Encoded& frame) {
        const wire::View bytes(*frame);
        if (wire::read_header(bytes.first<wire::header_bytes>()).type != type) return frame;
        wire::Buffer body(bytes.begin() + wire::header_bytes, bytes.end());
        if (body.front() != 2) return frame;  // the round, in both kinds of frames
        change(body);
        return wire::frame(type, body);
    };
    return faults;
}

RunPlan with_shuffler(void (*change)(wire::Buffer& body)) {
    RunPlan plan = shuffled_plan(3);
    plan.options.deadline_ms = 200;
    plan.wrap = unreliable(lies_about(wire::Type::mixed, change), {3});
    return plan;
}

}  // namespace

TEST_CASE("uploads without names come to the codes of named ones") {
    const RunResult named = run(named_plan());
    for (const std::uint32_t clients : {1u, 7u}) {
        const RunResult result = run(shuffled_plan(clients));
        CHECK(result.item_codes == named.item_codes);
        CHECK(result.metrics == named.metrics);
        CHECK(result.lost().empty());
        CHECK(result.summary.at("fewest_accepted") == 21);
    }
    UnreliableChannel::Faults faults;
    faults.seed = 3;
    faults.shuffle = true;
    faults.delay = 10;
    faults.duplicate_percent = 30;
    RunPlan plan = shuffled_plan(7);
    plan.wrap = unreliable(faults, {0, 1, 2, 3, 4, 5, 6});
    CHECK(run(plan).item_codes == named.item_codes);
}

TEST_CASE("users who go, or whose notes cannot be read, are left out and told") {
    RunPlan gone = shuffled_plan(7);
    std::vector<std::uint32_t> asked;
    end_at(gone, {1, 2}, 0, asked);
    RunPlan unreadable = shuffled_plan(7);
    unreadable.wrap = unreliable(
        lies_about(wire::Type::reply, [](wire::Buffer& body) { body.back() ^= 1; }), {1, 2});
    for (const RunPlan& plan : {gone, unreadable}) {
        const RunResult result = run(plan);
        const auto lost = result.lost();
        CHECK(std::ranges::count_if(lost, [](const auto& one) { return one.first == 2; }) == 6);
        CHECK(result.summary.at("fewest_accepted") == 15);
        RunPlan replay = named_plan();
        replay.options.lost = lost;
        CHECK(run(replay).item_codes == result.item_codes);
    }
}

TEST_CASE("too few to hide among are not opened, and their round does not count") {
    RunPlan plan = shuffled_plan(2);
    plan.options.participation = 0.1;
    const RunResult result = run(plan);
    CHECK(std::ranges::count_if(result.events, [](const nlohmann::json& event) {
              return event.at("event") == "abandoned";
          }) == 4);
    CHECK(result.summary.at("fewest_accepted") == 0);
}

TEST_CASE("a piece that cannot be read is nobody's, and the others count") {
    const RunResult result = run(with_shuffler([](wire::Buffer& body) { body.back() = 1; }));
    CHECK(result.rejected("padding that no policy makes") == 1);
    CHECK(result.lost().empty());
    CHECK(result.item_codes != run(named_plan()).item_codes);
}

TEST_CASE("a shuffler that says what cannot be ends the run, with the reason") {
    struct Lie {
        void (*change)(wire::Buffer& body);
        const char* reason;
    };
    for (const Lie& lie :
         {Lie{[](wire::Buffer& body) { body.pop_back(); }, "pieces of another length or number"},
          Lie{[](wire::Buffer& body) { body.insert(body.end(), body.size() - 3, 0); },
              "pieces of another length or number"},
          Lie{[](wire::Buffer& body) { body.resize(3); }, "pieces do not match the notes"},
          Lie{[](wire::Buffer& body) {
                  body[1] = 0;
                  body.resize(3);
              },
              "pieces of another length or number"},
          Lie{[](wire::Buffer& body) { body.resize(1); }, "truncated"},
          // Late pieces are none.
          Lie{[](wire::Buffer& body) { body.front() = 1; },
              "the shuffler did not answer by the deadline"},
          Lie{[](wire::Buffer& body) { body[1] = 0; },
              "the shuffler did not answer by the deadline"},
          // One note unread twice; one that there is not.
          Lie{[](wire::Buffer& body) {
                  body[2] = 2;
                  body.insert(body.begin() + 3, {1, 0, 0, 0, 1, 0, 0, 0});
                  body.resize(body.size() - 2 * (body.size() - 11) / 21);
              },
              "pieces do not match the notes"},
          Lie{[](wire::Buffer& body) {
                  body[2] = 1;
                  body.insert(body.begin() + 3, {21, 0, 0, 0});
                  body.resize(body.size() - (body.size() - 7) / 21);
              },
              "pieces do not match the notes"}}) {
        CAPTURE(lie.reason);
        CHECK_THROWS_WITH_AS(run(with_shuffler(lie.change)), doctest::Contains(lie.reason),
                             RunError);
    }
}

TEST_CASE("nobody sits down as the shuffler with a client's token") {
    RunPlan plan = shuffled_plan(3);
    plan.options.start_deadline_ms = 200;
    plan.shuffler_token = plan.options.token;
    CHECK_THROWS_WITH_AS(run(plan), doctest::Contains("the shuffler did not come"), RunError);
}
