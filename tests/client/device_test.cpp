#include "client/device.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/wire/plane.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/temp_folder.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t users = 9, items = 60, bits = 24;

wire::Welcome welcome_for(std::uint32_t clients, const std::string& uplink = "residual") {
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
    Tables tables;
    tables.version = version;
    tables.codes = initial_item_codes(version, bits, items);
    device.publish(wire::encode_tables(nullptr, tables));
}

/// The bodies of the replies to one request, by user.
std::vector<std::pair<std::uint32_t, wire::Buffer>> replies(
    Device& device, std::uint32_t round, const std::vector<std::size_t>& sampled,
    const std::vector<std::size_t>& refused = {}) {
    wire::Request request{round, 0, bit_set(users), bit_set(users), {}};
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
    REQUIRE(scores.sums.size() == 2);
    CHECK(scores.sums[0].users > 0);
    CHECK(scores.sums[0].users == scores.sums[1].users);
    const wire::Scores again = measured.measure(wire::Evaluate{2, false, {}});
    CHECK(again.sums == scores.sums);
    CHECK(replies(measured, 2, all) == replies(quiet, 2, all, {3}));
}

TEST_CASE("scores of the clients of a run add up to those of one client that hosts everybody") {
    Device whole = device_of(0, 1);
    publish(whole, 1);
    const wire::Scores expected = whole.measure(wire::Evaluate{1, true, {}});
    for (std::uint32_t clients : {2u, 5u, users}) {
        CAPTURE(clients);
        std::vector<MetricSums> sums(expected.sums.size(),
                                     MetricSums(expected.sums[0].values.size(), 2));
        for (std::uint32_t c = clients; c-- > 0;) {
            Device device = device_of(c, clients);
            publish(device, 1);
            const wire::Scores part = device.measure(wire::Evaluate{1, true, {}});
            REQUIRE(part.sums.size() == sums.size());
            for (std::size_t w = 0; w < sums.size(); ++w) sums[w].merge(part.sums[w]);
        }
        CHECK(sums == expected.sums);
    }
}

TEST_CASE("codes made from a seed are those that the same codes in full would give") {
    Device seeded = device_of(0, 1), full = device_of(0, 1);
    Tables tables = initial_tables(77, welcome_for(1).variant, items, false);
    CHECK(tables.codes == initial_item_codes(77, bits, items));
    tables.version = 1;
    const wire::Buffer seed = wire::encode_start(77, false, tables);
    CHECK(seed.size() == 13);
    seeded.publish(seed);
    full.publish(wire::encode_tables(nullptr, tables));
    CHECK(seeded.measure(wire::Evaluate{1, true, {}}).sums ==
          full.measure(wire::Evaluate{1, true, {}}).sums);
}

TEST_CASE("a coordinator whose sizes, versions or tables do not fit is refused") {
    const auto shard = tests::deal(tests::make_users(1, users, items), 0, 2);
    const auto refuses = [&shard](auto change) {
        wire::Welcome welcome = welcome_for(2);
        change(welcome);
        CHECK_THROWS_AS(Device(shard, welcome), wire::DecodeError);
    };
    refuses([](wire::Welcome& w) { w.variant.sharpness_q16 = 0; });
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
    CHECK_THROWS_AS(device.learn(wire::Request{1, 0, bit_set(users), {}, {}}, ignore),
                    wire::DecodeError);
    Tables tables;
    tables.version = 1;
    tables.codes = initial_item_codes(1, bits, items);
    wire::Buffer wrong = wire::encode_tables(nullptr, tables);
    wrong.push_back(0);
    CHECK_THROWS_AS(device.publish(wrong), wire::DecodeError);
    publish(device, 1);
    CHECK_THROWS_AS(device.learn(wire::Request{2, 0, bit_set(users), {}, {}}, ignore),
                    wire::DecodeError);
    CHECK_THROWS_AS(device.measure(wire::Evaluate{2, true, {}}), wire::DecodeError);
}

