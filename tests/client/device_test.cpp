#include "client/device.hpp"

#include <doctest/doctest.h>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t users = 9, items = 60, bits = 24;

wire::Welcome welcome_for(std::uint32_t clients, const std::string& uplink = "code") {
    wire::Welcome welcome{users,   items, clients, 5, tests::busy_variant(bits),
                          {5, 10}, true,  "auto"};
    welcome.variant.uplink = uplink;
    return welcome;
}

Device device_of(std::uint32_t client, std::uint32_t clients) {
    return Device(tests::deal(tests::make_users(1, users, items), client, clients),
                  welcome_for(clients));
}

void publish(Device& device, std::uint32_t version) {
    const Bytes packed = pack(initial_item_codes(version, bits, items));
    device.publish(wire::Publish{version, false, 0, packed});
}

/// The bodies of the replies to one request, by user.
std::vector<std::pair<std::uint32_t, wire::Buffer>> replies(
    Device& device, std::uint32_t round, const std::vector<std::size_t>& sampled,
    const std::vector<std::size_t>& refused = {}) {
    wire::Request request{round, bit_set(users), bit_set(users)};
    for (std::size_t j : sampled) set_bit(request.sampled, j);
    for (std::size_t j : refused) set_bit(request.refused, j);
    std::vector<std::pair<std::uint32_t, wire::Buffer>> said;
    publish(device, round);
    device.learn(request, [&said](wire::Encoded frame) {
        const wire::View body = wire::View(*frame).subspan(wire::header_bytes);
        wire::ByteReader from(body);
        wire::ReplyHead head;
        from(head);
        said.emplace_back(head.user, wire::Buffer(body.begin(), body.end()));
    });
    return said;
}

}  // namespace

