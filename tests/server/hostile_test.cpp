// Strangers at the door and members that lie: refused with a counted reason, and the honest run is
// the same to the byte.
#include <doctest/doctest.h>

#include <limits>

#include "common/wire/memory_channel.hpp"
#include "tests/server/made_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

/// Connects, says these bytes and hangs up.
void knock(asio::io_context& io, server::Coordinator& coordinator,
           const std::vector<wire::Encoded>& words) {
    auto [here, there] = wire::make_memory_channels(io.get_executor());
    for (const wire::Encoded& word : words) there->post(word);
    coordinator.roster().admit(std::move(here));
}

wire::Encoded hello(const wire::Token& token, std::uint32_t client) {
    return wire::frame(wire::Type::hello, wire::encode(wire::Hello{token, client}));
}

wire::Encoded raw(wire::Buffer bytes) {
    return std::make_shared<const wire::Buffer>(std::move(bytes));
}

wire::Encoded damaged(const wire::Encoded& frame, std::size_t at) {
    wire::Buffer bytes = *frame;
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 0x10);
    return raw(std::move(bytes));
}

wire::Type type_of(const wire::Encoded& frame) { return static_cast<wire::Type>((*frame)[3]); }
wire::View body_of(const wire::Encoded& frame) {
    return wire::View(*frame).subspan(wire::header_bytes);
}

/// One lie: what a member puts in the place of its own frames, and why it is shown the door.
struct Lie {
    const char* reason;
    std::function<wire::Encoded(const wire::Encoded&)> forge;
};

wire::Encoded reply_with(const wire::Encoded& reply, std::uint32_t user, bool spoil_target) {
    wire::ByteReader from(body_of(reply));
    wire::ReplyHead head;
    from(head);
    head.user = user == ~0u ? head.user : user;
    wire::Buffer body = wire::encode(head);
    body.insert(body.end(), from.peek().begin(), from.peek().end());
    if (spoil_target) {
        std::uint8_t* said = &body[body.size() - from.left()];
        said[1] = said[2] = 0;  // behind the form
    }
    return wire::frame(wire::Type::reply, body);
}

std::function<wire::Encoded(const wire::Encoded&)> in_round_two(
    std::function<wire::Encoded(const wire::Encoded&)> forge) {
    return [forge](const wire::Encoded& frame) {
        return type_of(frame) == wire::Type::reply && round_of(frame) == 2 ? forge(frame) : frame;
    };
}

std::function<wire::Encoded(const wire::Encoded&)> in_scores(
    std::function<void(wire::Scores&)> spoil) {
    return [spoil](const wire::Encoded& frame) {
        if (type_of(frame) != wire::Type::scores) return frame;
        auto scores = wire::decode<wire::Scores>(body_of(frame));
        if (scores.version != 3) return frame;
        spoil(scores);
        return wire::frame(wire::Type::scores, wire::encode(scores));
    };
}

}  // namespace

TEST_CASE("strangers are refused, each for its reason, and the honest run does not notice") {
    const RunResult expected = run(small_plan(3));
    RunPlan plan = small_plan(3);
    const wire::Token good = plan.options.token;
    wire::Token bad = good;
    bad[31] = static_cast<std::uint8_t>(bad[31] ^ 1);
    plan.meanwhile = [&](asio::io_context& io, server::Coordinator& coordinator) {
        knock(io, coordinator, {hello(bad, 0)});
        knock(io, coordinator, {hello(wire::Token{}, 0)});
        knock(io, coordinator, {hello(good, 1)});
        knock(io, coordinator, {hello(good, 3)});
        knock(io, coordinator, {hello(good, 0xffffffffu)});
        knock(io, coordinator, {wire::frame(wire::Type::reply, wire::Buffer(20))});
        knock(io, coordinator, {wire::frame(wire::Type::scores, {}), hello(good, 0)});
        knock(io, coordinator, {wire::frame(wire::Type::hello, wire::Buffer(35))});
        knock(io, coordinator, {wire::frame(wire::Type::hello, wire::Buffer(37))});
        knock(io, coordinator, {wire::frame(wire::Type::hello, wire::Buffer(1 << 20))});
        knock(io, coordinator, {damaged(hello(good, 0), 20)});
        knock(io, coordinator, {damaged(hello(good, 0), 5)});
        knock(io, coordinator,
              {raw({'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r',
                    '\n', '\r', '\n'})});
        knock(io, coordinator, {raw({'F', 'H', 2})});
        knock(io, coordinator, {});
    };
    const RunResult result = run(plan);
    CHECK(result.rejected("wrong run token") == 2);
    CHECK(result.rejected("this client is already here") == 1);
    CHECK(result.rejected("no such client in this run") == 2);
    CHECK(result.rejected("message type not expected now") == 2);
    CHECK(result.rejected("truncated body") == 1);
    CHECK(result.rejected("message longer than its type can be") == 2);
    CHECK(result.rejected("bad body checksum") == 1);
    CHECK(result.rejected("bad header checksum") == 1);
    CHECK(result.rejected("bad magic") == 1);
    CHECK(result.rejected("truncated header") == 1);
    CHECK(result.summary.at("outcome") == "complete");
    CHECK(result.item_codes == expected.item_codes);
    CHECK(result.metrics == expected.metrics);
    CHECK(result.summary.at("bytes").at("count_difference") == 0);
    for (const std::string& end : result.client_ends) CHECK(end == "");
}

