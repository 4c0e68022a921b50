#include "scenarios/exposure/audit.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "common/random.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Variant randomised(const char* code) {
    Variant variant;
    variant.bits = 64;
    variant.privacy.code = code;
    variant.privacy.code_lie_q32 =
        static_cast<std::uint32_t>(std::llround(4294967296.0 / (1 + std::exp(1.0))));
    return variant;
}

Exposure bits_right(double value, std::size_t users, const char* figure = "bits right") {
    return {.attack = "A4", .name = "code", .figure = figure, .value = value, .trials = users};
}

}  // namespace

TEST_CASE("more than epsilon allows is found out, what it allows is not") {
    const auto at = [](double value) {
        return audit(randomised("fresh"), 100, 1, {bits_right(value, 1000)}).tests.at(0);
    };
    CHECK(at(0.7311).ceiling == doctest::Approx(0.7310585786));
    CHECK(at(0.7311).trials == 64000);
    CHECK(!at(0.7311).violated);
    CHECK(!at(0.735).violated);  // 2.3 standard deviations
    CHECK(at(0.74).violated);
    CHECK(at(0.74).likelihood < 1e-4);
    CHECK(!at(0.5).violated);
    CHECK(audit_text({{at(0.74)}, {}}).starts_with("The audit FAILED: A4 found 47360 of 64000"));
    CHECK(audit_text({{at(0.73)}, {}}).starts_with("Audit passed"));
    CHECK(audit_text(Audit{}).empty());
}

TEST_CASE("honest randomised response passes the audit 200 times out of 200") {
    std::size_t violated = 0;
    for (std::uint64_t run = 0; run < 200; ++run) {
        Stream random = stream(run, Purpose::code_noise);
        const std::uint32_t lie = randomised("fresh").privacy.code_lie_q32;
        double right = 0;
        for (int bit = 0; bit < 64 * 50; ++bit) right += (random() >> 32) >= lie ? 1 : 0;
        violated +=
            audit(randomised("fresh"), 100, 1, {bits_right(right / 3200, 50)}).tests.at(0).violated
                ? 1
                : 0;
    }
    CHECK(violated == 0);
}

TEST_CASE("reports of several rounds have the ceiling of several") {
    Exposure rounds = bits_right(0.9, 1000);
    rounds.attack = "A4r";
    const auto tests = audit(randomised("fresh"), 100, 3, {rounds}).tests;
    CHECK(tests.at(0).ceiling == doctest::Approx(1 / (1 + std::exp(-3.0))));
    CHECK(!tests.at(0).violated);
}

TEST_CASE("what is said for good is tested on the first upload, and nothing is without a claim") {
    const Variant variant = randomised("permanent");
    CHECK(audit(variant, 100, 5, {bits_right(0.8, 1000)}).tests.empty());
    CHECK(audit(variant, 100, 5, {bits_right(0.8, 1000, "bits right, first upload")})
              .tests.at(0)
              .violated);
    CHECK(audit(variant, 100, 1, {bits_right(0.8, 1000)}).tests.at(0).violated);
    CHECK(audit(Variant{}, 100, 1, {bits_right(1, 1000)}).tests.empty());
}

TEST_CASE("membership of items that are said by coin is bounded where the code is, too") {
    Variant variant = randomised("permanent");
    variant.bits = 1;
    variant.privacy.items = "unary";
    variant.privacy.items_lie_q32 = variant.privacy.code_lie_q32;
    const Exposure found{
        .attack = "A9", .name = "membership", .value = 0.2, .chance = 0.01, .trials = 1000};
    const auto tests = audit(variant, 100, 1, {found}).tests;
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].ceiling == doctest::Approx(0.01 * std::exp(2.0)));
    CHECK(tests[0].violated);
    variant.privacy.code = "exact";
    CHECK(audit(variant, 100, 1, {found}).tests.empty());
}

TEST_CASE("single answers are tested where something is claimed of them, and only there") {
    const auto answer = [](const char* attack, double value, std::size_t trials = 10000) {
        return Exposure{.attack = attack, .figure = "right", .value = value, .trials = trials};
    };
    Variant variant = randomised("exact");
    const std::uint32_t lie = variant.privacy.code_lie_q32;  // at epsilon 1
    CHECK(audit(Variant{}, 100, 1, {answer("A9r", 0.9), answer("A9n", 0.9)}).tests.empty());

    variant.privacy.items = "unary";
    variant.privacy.items_lie_q32 = lie;
    CHECK(audit(variant, 100, 1, {answer("A9r", 0.75)}).violated());
    const Audit honest = audit(variant, 100, 1, {answer("A9r", 0.73)});
    REQUIRE(honest.tests.size() == 1);
    CHECK(honest.tests[0].ceiling == doctest::Approx(0.7310585786));
    CHECK_FALSE(honest.violated());
    CHECK(honest.untested.empty());
    CHECK(audit(variant, 100, 1, {answer("A9r", 0, 0)}).tests.empty());

    Variant ballots = randomised("exact");
    ballots.uplink = "ballots";
    ballots.privacy.ballots = 64;
    ballots.privacy.ballot_lie_q32 = lie;
    CHECK(audit(ballots, 100, 1, {answer("A4b", 0.75)}).violated());
    CHECK_FALSE(audit(ballots, 100, 1, {answer("A4b", 0.73)}).violated());

    Variant noisy = randomised("exact");
    noisy.exchange = "secure";
    noisy.privacy.noise_q8 = 1024;  // z = 4
    noisy.privacy.noise_clip = 100;
    noisy.privacy.noise_users = 50;
    noisy.privacy.row_cap = 10;
    const Audit sums = audit(noisy, 100, 1, {answer("A9n", 0.6)});
    REQUIRE(sums.tests.size() == 1);
    CHECK(sums.tests[0].ceiling > 0.6);
    CHECK(sums.tests[0].ceiling < 0.75);
    CHECK(audit(noisy, 100, 1, {answer("A9n", 0.99)}).violated());
}

TEST_CASE("what is claimed and not tested is said") {
    Variant variant = randomised("fresh");
    CHECK(audit(variant, 100, 2, {}).untested ==
          std::vector<std::string>{"bits of the code at epsilon 1 (A4, A4r)"});
    CHECK(audit_text(audit(variant, 100, 2, {})) ==
          "Claimed, and not tested here: bits of the code at epsilon 1 (A4, A4r).");
    variant.privacy.items = "unary";
    variant.privacy.items_lie_q32 = variant.privacy.code_lie_q32;
    variant.exchange = "shuffled";
    CHECK(audit(variant, 100, 1, {bits_right(0.7, 1000)}).untested ==
          std::vector<std::string>{"reports on items at epsilon 1 (A9r)",
                                   "what a shuffler adds to them (no attack)"});
    CHECK(audit(Variant{}, 100, 1, {}).untested.empty());
}
