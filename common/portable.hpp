// exp and log, and what losses are made of, from + - * / alone: std::exp may differ in its last bit
// from one machine to the next, and a pull that is rounded to an integer may then differ by one.
// Exact operations besides (floor, ldexp, frexp) are the same everywhere. Relative error of exp and
// absolute error of log are a few 1e-16; both are tested to 1e-14.
//
//   exp   x = n ln 2 + r, |r| <= ln 2 / 2, Taylor to r^13 / 13!            (remainder below 5e-18)
//   log   x = 2^n m, sqrt(1/2) <= m < sqrt 2, t = (m-1)/(m+1):  n ln 2 + 2 (t + t^3/3 + t^5/5 ...)
#pragma once

#include <cmath>
#include <limits>

namespace fedhash::portable {

// ln 2 in two parts, the first with 21 trailing zero bits, so that n * ln2_high is exact.
constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

inline double exp(double x) {
    if (!(x < 709)) return std::numeric_limits<double>::infinity();
    if (x < -708) return 0;
    const double n = std::floor(x / (ln2_high + ln2_low) + 0.5);
    const double r = (x - n * ln2_high) - n * ln2_low;
    double sum = 1;
    for (int term = 13; term >= 1; --term) sum = 1 + r * sum / term;
    return std::ldexp(sum, static_cast<int>(n));
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
