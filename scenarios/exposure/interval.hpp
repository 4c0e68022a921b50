// Exact 95 % intervals: coverage is at least 95 % whatever the distribution and however few the
// trials.
#pragma once

#include <cstdint>

namespace fedhash::scenarios {

struct Interval {
    double low = 0, high = 1;
};

/// Of a proportion, successes of independent trials: Clopper and Pearson (Biometrika, 1934).
Interval proportion_interval(std::uint64_t successes, std::uint64_t trials);

/// Of the mean of independent values in [0, 1]: where the Chernoff bound of their sum,
/// exp(-n KL(mean || p)), falls to 2.5 % on either side (Hoeffding, JASA, 1963, theorem 1).
Interval mean_interval(double mean, double trials);

}  // namespace fedhash::scenarios
