#include "client/discrete_gaussian.hpp"

#include <cmath>

#include "common/fixed_point.hpp"

namespace fedhash::client {

namespace {

using Whole = UnsignedWide;

/// Uniform below `limit`: the top of 128 random bits is thrown away where it would lean.
Whole below(Whole limit, Stream& random) {
    if (limit <= ~std::uint64_t{0}) {
        const auto small = static_cast<std::uint64_t>(limit);
        const std::uint64_t lean = (~std::uint64_t{0} % small + 1) % small;
        std::uint64_t drawn = random();
        while (drawn > ~std::uint64_t{0} - lean) drawn = random();
        return drawn % small;
    }
    const Whole all = ~Whole{0}, lean = (all % limit + 1) % limit;
    const auto draw = [&random] { return (Whole{random()} << 64) | random(); };
    Whole drawn = draw();
    while (drawn > all - lean) drawn = draw();
    return drawn % limit;
}

/// True with probability exp(-n / d), n <= d.
bool happens_exp_below_one(Whole n, Whole d, Stream& random) {
    for (std::uint64_t k = 1;; ++k)
        if (below(d * k, random) >= n) return k % 2 == 1;
}

/// True with probability exp(-n / d).
bool happens_exp(Whole n, Whole d, Stream& random) {
    for (; n > d; n -= d)
        if (!happens_exp_below_one(1, 1, random)) return false;
    return happens_exp_below_one(n, d, random);
}

/// P(x) ~ exp(-|x| / t).
std::int64_t discrete_laplace(std::uint64_t t, Stream& random) {
    while (true) {
        const auto u = static_cast<std::uint64_t>(below(t, random));
        if (!happens_exp(u, t, random)) continue;
        std::uint64_t v = 0;
        while (happens_exp(1, 1, random)) ++v;
        const auto x = static_cast<std::int64_t>(u + t * v);
        const bool negative = (random() >> 63) != 0;
        if (negative && x == 0) continue;
        return negative ? -x : x;
    }
}

}  // namespace

std::int64_t discrete_gaussian(std::uint64_t variance, Stream& random) {
    if (variance == 0) return 0;
    const auto t = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(variance))) + 1;
    while (true) {
        const std::int64_t y = discrete_laplace(t, random);
        // exp(-(|y| - variance / t)^2 / (2 variance)), over a common denominator.
        const Whole along = Whole{static_cast<std::uint64_t>(y < 0 ? -y : y)} * t;
        const Whole apart = along > variance ? along - variance : variance - along;
        // Beyond, the chance is below exp(-2^20), and squares would not fit.
        if (apart >> 62 != 0) continue;
        if (happens_exp(apart * apart, Whole{2} * variance * t * t, random)) return y;
    }
}

}  // namespace fedhash::client