TEST_CASE("tables that a stage does not have are refused before anybody learns on them") {
    for (const char* learner : {"code", "vector"}) {
        CAPTURE(std::string(learner));
        wire::Welcome welcome = welcome_for(1);
        welcome.variant.learner = learner;
        welcome.variant.teacher.rounds = 2;
        welcome.variant.teacher.factors = 12;
        if (std::string_view(learner) == "vector") {
            welcome.variant.uplink = "vector";
            welcome.variant.item_rule = "box";
        }
        for (std::uint32_t round : {1u, 3u}) {
            CAPTURE(round);
            Tables good = initial_tables(5, welcome.variant, items, round == 1);
            Tables other = initial_tables(5, welcome.variant, items, round != 1);
            Tables none;
            good.version = other.version = none.version = round;
            const auto learn = [&](const Tables& tables) {
                Device device(tests::deal(tests::make_users(1, users, items), 0, 1), welcome);
                device.publish(wire::encode_tables(nullptr, tables));
                Bytes all = bit_set(users);
                for (std::size_t j = 0; j < users; ++j) set_bit(all, j);
                std::size_t said = 0;
                device.learn(wire::Request{round, 0, all, {}, {}},
                             [&said](wire::Encoded) { ++said; });
                return said;
            };
            CHECK(learn(good) == users);
            CHECK_THROWS_AS(learn(other), wire::DecodeError);
            CHECK_THROWS_AS(learn(none), wire::DecodeError);
        }
    }
}

TEST_CASE("user codes and metrics go to private files of the stated layout") {
    const tests::TempFolder folder;
    Device device = device_of(1, 4);
    publish(device, 1);
    const wire::Scores scores = device.measure(wire::Evaluate{1, true, {}});
    device.write_private(folder.path());
    const std::string text = tests::contents(folder / "codes-1");
    const std::uint32_t hosted = users_of(1, 4, users);
    REQUIRE(text.size() == 4 + 4 * 4 + hosted * 8);
    CHECK(text.substr(0, 4) == "FDHC");
    std::array<std::uint32_t, 4> head{};
    std::memcpy(head.data(), &text[4], 16);
    CHECK(head == std::array<std::uint32_t, 4>{1, 4, bits, hosted});

    const std::string metrics = tests::contents(folder / "metrics-1");
    const std::size_t specs = metric_specs(std::vector<std::uint32_t>{5, 10}).size();
    REQUIRE(metrics.size() == 4 + 5 * 4 + 2 * hosted * specs * 4);
    CHECK(metrics.substr(0, 4) == "FDHM");
    std::array<std::uint32_t, 5> shape{};
    std::memcpy(shape.data(), &metrics[4], 20);
    CHECK(shape ==
          std::array<std::uint32_t, 5>{1, 4, 2, static_cast<std::uint32_t>(specs), hosted});
    // Way by way the users' values add up to the sums that were said.
    std::vector<float> values(2 * hosted * specs);
    std::memcpy(values.data(), &metrics[24], values.size() * 4);
    for (std::size_t w = 0; w < 2; ++w)
        for (std::size_t s = 0; s < specs; ++s) {
            double sum = 0;
            std::size_t measured = 0;
            for (std::uint32_t j = 0; j < hosted; ++j) {
                const float value = values[(w * hosted + j) * specs + s];
                if (std::isnan(value)) continue;
                sum += value;
                ++measured;
            }
            CHECK(measured == scores.sums[w].users);
            CHECK(sum == doctest::Approx(from_fixed(scores.sums[w].values[s].expected)));
        }
    CHECK_THROWS_AS(device.write_private(folder.path()), RunError);
}

TEST_CASE("a user without held-out items is not a number in the metrics, and in no sum") {
    const tests::TempFolder folder;
    auto made = tests::make_users(1, users, items);
    made.users[4].test = {};
    Device device(tests::deal(made, 0, 1), welcome_for(1));
    publish(device, 1);
    const wire::Scores scores = device.measure(wire::Evaluate{1, true, {}});
    device.write_private(folder.path());
    const std::string metrics = tests::contents(folder / "metrics-0");
    const std::size_t specs = metric_specs(std::vector<std::uint32_t>{5, 10}).size();
    std::uint64_t measured = 0;
    for (std::uint32_t j = 0; j < users; ++j) {
        float value = 0;
        std::memcpy(&value, &metrics[24 + 4 * j * specs], 4);
        CHECK(std::isnan(value) == made.users[j].test.items.empty());
        measured += std::isnan(value) ? 0 : 1;
    }
    CHECK(measured == scores.sums[0].users);
}
