#include "client/bit_planes.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

TEST_CASE("odd levels are the nearest to the scaled entries, odd, and within their planes") {
    for (std::uint32_t bits : {1u, 2u, 3u, 4u, 8u}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            CAPTURE(bits);
            CAPTURE(seed);
            Stream random(seed);
            std::vector<double> vector(65);
            double square = 0;
            for (double& entry : vector) {
                entry = std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5;
                square += entry * entry;
            }
            const double reach = (bits == 1 ? 1.0 : bits == 2 ? 1.6 : 2.6) * std::sqrt(square / 65);
            const std::vector<std::int32_t> levels = odd_levels(vector, bits);
            const std::int32_t top = (1 << bits) - 1;
            REQUIRE(levels.size() == 65);
            for (std::size_t a = 0; a < 65; ++a) {
                CHECK(std::abs(levels[a]) % 2 == 1);
                CHECK(std::abs(levels[a]) <= top);
                const double scaled = vector[a] / reach * (top + 1);
                // Nearest, or as far as the planes reach.
                CHECK((std::abs(scaled - levels[a]) <= 1.0 + 1e-9 ||
                       (std::abs(levels[a]) == top && std::abs(scaled) > top)));
                if (vector[a] != 0) CHECK((levels[a] > 0) == (vector[a] > 0));
            }
            std::vector<double> doubled = vector;
            for (double& entry : doubled) entry *= 2;  // only proportions count
            CHECK(odd_levels(doubled, bits) == levels);
        }
    }
    for (std::int32_t level : odd_levels(std::vector<double>(9), 4)) CHECK(level == 1);
}

TEST_CASE("planes of levels add up to them, and are codes of their own") {
    for (std::uint32_t planes : {1u, 2u, 3u, 7u}) {
        for (std::uint32_t bits : {8u, 64u, 65u}) {
            CAPTURE(planes);
            CAPTURE(bits);
            Stream random(bits + planes);
            std::vector<std::int32_t> levels;
            for (std::uint32_t a = 0; a < bits; ++a)
                levels.push_back(2 * tests::between(0, (1 << planes) - 1, random) -
                                 ((1 << planes) - 1));
            const std::vector<std::uint64_t> packed = planes_of(levels, planes);
            const std::size_t words = words_for(bits);
            REQUIRE(packed.size() == planes * words);
            for (std::uint32_t a = 0; a < bits; ++a) {
                std::int32_t sum = 0;
                for (std::uint32_t p = 0; p < planes; ++p) {
                    const int entry = sign(CodeView(packed).subspan(p * words, words), a);
                    CHECK(in_plane(levels[a], planes, p) == (entry > 0));
                    sum += (1 << p) * entry;
                }
                CHECK(sum == levels[a]);
            }
        }
    }
}
