#include "common/wire/messages.hpp"

#include <doctest/doctest.h>

#include "common/random.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

Stream random_bits(20);

Buffer random_bytes(std::size_t size) {
    Buffer bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_bits());
    return bytes;
}

MetricSums random_sums() {
    MetricSums sums(7, 2);
    sums.users = random_bits();
    for (auto& value : sums.values)
        value = {static_cast<std::int64_t>(random_bits()), static_cast<std::int64_t>(random_bits()),
                 7};
    for (auto& hits : sums.decile_hits) hits = static_cast<std::int64_t>(random_bits());
    for (auto& items : sums.decile_items) items = random_bits();
    return sums;
}

/// Encoding is canonical, so a body equals the encoding of what it decodes to; every cut and every
/// extra byte is refused. Returns what came back.
template <class Message>
Message came_back(const Message& message) {
    const Buffer body = encode(message);
    Message back = decode<Message>(body);
    REQUIRE(encode(back) == body);
    for (std::size_t size = 0; size < body.size(); ++size)
        REQUIRE_THROWS_AS(decode<Message>(View(body).first(size)), DecodeError);
    Buffer longer = body;
    longer.push_back(0);
    REQUIRE_THROWS_AS(decode<Message>(longer), DecodeError);
    return back;
}

/// Whatever is accepted after damage must have been spelt canonically.
template <class Message>
void survives_damage(const Message& message) {
    const Buffer body = encode(message);
    for (std::size_t flipped = 0; flipped < 8 * body.size(); ++flipped) {
        Buffer damaged = body;
        damaged[flipped / 8] =
            static_cast<std::uint8_t>(damaged[flipped / 8] ^ (1u << (flipped % 8)));
        Buffer again = damaged;
        try {
            again = encode(decode<Message>(damaged));
        } catch (const DecodeError&) {
        }
        REQUIRE(again == damaged);
    }
}

Welcome some_welcome() {
    Welcome welcome{943, 1682, 4, 12345, {}, {5, 10, 20}, true, "auto"};
    welcome.variant.bits = 65;
    welcome.variant.feedback = "explicit";
    welcome.variant.refit_target = true;
    welcome.variant.teacher = {6, 32, 9, true, 0.5, 0.01};
    welcome.variant.scoring_interaction = 0.25;
    return welcome;
}

}  // namespace

TEST_CASE("hello and goodbye come back as they were, in 36 and 16 bytes") {
    Hello hello{{}, 77};
    for (auto& byte : hello.token) byte = static_cast<std::uint8_t>(random_bits());
    CHECK(encode(hello).size() == 36);
    const Hello hello_back = came_back(hello);
    CHECK(hello_back.token == hello.token);
    CHECK(hello_back.client == 77);
    CHECK(encode(Goodbye{}).size() == 16);
    const Goodbye goodbye = came_back(Goodbye{1, ~std::uint64_t{0}});
    CHECK(goodbye.bytes_sent == 1);
    CHECK(goodbye.bytes_received == ~std::uint64_t{0});
}

TEST_CASE("welcome carries the whole variant") {
    const Welcome back = came_back(some_welcome());
    CHECK(back.users == 943);
    CHECK(back.items == 1682);
    CHECK(back.seed == 12345);
    CHECK(back.cutoffs == std::vector<std::uint32_t>{5, 10, 20});
    CHECK(back.asymmetric);
    CHECK(back.kernels == "auto");
    CHECK(back.variant.bits == 65);
    CHECK(back.variant.feedback == "explicit");
    CHECK(back.variant.refit_target);
    CHECK(back.variant.teacher.rounds == 6);
    CHECK(back.variant.teacher.ridge == 0.01);
    CHECK(back.variant.scoring_interaction == 0.25);
    CHECK(encode(some_welcome()).size() < 4096);  // what a client allows
}

TEST_CASE("request, reply head, evaluate and scores come back as they were") {
    const Request request =
        came_back(Request{129, 2, random_bytes(13), random_bytes(0), random_bytes(5)});
    CHECK(request.round == 129);
    CHECK(request.step == 2);
    CHECK(request.sampled.size() == 13);
    CHECK(request.refused.empty());
    CHECK(request.body.size() == 5);
    const ReplyHead head = came_back(ReplyHead{3, 1, 100'000});
    CHECK(head.round == 3);
    CHECK(head.step == 1);
    CHECK(head.user == 100'000);
    const Evaluate evaluate = came_back(Evaluate{7, true, random_bytes(4)});
    CHECK(evaluate.test);
    CHECK(evaluate.refused.size() == 4);
    for (std::size_t ways = 0; ways <= max_scorings; ++ways) {
        CAPTURE(ways);
        Scores scores{5, true, {}};
        for (std::size_t w = 0; w < ways; ++w) scores.sums.push_back(random_sums());
        const Scores back = came_back(scores);
        CHECK(back.version == 5);
        CHECK(back.test);
        CHECK(back.sums == scores.sums);
    }
}

TEST_CASE("scores of more ways than there are have no reading") {
    Buffer body = encode(Scores{5, true, {}});
    REQUIRE(body.size() == 5);
    body[4] = max_scorings + 1;
    CHECK_THROWS_WITH_AS(decode<Scores>(body), "too many ways of scoring", DecodeError);
}

TEST_CASE("a body with any one bit flipped is refused or has a canonical reading") {
    survives_damage(Hello{{}, 1});
    survives_damage(some_welcome());
    survives_damage(Request{129, 2, random_bytes(13), random_bytes(2), random_bytes(3)});
    survives_damage(ReplyHead{3, 1, 100'000});
    survives_damage(Evaluate{7, true, random_bytes(4)});
    survives_damage(Scores{5, false, {random_sums(), random_sums()}});
    survives_damage(Goodbye{5, 6});
}
