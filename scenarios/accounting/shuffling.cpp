#include "scenarios/accounting/shuffling.hpp"

#include <algorithm>
#include <cmath>

namespace fedhash::scenarios {

double most_shuffled_epsilon(std::uint64_t reports, double delta) {
    return std::log(static_cast<double>(reports) / (16 * std::log(4 / delta)));
}

double shuffled_epsilon(double epsilon, std::uint64_t reports, double delta) {
    if (!(epsilon <= most_shuffled_epsilon(reports, delta))) return epsilon;
    const double n = static_cast<double>(reports), odds = std::exp(epsilon);
    const double a = 8 * std::sqrt(odds * std::log(4 / delta) / n), c = 8 * odds / n;
    const double once = std::log1p(a + c);
    return std::min(
        epsilon, std::log1p((1 - std::exp(-epsilon)) / (1 + std::exp(-epsilon - once)) * (a + c)));
}

}  // namespace fedhash::scenarios
