#include "common/quadratic.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"

namespace fedhash {

namespace {

// Plain descent whose numbers fit 32 bits, which is what devices solve.
bool narrow(const Quadratic& problem, const DescentOptions& options) {
    if (problem.largest == 0 || options.own_bit != own_bit_unit || options.inertia != 0)
        return false;
    std::int64_t c = 0;
    for (std::int64_t entry : problem.c) c = std::max(c, std::abs(entry));
    constexpr std::int64_t room = std::numeric_limits<std::int32_t>::max();
    return c < room && problem.alpha < room &&
           c + problem.alpha * (problem.bits + 2) * problem.largest < room;
}

// Kept up to date is what decides the sign of every bit, its pull (Kernels::sweep).
template <class Pull, class Sweep>
Descent descend_on(std::span<Pull> pulls, const DescentOptions& options, Sweep sweep) {
    Descent result;
    while (result.sweeps < options.sweeps) {
        ++result.sweeps;
        const std::uint32_t flips = sweep(pulls.data());
        result.flips += flips;
        if (flips == 0) break;
    }
    return result;
}

}  // namespace

Descent descend(const Quadratic& problem, std::span<std::uint64_t> code,
                const DescentOptions& options, std::span<const std::int32_t> g) {
    const std::uint32_t k = problem.bits;
    const std::int64_t alpha = problem.alpha;
    std::array<std::int32_t, max_bits> products;
    if (g.empty()) {
        product(problem.A, code, k, products);
        g = std::span(products).first(k);
    }
    std::int64_t trace = 0;
    for (std::uint32_t a = 0; a < k; ++a) trace += problem.A[a * k + a];
    if (narrow(problem, options)) {
        std::array<std::int32_t, max_bits> pulls;
        for (std::uint32_t a = 0; a < k; ++a)
            pulls[a] = static_cast<std::int32_t>(
                problem.c[a] - alpha * (g[a] - sign(code, a) * problem.A[a * k + a]));
        Descent result =
            descend_on<std::int32_t>(std::span(pulls).first(k), options, [&](std::int32_t* at) {
                return kernels().sweep_plain(problem.A.data(), static_cast<std::int32_t>(2 * alpha),
                                             k, at, code.data());
            });
        // x'Ax, from alpha x_a g_a = x_a (c_a - pull_a) + alpha A_aa.
        std::int64_t rest = 0;
        for (std::uint32_t a = 0; a < k; ++a) rest += sign(code, a) * (problem.c[a] - pulls[a]);
        result.quadratic = rest / alpha + trace;
        return result;
    }
    std::array<std::int64_t, max_bits> pulls;
    const std::int64_t own = alpha * options.own_bit;
    for (std::uint32_t a = 0; a < k; ++a)
        pulls[a] = own_bit_unit * (problem.c[a] - alpha * g[a]) +
                   sign(code, a) * (own * problem.A[a * k + a] + own_bit_unit * options.inertia);
    Descent result =
        descend_on<std::int64_t>(std::span(pulls).first(k), options, [&](std::int64_t* at) {
            return kernels().sweep(problem.A.data(), 2 * own_bit_unit * alpha, 2 * own,
                                   2 * own_bit_unit * options.inertia, k, at, code.data());
        });
    // The same with the own bit's factor and inertia; k times as large as what fits 64 bits.
    Wide rest = Wide{own} * trace + Wide{own_bit_unit} * options.inertia * k;
    for (std::uint32_t a = 0; a < k; ++a)
        rest += sign(code, a) * (Wide{own_bit_unit} * problem.c[a] - pulls[a]);
    result.quadratic = static_cast<std::int64_t>(rest / (Wide{own_bit_unit} * alpha));
    return result;
}

void product(std::span<const std::int32_t> A, CodeView code, std::uint32_t bits,
             std::span<std::int32_t> out) {
    kernels().product(A.data(), code.data(), bits, out.data());
}

std::int64_t value(const Quadratic& problem, CodeView code) {
    std::int64_t total = 0;
    for (std::uint32_t a = 0; a < problem.bits; ++a) {
        std::int64_t row = 0;
        for (std::uint32_t b = 0; b < problem.bits; ++b)
            row += static_cast<std::int64_t>(problem.A[a * problem.bits + b]) * sign(code, b);
        total += sign(code, a) * (problem.alpha * row - 2 * problem.c[a]);
    }
    return total;
}

}  // namespace fedhash
