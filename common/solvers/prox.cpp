// `prox`: the proximal step, all bits at once (majorise-minimise on the cube, the proximal
// one-stage methods; LightFR's server rule is one with a constant inertia). Each step uses the
// inertia that lowers f most.
//
// Derivation. Let r = alpha Ax - c, half the gradient of f, and d = x' - x. Then for every L with
// L I - alpha A positive semi-definite
//   f(x') = f(x) + 2 r'd + d' alpha A d  <=  f(x) + 2 r'd + L |d|^2.                          (1)
// d_a^2 = 2 - 2 x_a x'_a is linear in x', so the right side is smallest over codes at
//   x' = sign( L x - r ),  the old bit where that is 0,                                        (2)
// and is then at most f(x): f does not rise. (With the gradient 2r and a surrogate (Lq/2) |d|^2,
// Lq = 2 L: the usual Lq >= 2 lambda_max.) The diagonal of A is a constant of f and may be taken
// out: (1) and (2) then read, with B the off-diagonal part of alpha A, h = c - Bx the pulls
// (solvers/walk.hpp) and an inertia R in place of L,
//   x' = sign( R x + h ),  i.e. bit a flips when  -x_a h_a > R;   f does not rise if R I - B >= 0.
// Gershgorin's R = max_a sum_b |B_ab| is such a bound, but with it (or with each row's own sum as
// an inertia per bit) a bit flips only if |c_a| outweighs that row's pull for staying: codes
// freeze.
//
// (1) is needed only for the d of the step itself. Ordered by -x_a h_a, the flips of (2) for any R
// are the first q bits, and, with P_ab = x_a B_ab x_b,
//   (f(x') - f(x)) / 4 = sum_{a flipped} x_a h_a + 2 sum_{a < b flipped} P_ab
// for all q together costs no more than one product. So R is searched exactly: the q that lowers f
// most, the smallest of equals. q = 1 has no pairs and always lowers f, so f falls with every step
// that flips and the steps end at a minimum over single flips. Of equal pulls the lower bits are
// first, and the cut may pass between them. (The search is ours; it is what backtracking, as in
// Beck and Teboulle, SIAM J. Imaging Sci. 2009, would approach.)
#include <cstdlib>

#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

std::uint32_t best_step(Walk& walk) {
    std::array<std::int64_t, max_bits> cost{};
    std::array<std::uint32_t, max_bits> willing{};
    std::uint32_t count = 0;
    for (std::uint32_t a = 0; a < walk.bits(); ++a) {
        cost[a] = walk.cost(a);
        if (cost[a] < 0) willing[count++] = a;
    }
    std::sort(willing.begin(), willing.begin() + count, [&cost](std::uint32_t a, std::uint32_t b) {
        return cost[a] != cost[b] ? cost[a] < cost[b] : a < b;
    });

    Wide change = 0, least = 0;  // in quarters of f
    std::uint32_t flips = 0;
    for (std::uint32_t q = 0; q < count; ++q) {
        const std::uint32_t a = willing[q];
        std::int64_t pairs = 0;
        for (std::uint32_t i = 0; i < q; ++i) pairs += walk.A(a, willing[i]) * walk.x(willing[i]);
        change += cost[a] + 2 * walk.problem().alpha * pairs * walk.x(a);
        if (change >= least) continue;
        least = change;
        flips = q + 1;
    }
    for (std::uint32_t q = 0; q < flips; ++q) walk.flip(willing[q]);
    return flips;
}

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    Walk walk(problem, code);
    Descent result;
    while (result.sweeps < options.sweeps) {
        ++result.sweeps;
        const std::uint32_t flips = best_step(walk);
        result.flips += flips;
        if (flips == 0) break;
    }
    result.quadratic = walk.quadratic();
    return result;
}

}  // namespace

std::uint32_t proximal_step(Walk& walk, std::int64_t inertia) {
    std::array<std::uint32_t, max_bits> flipping{};
    std::uint32_t flips = 0;
    for (std::uint32_t a = 0; a < walk.bits(); ++a)
        if (walk.cost(a) + inertia < 0) flipping[flips++] = a;
    for (std::uint32_t i = 0; i < flips; ++i) walk.flip(flipping[i]);
    return flips;
}

std::int64_t gershgorin(const Quadratic& problem) {
    const std::uint32_t k = problem.bits;
    std::int64_t most = 0;
    for (std::uint32_t a = 0; a < k; ++a) {
        std::int64_t row = 0;
        for (std::uint32_t b = 0; b < k; ++b)
            if (b != a) row += std::abs(std::int64_t{problem.A[a * k + b]});
        most = std::max(most, row);
    }
    return problem.alpha * most;
}

const SolverEntry prox_solver{"prox", solve, true,
                              "all bits at once, with the inertia that lowers f most"};

}  // namespace fedhash
