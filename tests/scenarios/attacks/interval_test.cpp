#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "scenarios/exposure/interval.hpp"

using fedhash::scenarios::Interval;
using fedhash::scenarios::mean_interval;
using fedhash::scenarios::proportion_interval;

// Tabulated, e.g. by R's binom.test: 5 of 10, 0 of 10, 1 of 20.
TEST_CASE("proportions: the interval of Clopper and Pearson") {
    CHECK(proportion_interval(5, 10).low == doctest::Approx(0.1870860));
    CHECK(proportion_interval(5, 10).high == doctest::Approx(0.8129140));
    CHECK(proportion_interval(0, 10).low == 0);
    CHECK(proportion_interval(0, 10).high == doctest::Approx(1 - std::pow(0.025, 0.1)));
    CHECK(proportion_interval(10, 10).low == doctest::Approx(std::pow(0.025, 0.1)));
    CHECK(proportion_interval(10, 10).high == 1);
    CHECK(proportion_interval(1, 20).low == doctest::Approx(0.001265089));
    CHECK(proportion_interval(1, 20).high == doctest::Approx(0.2487328));
    CHECK(proportion_interval(0, 0).high == 1);
}

TEST_CASE("means: at the ends as for proportions, between them wider") {
    CHECK(mean_interval(1, 50).low == doctest::Approx(proportion_interval(50, 50).low));
    CHECK(mean_interval(0, 50).high == doctest::Approx(proportion_interval(0, 50).high));
    for (const double mean : {0.1, 0.5, 0.93}) {
        const Interval wide = mean_interval(mean, 200);
        const Interval narrow = proportion_interval(static_cast<std::uint64_t>(200 * mean), 200);
        CHECK(wide.low < narrow.low);
        CHECK(wide.high > narrow.high);
        CHECK(wide.low > mean - 0.15);
        CHECK(wide.high < mean + 0.15);
    }
    CHECK(mean_interval(0.5, 0).low == 0);
}