TEST_CASE("a flood of strangers with random bytes changes nothing and is counted to the last") {
    const RunResult expected = run(small_plan(2));
    RunPlan plan = small_plan(2);
    constexpr int strangers = 500;
    plan.meanwhile = [](asio::io_context& io, server::Coordinator& coordinator) {
        Stream random(17);
        for (int n = 0; n < strangers; ++n) {
            wire::Buffer bytes(1 + random() % 200);
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
            if (n % 3 == 0) bytes[0] = 'F';
            if (n % 3 == 0 && bytes.size() > 1) bytes[1] = 'H';
            knock(io, coordinator, {raw(bytes)});
        }
    };
    const RunResult result = run(plan);
    std::uint64_t rejected = 0;
    for (const auto& [reason, count] : result.summary.at("rejected").items())
        rejected += count.get<std::uint64_t>();
    CHECK(rejected == strangers);
    CHECK(result.item_codes == expected.item_codes);
    CHECK(result.metrics == expected.metrics);
}

TEST_CASE("a member that lies is shown the door, and the others' run is the replay without it") {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    const std::vector<Lie> lies{
        {"a reply for a user of somebody else",
         in_round_two([](const auto& reply) { return reply_with(reply, 0, false); })},
        {"a reply for a user of somebody else",
         in_round_two([](const auto& reply) { return reply_with(reply, 21, false); })},
        {"a reply for a user of somebody else",
         in_round_two([](const auto& reply) { return reply_with(reply, 0xfffffffeu, false); })},
        {"target out of range",
         in_round_two([](const auto& reply) { return reply_with(reply, ~0u, true); })},
        {"bad body checksum",
         in_round_two([](const auto& reply) { return damaged(reply, wire::header_bytes); })},
        {"message type not expected now", in_round_two([](const auto&) { return hello({}, 1); })},
        {"goodbye without being asked", in_round_two([](const auto&) {
             return wire::frame(wire::Type::goodbye, wire::encode(wire::Goodbye{}));
         })},
        {"truncated body",
         in_round_two([](const auto&) { return wire::frame(wire::Type::reply, {}); })},
        {"scores of another shape",
         in_scores([](wire::Scores& s) { s.sums[0].values.pop_back(); })},
        {"scores of another shape",
         in_scores([](wire::Scores& s) { s.sums[1].decile_hits.clear(); })},
        {"scores of another shape", in_scores([](wire::Scores& s) { s.sums.pop_back(); })},
        {"scores out of range", in_scores([](wire::Scores& s) { s.clear_uploads = 1; })},
        {"scores out of range",
         in_scores([](wire::Scores& s) { s.clear_bytes = std::uint64_t{1} << 60; })},
        {"scores of another shape",
         in_scores([](wire::Scores& s) { s.sums.push_back(s.sums.back()); })},
        {"scores of another shape", in_scores([](wire::Scores& s) { s.sums.clear(); })},
        {"scores out of range",
         in_scores([=](wire::Scores& s) { s.sums[0].values[0].expected = lowest; })},
        {"scores out of range",
         in_scores([=](wire::Scores& s) { s.sums[0].values[3].pessimistic = -1; })},
        {"scores out of range",
         in_scores([=](wire::Scores& s) { s.sums[1].values[1].optimistic = highest; })},
        {"scores out of range",
         in_scores([=](wire::Scores& s) { s.sums[1].decile_hits[4] = highest; })},
        {"scores out of range", in_scores([=](wire::Scores& s) { s.sums[0].users = 22; })},
        {"scores out of range",
         in_scores([=](wire::Scores& s) { s.sums[0].decile_items[9] = ~std::uint64_t{0}; })},
    };
    for (std::size_t n = 0; n < lies.size(); ++n) {
        CAPTURE(n);
        CAPTURE(std::string(lies[n].reason));
        RunPlan plan = small_plan(4);
        UnreliableChannel::Faults faults;
        faults.forge = lies[n].forge;
        plan.wrap = unreliable(faults, {1});
        const RunResult result = run(plan);
        CHECK(result.rejected(lies[n].reason) == 1);
        CHECK(result.client_ends[1] == "closed by peer");
        CHECK_FALSE(result.lost().empty());
        for (const nlohmann::json& loss : result.summary.at("losses")) {
            CHECK(loss.at("client") == 1);
            CHECK(loss.at("reason") == lies[n].reason);
        }
        RunPlan replay = small_plan(4);
        replay.options.lost = result.lost();
        CHECK(run(replay).item_codes == result.item_codes);
    }
}
