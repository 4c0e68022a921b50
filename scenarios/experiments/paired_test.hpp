// Is one way of recommending better than another, or was it luck with these users? Student's paired
// t test over users: with differences x_1 ... x_n, mean m and standard deviation s (n - 1 below the
// sum),
//
//     t = m / (s / sqrt(n)),    p = 2 P(T_{n-1} >= |t|),    m +- t_{0.975, n-1} s / sqrt(n)
//
// A user's metric is far from normal, but there are hundreds of users, and the t test on
// effectiveness metrics is close to the randomisation test there (Smucker, Allan and Carterette,
// CIKM 2007). It says something about users of this kind on this data; what another seed of
// training would give, the spread over seeds says.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fedhash::scenarios {

struct PairedTest {
    std::size_t users = 0;
    double difference = 0;     // mean
    double low = 0, high = 0;  // 95 % interval of the mean
    double p = 1;              // two-sided
};

/// Nothing for fewer than two differences. All differences equal: p is 0, or 1 when they are zero.
std::optional<PairedTest> paired_t_test(std::span<const double> differences);

/// Holm's step-down correction (Scand. J. Statist. 6, 1979): the i-th smallest of m values, from 0,
/// becomes max over j <= i of min(1, (m - j) p_j). In the order given.
std::vector<double> holm(std::span<const double> p_values);

/// Mean and standard deviation (n - 1 below the sum; 0 of a single value).
struct Spread {
    double mean = 0, deviation = 0;
    std::size_t count = 0;
};
std::optional<Spread> spread(std::span<const double> values);

}  // namespace fedhash::scenarios
