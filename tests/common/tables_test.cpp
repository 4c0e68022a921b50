#include "common/tables.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "common/scoring.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;

namespace {

std::vector<double> random_reals(std::size_t count, double most, Stream& random) {
    std::vector<double> reals(count);
    for (double& value : reals)
        value = most * (std::ldexp(static_cast<double>(random() >> 11), -52) - 1);
    return reals;
}

}  // namespace

TEST_CASE("a quantised entry is within half a step of its real, in as many bits as asked for") {
    for (std::uint32_t width = 2; width <= 16; ++width) {
        for (bool row_steps : {false, true}) {
            for (double most : {0.001, 0.3, 5.0}) {
                CAPTURE(width);
                CAPTURE(row_steps);
                CAPTURE(most);
                Stream random(width);
                constexpr std::uint32_t rows = 9, cols = 13;
                const std::vector<double> reals = random_reals(rows * cols, most, random);
                const Plane plane =
                    quantise(reals, rows, cols, 12, static_cast<std::uint8_t>(width), row_steps);
                REQUIRE(plane.values.size() == reals.size());
                REQUIRE(plane.steps.size() == (row_steps ? rows : 1));
                const std::int32_t levels = (1 << (width - 1)) - 1;
                for (std::uint32_t r = 0; r < rows; ++r) {
                    const std::int32_t step = plane.steps[row_steps ? r : 0];
                    double largest = 0;
                    for (std::uint32_t c = 0; c < cols; ++c) {
                        const std::size_t j = std::size_t{r} * cols + c;
                        REQUIRE(plane.values[j] % step == 0);
                        REQUIRE(std::abs(plane.values[j] / step) <= levels);
                        REQUIRE(std::abs(plane.at(r, c) - reals[j]) <=
                                std::ldexp(step, -12) / 2 + 1e-12);
                        largest = std::max(largest, std::abs(reals[j]));
                    }
                    // No step is larger than it must be.
                    if (row_steps && step > 1) CHECK(largest * 4096 > (step - 1) * levels);
                }
            }
        }
    }
}

TEST_CASE("what does not fit 16 bits is clamped, zeros and nothing stay what they are") {
    for (std::uint32_t width : {2u, 3u, 8u, 15u, 16u}) {
        CAPTURE(width);
        const std::vector<double> reals{1e9, -1e9, 7.9, 0, 1e300, -3};
        const Plane plane = quantise(reals, 2, 3, 12, static_cast<std::uint8_t>(width), true);
        const std::int32_t levels = (1 << (width - 1)) - 1;
        for (std::size_t j = 0; j < 6; ++j) {
            CHECK(std::abs(plane.values[j]) <= 32767);
            CHECK(plane.values[j] % plane.steps[j / 3] == 0);
            CHECK(std::abs(plane.values[j] / plane.steps[j / 3]) <= levels);
            if (std::abs(reals[j]) > 1e8) {
                CHECK((plane.values[j] > 0) == (reals[j] > 0));
                CHECK(std::abs(plane.values[j]) > 32767 / 2);
            }
        }
    }
    const std::vector<double> zeros(6);
    const Plane plane = quantise(zeros, 2, 3, 12, 8, true);
    CHECK(plane.values == std::vector<std::int16_t>(6));
    CHECK(plane.steps == std::vector<std::uint16_t>{1, 1});
    CHECK(quantise({}, 0, 3, 12, 8, true).empty());
}

TEST_CASE("what a stage starts from is a function of the seed, of the sizes that it learns") {
    Variant variant;
    variant.bits = 20;
    variant.teacher.factors = 12;
    const Tables codes = initial_tables(3, variant, 30, false);
    CHECK(codes.codes == initial_item_codes(3, 20, 30));
    for (const Plane& plane : codes.planes) CHECK(plane.empty());

    const Tables teacher = initial_tables(3, variant, 30, true);
    CHECK(teacher.codes.rows == 0);
    const Plane& factors = teacher.plane(PlaneId::factors);
    CHECK(factors.rows == 30);
    CHECK(factors.cols == 12);
    CHECK(factors.fraction == factor_fraction);
    double square = 0;
    for (std::int16_t value : factors.values) square += double(value) * value;
    const double deviation = std::ldexp(std::sqrt(square / 360), -factor_fraction);
    CHECK(deviation == doctest::Approx(0.1 / std::sqrt(12)).epsilon(0.15));

    variant.learner = "vector";
    variant.uplink = "vector";
    variant.item_rule = "box";
    const Tables box = initial_tables(3, variant, 30, false);
    CHECK(box.codes.rows == 0);
    CHECK(box.plane(PlaneId::factors).cols == 20);
    CHECK(box.plane(PlaneId::factors).fraction == box_fraction);
    for (std::int16_t value : box.plane(PlaneId::factors).values) CHECK(std::abs(value) <= 64);
    CHECK(initial_tables(3, variant, 30, false).planes == box.planes);
    CHECK(initial_tables(4, variant, 30, false).planes != box.planes);
}

TEST_CASE("a run reports the ways of scoring that its tables can have, codes first") {
    Variant variant;
    using enum Scoring;
    CHECK(scorings(variant, true) == std::vector<Scoring>{codes, vector});
    CHECK(scorings(variant, false) == std::vector<Scoring>{codes});
    variant.scoring_bits = 4;
    variant.scoring_prior = 0.5;
    variant.teacher.rounds = 3;
    CHECK(scorings(variant, true) ==
          std::vector<Scoring>{codes, vector, planes, newcomer, factors});
    variant.learner = "teacher";
    CHECK(scorings(variant, true) == std::vector<Scoring>{factors});
    CHECK_FALSE(makes_codes(variant));
    variant.quantiser = "free";
    CHECK(makes_codes(variant));
    CHECK(scorings(variant, false) == std::vector<Scoring>{codes, factors});
    for (Scoring way : {codes, vector, planes, newcomer, factors}) CHECK_FALSE(name(way).empty());
}

TEST_CASE("merging sums adds every part") {
    Stream random(4);
    const auto filled = [&random] {
        Aggregate sum({5, 7, 3, true, 0});
        sum.users = random() % 100;
        for (auto* part :
             {&sum.rows, &sum.counts, &sum.weights, &sum.gram, &sum.cross, &sum.second})
            for (auto& value : *part) value = tests::between(-1000, 1000, random);
        return sum;
    };
    const Aggregate a = filled(), b = filled();
    CHECK(a.rows.size() == 35);
    CHECK(a.cross.size() == 15);
    CHECK(a.second.size() == 7 * 15);
    Aggregate sum = a, other = b;
    sum.merge(b);
    other.merge(a);
    CHECK(sum == other);
    CHECK(sum.users == a.users + b.users);
    for (auto part : {&Aggregate::rows, &Aggregate::counts, &Aggregate::weights, &Aggregate::gram,
                      &Aggregate::cross, &Aggregate::second}) {
        REQUIRE_FALSE((a.*part).empty());
        for (std::size_t j = 0; j < (a.*part).size(); ++j)
            REQUIRE((sum.*part)[j] == (a.*part)[j] + (b.*part)[j]);
    }
}