TEST_CASE("only sampled users answer, in order, and a subset says what it says among all") {
    Device everyone = device_of(0, 1), some = device_of(0, 1), nobody = device_of(0, 1);
    const auto all = replies(everyone, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    REQUIRE(all.size() == users);
    for (std::uint32_t u = 0; u < users; ++u) CHECK(all[u].first == u);
    const auto subset = replies(some, 1, {1, 4, 8});
    REQUIRE(subset.size() == 3);
    CHECK(subset[0] == all[1]);
    CHECK(subset[1] == all[4]);
    CHECK(subset[2] == all[8]);
    CHECK(replies(nobody, 1, {}).empty());
}

TEST_CASE("what a user says does not depend on which client hosts it") {
    Device everyone = device_of(0, 1);
    const auto all = replies(everyone, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    for (std::uint32_t client = 0; client < 4; ++client) {
        Device device = device_of(client, 4);
        for (const auto& reply : replies(device, 1, {0, 1, 2})) CHECK(reply == all[reply.first]);
    }
}

TEST_CASE("a refused upload is taken back: the device is a function of its counted uploads alone") {
    Device refused = device_of(0, 1), never_asked = device_of(0, 1), counted = device_of(0, 1);
    replies(refused, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    replies(never_asked, 1, {0, 2, 3, 4, 6, 7, 8});
    replies(counted, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8};
    const auto after_refusal = replies(refused, 2, all, {1, 5});
    CHECK(after_refusal == replies(never_asked, 2, all));
    const auto after_counting = replies(counted, 2, all);
    CHECK(after_refusal != after_counting);
    for (std::size_t u = 0; u < users; ++u)
        if (u != 1 && u != 5) CHECK(after_refusal[u] == after_counting[u]);
    // The refused one learnt again in round 2 and was counted: round 3 goes on from there, and so
    // do the others.
    CHECK(replies(refused, 3, all) == replies(never_asked, 3, all));
}

TEST_CASE("measuring changes nothing that is ever said, but it does settle what was refused") {
    Device measured = device_of(0, 1), quiet = device_of(0, 1);
    const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8};
    replies(measured, 1, all);
    replies(quiet, 1, all);
    publish(measured, 2);
    Bytes refused = bit_set(users);
    set_bit(refused, 3);
    const wire::Scores scores = measured.measure(wire::Evaluate{2, false, refused});
    CHECK(scores.version == 2);
    CHECK(scores.symmetric.users > 0);
    CHECK(scores.symmetric.users == scores.asymmetric.users);
    const wire::Scores again = measured.measure(wire::Evaluate{2, false, {}});
    CHECK(again.symmetric == scores.symmetric);
    CHECK(again.asymmetric == scores.asymmetric);
    CHECK(replies(measured, 2, all) == replies(quiet, 2, all, {3}));
}

TEST_CASE("scores of the clients of a run add up to those of one client that hosts everybody") {
    Device whole = device_of(0, 1);
    publish(whole, 1);
    const wire::Scores expected = whole.measure(wire::Evaluate{1, true, {}});
    for (std::uint32_t clients : {2u, 5u, users}) {
        CAPTURE(clients);
        wire::Scores sum{1, true, MetricSums(expected.symmetric.values.size(), 2),
                         MetricSums(expected.symmetric.values.size(), 2)};
        for (std::uint32_t c = clients; c-- > 0;) {
            Device device = device_of(c, clients);
            publish(device, 1);
            const wire::Scores part = device.measure(wire::Evaluate{1, true, {}});
            sum.symmetric.merge(part.symmetric);
            sum.asymmetric.merge(part.asymmetric);
        }
        CHECK(sum.symmetric == expected.symmetric);
        CHECK(sum.asymmetric == expected.asymmetric);
    }
}

TEST_CASE("codes made from a seed are those that the same codes in full would give") {
    Device seeded = device_of(0, 1), full = device_of(0, 1);
    seeded.publish(wire::Publish{1, true, 77, {}});
    const Bytes packed = pack(initial_item_codes(77, bits, items));
    full.publish(wire::Publish{1, false, 0, packed});
    CHECK(seeded.measure(wire::Evaluate{1, true, {}}).symmetric ==
          full.measure(wire::Evaluate{1, true, {}}).symmetric);
}

TEST_CASE("a coordinator whose sizes, versions or tables do not fit is refused") {
    const auto shard = tests::deal(tests::make_users(1, users, items), 0, 2);
    const auto refuses = [&shard](auto change) {
        wire::Welcome welcome = welcome_for(2);
        change(welcome);
        CHECK_THROWS_AS(Device(shard, welcome), wire::DecodeError);
    };
    refuses([](wire::Welcome& w) { w.items = items + 1; });
    refuses([](wire::Welcome& w) { w.clients = 3; });
    refuses([](wire::Welcome& w) { w.clients = 0; });
    refuses([](wire::Welcome& w) { w.users = users + 2; });
    refuses([](wire::Welcome& w) { w.variant.bits = 0; });
    refuses([](wire::Welcome& w) { w.variant.bits = 257; });
    wire::Welcome unknown = welcome_for(2, "telepathy");
    CHECK_THROWS_AS(Device(shard, unknown), UsageError);

    Device device(shard, welcome_for(2));
    const auto ignore = [](wire::Encoded) {};
    CHECK_THROWS_AS(device.learn(wire::Request{1, bit_set(users), {}}, ignore), wire::DecodeError);
    const Bytes wrong(bytes_for(bits) * items + 1);
    CHECK_THROWS_AS(device.publish(wire::Publish{1, false, 0, wrong}), wire::DecodeError);
    publish(device, 1);
    CHECK_THROWS_AS(device.learn(wire::Request{2, bit_set(users), {}}, ignore), wire::DecodeError);
    CHECK_THROWS_AS(device.measure(wire::Evaluate{2, true, {}}), wire::DecodeError);
}

TEST_CASE("the user codes go to a private file of the stated layout") {
    const tests::TempFolder folder;
    Device device = device_of(1, 4);
    publish(device, 1);
    device.write_codes(folder / "codes");
    const std::string text = tests::contents(folder / "codes");
    const std::uint32_t hosted = users_of(1, 4, users);
    REQUIRE(text.size() == 4 + 4 * 4 + hosted * 8);
    CHECK(text.substr(0, 4) == "FDHC");
    std::array<std::uint32_t, 4> head{};
    std::memcpy(head.data(), &text[4], 16);
    CHECK(head == std::array<std::uint32_t, 4>{1, 4, bits, hosted});
    CHECK_THROWS_AS(device.write_codes(folder / "codes"), RunError);
}
