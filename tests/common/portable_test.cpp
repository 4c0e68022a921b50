#include "common/portable.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

using namespace fedhash;

TEST_CASE("portable exp and log agree with the library's to 1e-14") {
    for (int step = -70'000; step <= 70'000; ++step) {
        const double x = step / 100.0;
        CAPTURE(x);
        REQUIRE(std::abs(portable::exp(x) / std::exp(x) - 1) < 1e-14);
    }
    for (int step = 1; step <= 100'000; ++step)
        for (double x : {step / 1e5, step / 7.0, step * 1e10, 1 / (step * 1e10)}) {
            CAPTURE(x);
            REQUIRE(std::abs(portable::log(x) - std::log(x)) <
                    1e-14 * std::max(1.0, std::abs(std::log(x))));
        }
    CHECK(portable::exp(0) == 1);
    CHECK(portable::exp(-1e9) == 0);
    CHECK(std::isinf(portable::exp(1e9)));
    CHECK(portable::log(1) == 0);
}

TEST_CASE("the logistic functions are accurate where they saturate and where they vanish") {
    for (int step = -4000; step <= 4000; ++step) {
        const double x = step / 100.0;
        CAPTURE(x);
        REQUIRE(portable::sigmoid(x) == doctest::Approx(1 / (1 + std::exp(-x))).epsilon(1e-13));
        REQUIRE(portable::softplus(x) ==
                doctest::Approx(x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)))
                    .epsilon(1e-12));
        REQUIRE(portable::sigmoid(x) + portable::sigmoid(-x) == doctest::Approx(1).epsilon(1e-15));
    }
    for (const double x : {0.0, 1e-9, 1e-4, 1e-3, 2e-3, 0.1})
        CHECK(portable::softplus_curvature(x) ==
              doctest::Approx(0.125 - x * x / 96 + x * x * x * x / 960).epsilon(1e-10));
}

TEST_CASE("Jaakkola's quadratic touches softplus and lies above it") {
    for (double x0 = -12; x0 <= 12; x0 += 0.37)
        for (double x = -30; x <= 30; x += 0.11) {
            CAPTURE(x0);
            CAPTURE(x);
            const double bound = portable::softplus(x0) + (x - x0) / 2 +
                                 portable::softplus_curvature(x0) * (x * x - x0 * x0);
            REQUIRE(bound >= portable::softplus(x) - 1e-12);
        }
}
