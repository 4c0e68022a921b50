// Powers in integer arithmetic. Targets such as T k (n_u / mean)^-a must come out the same on every
// machine, and the last bit of std::pow does not.
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>

namespace fedhash {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr int log_fraction_bits = 32;

/// log2(n), n >= 1, as a multiple of 2^-32, rounded down: one binary digit per squaring of the
/// mantissa.
constexpr std::int64_t log2_fixed(std::uint64_t n) {
    assert(n >= 1);
    const auto whole = static_cast<int>(std::bit_width(n)) - 1;
    std::uint64_t mantissa = n << (63 - whole);  // [1, 2) in units of 2^-63
    std::int64_t result = std::int64_t{whole} << log_fraction_bits;
    for (int digit = log_fraction_bits - 1; digit >= 0; --digit) {
        const UnsignedWide square = static_cast<UnsignedWide>(mantissa) * mantissa;
        const bool reached_two = (square >> 127) != 0;
        if (reached_two) result |= std::int64_t{1} << digit;
        mantissa = static_cast<std::uint64_t>(square >> (reached_two ? 64 : 63));
    }
    return result;
}

/// The largest integer y in [1, limit] with log2_fixed(y) <= x; 1 when there is none.
constexpr std::uint64_t exp2_fixed(std::int64_t x, std::uint64_t limit) {
    std::uint64_t low = 1;
    while (low < limit) {
        const std::uint64_t middle = low + (limit - low + 1) / 2;
        if (log2_fixed(middle) <= x)
            low = middle;
        else
            limit = middle - 1;
    }
    return low;
}

/// a * b where b is in units of 2^-16.
constexpr std::int64_t times_q16(std::int64_t a, std::int64_t b_q16) {
    return static_cast<std::int64_t>((static_cast<Wide>(a) * b_q16) >> 16);
}

/// n^exponent for n >= 1, to 2^-16 or better where it is above 1; the same on every machine.
inline double power_fixed(std::uint64_t n, std::int64_t exponent_q16) {
    const std::int64_t power = times_q16(log2_fixed(n), exponent_q16);
    return static_cast<double>(exp2_fixed(power + (std::int64_t{16} << log_fraction_bits),
                                          std::uint64_t{1} << 48)) /
           65536;
}

}  // namespace fedhash
