#include "scenarios/experiments/paired_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fedhash::scenarios;

namespace {

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-6); }

}  // namespace

TEST_CASE("the t test gives what Student's sleep data gives elsewhere") {
    // Student, "The probable error of a mean" (Biometrika 6, 1908): hours of sleep gained with two
    // drugs. R: t.test(extra ~ group, data = sleep, paired = TRUE).
    const std::vector<double> gained{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};
    const auto test = paired_t_test(gained);
    REQUIRE(test);
    CHECK(test->users == 10);
    CHECK(test->difference == near(1.58));
    CHECK(test->p == doctest::Approx(0.002833).epsilon(2e-4));
    CHECK(test->low == near(0.7001142));
    CHECK(test->high == near(2.4598858));
}

TEST_CASE("the t test of two differences is Cauchy's") {
    // With one degree of freedom P(|T| >= 1) = 1/2, and the quantile is tan(0.475 pi).
    const auto test = paired_t_test(std::vector<double>{0, 2});
    REQUIRE(test);
    CHECK(test->difference == near(1));
    CHECK(test->p == near(0.5));
    CHECK(test->high == near(1 + std::tan(0.475 * std::acos(-1.0))));
}

TEST_CASE("the t test turns with the sign of the differences") {
    std::vector<double> differences;
    for (int i = 0; i < 65; ++i) differences.push_back(std::sin(i) + 0.2);
    const auto one = paired_t_test(differences);
    for (double& value : differences) value = -value;
    const auto other = paired_t_test(differences);
    CHECK(one->p == near(other->p));
    CHECK(one->low == near(-other->high));
    CHECK(one->low < one->difference);
}

TEST_CASE("without spread there is nothing to doubt") {
    const auto none = paired_t_test(std::vector<double>{0, 0, 0});
    CHECK(none->p == 1);
    CHECK(none->low == 0);
    const auto same = paired_t_test(std::vector<double>(5, 0.1));
    CHECK(same->p == 0);
    CHECK(same->low == 0.1);
    CHECK(same->high == 0.1);
    CHECK_FALSE(paired_t_test(std::vector<double>{1}));
    CHECK_FALSE(paired_t_test({}));
}

TEST_CASE("Holm's correction multiplies by what is left, and never falls") {
    const std::vector<double> corrected = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
    CHECK(corrected[0] == near(0.03));
    CHECK(corrected[1] == near(0.06));  // 0.04 alone, but 0.03 before it became 0.06
    CHECK(corrected[2] == near(0.06));
    CHECK(corrected[3] == near(0.02));
    CHECK(holm(std::vector<double>{0.6, 0.7}) == std::vector<double>{1, 1});
    CHECK(holm(std::vector<double>{0.3}) == std::vector<double>{0.3});
    CHECK(holm({}).empty());
}

TEST_CASE("the deviation is the sample's") {
    const auto two = spread(std::vector<double>{1, 3});
    CHECK(two->mean == near(2));
    CHECK(two->deviation == near(std::sqrt(2.0)));
    CHECK(spread(std::vector<double>{7})->deviation == 0);
    CHECK(spread(std::vector<double>(3, 0.1))->deviation == 0);
    CHECK_FALSE(spread({}));
}
