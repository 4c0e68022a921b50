#include "common/quadratic.hpp"

#include <algorithm>
#include <array>

#include "common/kernels/kernels.hpp"

namespace fedhash {

Descent descend(const Quadratic& problem, std::span<std::uint64_t> code,
                const DescentOptions& options) {
    const std::uint32_t k = problem.bits;
    const Kernels& kernel = kernels();
    std::array<std::int32_t, max_bits> g{};
    product(problem.A, code, k, g);

    Descent result;
    while (result.sweeps < options.sweeps) {
        ++result.sweeps;
        std::uint32_t flips = 0;
        for (std::uint32_t a = 0; a < k; ++a) {
            const int old = sign(code, a);
            const std::int64_t own = options.own_bit * problem.A[a * k + a] * old;
            const std::int64_t argument = own_bit_unit * (problem.c[a] + options.inertia * old) -
                                          problem.alpha * (own_bit_unit * g[a] - own);
            if (argument == 0 || (argument > 0) == (old > 0)) continue;
            flip(code, a);
            kernel.add_row(g.data(), &problem.A[a * k], -2 * old, k);
            ++flips;
        }
        result.flips += flips;
        if (flips == 0) break;
    }
    for (std::uint32_t a = 0; a < k; ++a)
        result.quadratic += static_cast<std::int64_t>(sign(code, a)) * g[a];
    return result;
}

void product(std::span<const std::int32_t> A, CodeView code, std::uint32_t bits,
             std::span<std::int32_t> out) {
    std::fill_n(out.begin(), bits, 0);
    for (std::uint32_t a = 0; a < bits; ++a)
        kernels().add_row(out.data(), &A[a * bits], sign(code, a), bits);
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
