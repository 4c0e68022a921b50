#include "scenarios/experiments/paired_test.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace fedhash::scenarios {

std::optional<Spread> spread(std::span<const double> values) {
    if (values.empty()) return std::nullopt;
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    // Of equal values the mean may be off by a rounding, which is not a deviation.
    if (std::ranges::all_of(values, [&](double value) { return value == values.front(); }))
        return Spread{values.front(), 0, values.size()};
    double squares = 0;
    for (double value : values) squares += (value - mean) * (value - mean);
    return Spread{mean, std::sqrt(squares / (count - 1)), values.size()};
}

std::optional<PairedTest> paired_t_test(std::span<const double> differences) {
    if (differences.size() < 2) return std::nullopt;
    const Spread of = *spread(differences);
    PairedTest test{of.count, of.mean, of.mean, of.mean, of.mean == 0 ? 1.0 : 0.0};
    if (of.deviation == 0) return test;
    const double error = of.deviation / std::sqrt(static_cast<double>(of.count));
    const boost::math::students_t student(static_cast<double>(of.count - 1));
    constexpr double tail = 0.025;
    const double half = quantile(complement(student, tail)) * error;
    test.low = of.mean - half;
    test.high = of.mean + half;
    test.p = std::min(1.0, 2 * cdf(complement(student, std::abs(of.mean) / error)));
    return test;
}

std::vector<double> holm(std::span<const double> p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(
        order, [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<double> corrected(p_values.size());
    double largest = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto left = static_cast<double>(order.size() - i);
        largest = std::max(largest, std::min(1.0, left * p_values[order[i]]));
        corrected[order[i]] = largest;
    }
    return corrected;
}

}  // namespace fedhash::scenarios
