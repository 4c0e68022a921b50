// exp and log, and what losses are made of, from + - * / alone: std::exp may differ in its last bit
// from one machine to the next, and a pull that is rounded to an integer may then differ by one.
// Exact operations besides (floor, ldexp, frexp) are the same everywhere. Relative error of exp and
// absolute error of log are a few 1e-16; both are tested to 1e-14.
//
//   exp   x = n ln 2 + r, |r| <= ln 2 / 2, Taylor to r^13 / 13!            (remainder below 5e-18)
//   log   x = 2^n m, sqrt(1/2) <= m < sqrt 2, t = (m-1)/(m+1):  n ln 2 + 2 (t + t^3/3 + t^5/5 ...)
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace fedhash::portable {

// ln 2 in two parts, the first with 21 trailing zero bits, so that n * ln2_high is exact.
constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

inline double exp(double x) {
    if (!(x < 709)) return std::numeric_limits<double>::infinity();
    if (x < -708) return 0;
    const double scaled = x * (1 / (ln2_high + ln2_low));
    const auto n = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    const auto whole = static_cast<double>(n);
    const double r = (x - whole * ln2_high) - whole * ln2_low;
    constexpr double one_by_factorial[] = {1.0,
                                           1.0,
                                           1.0 / 2,
                                           1.0 / 6,
                                           1.0 / 24,
                                           1.0 / 120,
                                           1.0 / 720,
                                           1.0 / 5040,
                                           1.0 / 40320,
                                           1.0 / 362880,
                                           1.0 / 3628800,
                                           1.0 / 39916800,
                                           1.0 / 479001600,
                                           1.0 / 6227020800};
    double sum = 0;
    for (int power = 13; power >= 0; --power) sum = sum * r + one_by_factorial[power];
    // sum is in [0.7, 1.5] and the result normal, so the power of two goes into the exponent.
    return std::bit_cast<double>(std::bit_cast<std::int64_t>(sum) + (n << 52));
}

/// x > 0.
inline double log(double x) {
    int n = 0;
    double m = std::frexp(x, &n);
    if (m < 0.70710678118654752) {
        m *= 2;
        --n;
    }
    const double t = (m - 1) / (m + 1), square = t * t;
    double sum = 0;
    for (int power = 21; power >= 1; power -= 2) sum = sum * square + 1.0 / power;
    return n * ln2_high + (2 * t * sum + n * ln2_low);
}

/// 1 / (1 + e^-x).
inline double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + portable::exp(-x)) : 1 - 1 / (1 + portable::exp(x));
}

/// log(1 + e^x).
inline double softplus(double x) {
    return x > 0 ? x + portable::log(1 + portable::exp(-x)) : portable::log(1 + portable::exp(x));
}

/// Curvature of the quadratic in x that touches softplus at x0 = +-x and lies above it (Jaakkola
/// and Jordan, Statistics and Computing 10, 2000):
///   softplus(x) <= softplus(x0) + (x - x0)/2 + lambda(x0) (x^2 - x0^2),
///   lambda(x) = tanh(x/2) / (4x), at most 1/8.
inline double softplus_curvature(double x) {
    const double size = x < 0 ? -x : x;
    if (size < 1e-3) return 0.125 - size * size / 96;
    return (sigmoid(size) - 0.5) / (2 * size);
}

}  // namespace fedhash::portable
