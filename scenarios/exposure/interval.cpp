#include "scenarios/exposure/interval.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "scenarios/accounting/bisect.hpp"

namespace fedhash::scenarios {

namespace {

constexpr double one_side = 0.025;

double divergence(double a, double b) {
    const auto term = [](double x, double y) { return x == 0 ? 0.0 : x * std::log(x / y); };
    return term(a, b) + term(1 - a, 1 - b);
}

}  // namespace

Interval proportion_interval(std::uint64_t successes, std::uint64_t trials) {
    if (trials == 0) return {};
    using Binomial = boost::math::binomial_distribution<>;
    const auto n = static_cast<double>(trials), k = static_cast<double>(successes);
    return {successes == 0 ? 0 : Binomial::find_lower_bound_on_p(n, k, one_side),
            successes == trials ? 1 : Binomial::find_upper_bound_on_p(n, k, one_side)};
}

Interval mean_interval(double mean, double trials) {
    if (trials <= 0) return {};
    const double allowed = -std::log(one_side) / trials;
    const auto likely = [&](double p) { return divergence(mean, p) <= allowed; };
    Interval interval;
    interval.low = mean <= 0 ? 0 : least_within(0, mean, likely);
    interval.high =
        mean >= 1 ? 1 : 1 - least_within(0, 1 - mean, [&](double q) { return likely(1 - q); });
    return interval;
}

}  // namespace fedhash::scenarios
