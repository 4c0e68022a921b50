// Figures of codes, against cases whose values are plain to see.
#include "scenarios/launch/code_health.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Codes rows_of(std::uint32_t bits, const std::vector<std::uint64_t>& words) {
    Codes codes(bits, words.size());
    codes.words = words;
    return codes;
}

/// All 256 codes of 8 bits, each once.
Codes every_code() {
    Codes codes(8, 256);
    for (std::uint64_t i = 0; i < 256; ++i) codes.words[i] = i;
    return codes;
}

std::vector<client::UserData> people(std::size_t count) {
    std::vector<client::UserData> users(count);
    for (std::size_t u = 0; u < count; ++u) users[u].user = UserId{static_cast<std::uint32_t>(u)};
    return users;
}

}  // namespace

TEST_CASE("codes that use every word are balanced, uncorrelated and told apart") {
    const CodeHealth health = code_health(every_code());
    CHECK(health.balance == 0);
    CHECK(health.correlation == 0);
    CHECK(health.dead_bits == 0);
    CHECK(health.duplicates == 0);
    CHECK(collapse_warnings(health, 8, 256).empty());
}

TEST_CASE("dead, copied and opposite bits and shared codes are seen") {
    // Bit 0 dead; bits 1 and 2 equal, bit 3 their opposite; bits 4 to 7 dead at zero.
    const CodeHealth health = code_health(rows_of(8, {0b1001, 0b0111, 0b1001, 0b0111}));
    CHECK(health.dead_bits == 5);
    CHECK(health.balance == doctest::Approx(5.0 / 8));
    CHECK(health.correlation == doctest::Approx(1));
    CHECK(health.duplicates == 1);
    const auto warnings = collapse_warnings(health, 8, 4);
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0] == "5 of 8 bits are the same in all items: they tell no items apart");
    CHECK(warnings[1].find("100 % of the items share their code") == 0);
    CHECK(code_health(rows_of(8, {1, 2, 2, 4})).duplicates == 0.5);
}

TEST_CASE("correlation is Pearson's") {
    // Bit 0: + + + -, bit 1: + + - -; the others are dead.
    const CodeHealth health = code_health(rows_of(8, {0b11, 0b11, 0b01, 0b00}));
    CHECK(health.correlation == doctest::Approx(1 / std::sqrt(3.0)));
}

TEST_CASE("as many duplicates as chance makes are no collapse") {
    CodeHealth health;
    health.duplicates = 0.99;
    CHECK(collapse_warnings(health, 8, 4000).empty());
    CHECK(collapse_warnings(health, 16, 4000).size() == 1);
    health.duplicates = 0.3;  // 4,000 fair codes of 16 bits: 6 %
    CHECK(collapse_warnings(health, 16, 4000).empty());
    health.duplicates = 0.32;
    CHECK(collapse_warnings(health, 16, 4000).size() == 1);
}

TEST_CASE("ties at the last place of a list are counted without the items trained on") {
    const Codes items = rows_of(8, {0b0, 0b1, 0b10, 0b100, 0b11});  // distances 0 1 1 1 2 to zero
    const Codes user = rows_of(8, {0});
    auto data = people(1);
    const auto ties = [&](std::uint32_t place) {
        CodeHealth health;
        add_ties(health, items, user, 1, data, place);
        return std::pair(health.tied.value_or(-1), health.drawn.value_or(-1));
    };
    CHECK(ties(1) == std::pair(1.0, 0.0));
    CHECK(ties(2) == std::pair(3.0, 1.0));
    CHECK(ties(3) == std::pair(3.0, 2.0));
    CHECK(ties(4) == std::pair(3.0, 0.0));  // all of them are within the list
    CHECK(ties(5) == std::pair(1.0, 0.0));
    CHECK(ties(6) == std::pair(-1.0, -1.0));  // there are five
    data[0].train = {{ItemId{0}, 1}, {ItemId{2}, 1}};
    CHECK(ties(1) == std::pair(2.0, 1.0));
    CHECK(ties(3) == std::pair(1.0, 0.0));
    CHECK(ties(4) == std::pair(-1.0, -1.0));
}

TEST_CASE("the planes of a user's code weigh 1, 2, 4") {
    const Codes items = rows_of(8, {0b01, 0b10, 0b11});
    const Codes user = rows_of(8, {0b10, 0b01});  // distances 2+0, 0+4, 1+2 = 2, 4, 3
    CodeHealth health;
    add_ties(health, items, user, 2, people(1), 2);
    CHECK(health.tied == 1.0);
    const Codes same = rows_of(8, {0b00, 0b00});  // 3, 3, 6
    add_ties(health, items, same, 2, people(1), 1);
    CHECK(health.tied == 2.0);
    CHECK(health.drawn == 1.0);
}

TEST_CASE("a list that is mostly drawn among many is a collapse") {
    CodeHealth health;
    health.place = 10;
    health.tied = 26;  // fair random codes of 16 bits, 3,706 items
    health.drawn = 4.8;
    CHECK(collapse_warnings(health, 16, 2).empty());
    health.drawn = 5.1;
    CHECK(collapse_warnings(health, 16, 2).size() == 1);
    health.tied = 10;
    CHECK(collapse_warnings(health, 16, 2).empty());
}
