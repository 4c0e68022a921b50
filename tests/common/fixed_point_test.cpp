#include "common/fixed_point.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "common/random.hpp"

using namespace fedhash;

namespace {

const double tolerance = std::ldexp(1.0, -30);
double as_real(std::int64_t x) { return std::ldexp(static_cast<double>(x), -log_fraction_bits); }

}  // namespace

TEST_CASE("logarithms of powers of two are exact") {
    for (int p = 0; p < 64; ++p) {
        CAPTURE(p);
        CHECK(log2_fixed(std::uint64_t{1} << p) == std::int64_t{p} << log_fraction_bits);
    }
}

TEST_CASE("logarithms agree with std::log2 and never exceed it by more than its own rounding") {
    Stream random(1);
    for (int trial = 0; trial < 20'000; ++trial) {
        const std::uint64_t n = (random() >> (trial % 64)) | 1;
        CAPTURE(n);
        const double error = as_real(log2_fixed(n)) - std::log2(static_cast<double>(n));
        REQUIRE(std::abs(error) < tolerance);
        REQUIRE(error < 1e-13);
    }
    CHECK(log2_fixed(std::numeric_limits<std::uint64_t>::max()) < std::int64_t{64}
                                                                      << log_fraction_bits);
}

TEST_CASE("logarithms grow with their argument") {
    for (std::uint64_t n = 1; n < 100'000; ++n) REQUIRE(log2_fixed(n) < log2_fixed(n + 1));
}

TEST_CASE("a power is the largest integer whose logarithm fits") {
    Stream random(2);
    for (int trial = 0; trial < 3'000; ++trial) {
        const auto x =
            static_cast<std::int64_t>(random() % (std::uint64_t{40} << log_fraction_bits));
        const std::uint64_t limit = 1 + random() % (std::uint64_t{1} << (1 + trial % 40));
        CAPTURE(x);
        CAPTURE(limit);
        const std::uint64_t y = exp2_fixed(x, limit);
        REQUIRE(y >= 1);
        REQUIRE(y <= limit);
        REQUIRE(log2_fixed(y) <= x);
        if (y < limit) {
            REQUIRE(log2_fixed(y + 1) > x);
            const double exact = std::pow(2.0, as_real(x));
            REQUIRE(std::abs(static_cast<double>(y) - exact) <= 1 + exact * tolerance);
        }
    }
}

TEST_CASE("powers of whole exponents are exact, negative ones give 1 and large ones the limit") {
    for (int p = 0; p < 31; ++p) {  // beyond, neighbouring integers share a logarithm
        CAPTURE(p);
        const std::int64_t x = std::int64_t{p} << log_fraction_bits;
        CHECK(exp2_fixed(x, std::uint64_t{1} << 40) == std::uint64_t{1} << p);
        CHECK(exp2_fixed(-x - 1, 1000) == 1);
        CHECK(exp2_fixed(x, 1) == 1);
    }
    CHECK(exp2_fixed(std::int64_t{20} << log_fraction_bits, 4096) == 4096);
}

TEST_CASE("integers come back from their own logarithm") {
    for (std::uint64_t n = 1; n <= 20'000; ++n) REQUIRE(exp2_fixed(log2_fixed(n), 1u << 20) == n);
}

TEST_CASE("a product in 2^-16 rounds down and does not overflow on the way") {
    CHECK(times_q16(10, 1 << 15) == 5);
    CHECK(times_q16(-3, 1 << 15) == -2);
    CHECK(times_q16(std::int64_t{1} << 50, 3 << 16) == std::int64_t{3} << 50);
    CHECK(times_q16(0, -5) == 0);
}
