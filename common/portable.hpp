// exp and log by + - * / and exact scaling alone: std::exp differs in its last bit from one C
// library to the next, and what a device learns must not.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace fedhash {

/// e^x to 1e-15 relative; 0 below -700, e^700 above 700.
inline double portable_exp(double x) {
    if (!(x > -700)) return 0;
    x = std::min(x, 700.0);
    constexpr double ln2 = 0.69314718055994530942;
    const double in_twos = x * (1 / ln2);
    const auto whole = static_cast<std::int64_t>(in_twos + (in_twos < 0 ? -0.5 : 0.5));
    const double r = x - static_cast<double>(whole) * ln2;  // |r| <= 0.35
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
                                           1.0 / 479001600};
    double sum = 0;
    for (int n = 12; n >= 0; --n) sum = sum * r + one_by_factorial[n];
    // sum is in [0.7, 1.5] and the result normal, so the power of two goes into the exponent.
    return std::bit_cast<double>(std::bit_cast<std::int64_t>(sum) + (whole << 52));
}

/// ln x to 1e-15 relative to 1; x > 0.
inline double portable_log(double x) {
    constexpr double ln2 = 0.69314718055994530942;
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);  // [1/2, 1)
    if (mantissa < 0.70710678118654752440) {
        mantissa *= 2;
        --exponent;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), |argument| <= 0.172.
    const double z = (mantissa - 1) / (mantissa + 1), square = z * z;
    double sum = 0;
    for (int n = 21; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
    return exponent * ln2 + 2 * z * sum;
}

}  // namespace fedhash
