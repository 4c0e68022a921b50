// `alm`: an augmented Lagrangian. The code is split into x on the cube and a real z in the box
// [-1, 1]^k that shall become equal, and one x of the quadratic form is replaced by z. With B the
// off-diagonal part of alpha A:
//   L(x, z, G) = x'Bz - 2 c'x + G'(x - z) + (mu/2) |x - z|^2
//   x <- sign( mu z - G - Bz + 2c ),  the whole code in one sign, the old bit at 0
//   z <- clamp( x + (G - Bx) / mu, -1, 1 ),  both exact minimisers of L
//   G <- G + mu (x - z).
// (ALM one-stage hashing as the surveys describe it, with z as in MFDCF and MDCF; the box is that
// of lp-box ADMM, Wu and Ghanem, TPAMI 2019.)
//
// Ours: G starts at Bx, the multiplier of z = x; mu grows from R/128 to R/2 by 5/4, R the bound of
// Gershgorin on B, `sweeps` rounds at each value. A code need not have settled by then, and early
// ones may be better: the best seen is kept, the start among them.
//
// Doubles, added and multiplied in the order written (and never contracted, CMakeLists.txt), so the
// same on every machine; what is kept is decided in integers. A round costs a product with z.
#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

constexpr double first_weight = 1.0 / 128, last_weight = 0.5, growth = 1.25;

using Reals = std::array<double, max_bits>;

double coupled(const Walk& walk, std::uint32_t a) { return static_cast<double>(walk.coupled(a)); }

// Bz, B without the diagonal.
void product(const Quadratic& problem, const Reals& z, Reals& out) {
    const std::uint32_t k = problem.bits;
    out.fill(0);
    for (std::uint32_t b = 0; b < k; ++b) {
        const std::int32_t* row = &problem.A[b * k];
        const double factor = static_cast<double>(problem.alpha) * z[b];
        for (std::uint32_t a = 0; a < b; ++a) out[a] += factor * row[a];
        for (std::uint32_t a = b + 1; a < k; ++a) out[a] += factor * row[a];
    }
}

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    const std::uint32_t k = problem.bits;
    Walk walk(problem, code);
    const Best start(walk);
    Best best = start;
    Reals z{}, G{}, Bz{};
    for (std::uint32_t a = 0; a < k; ++a) {
        z[a] = walk.x(a);
        G[a] = coupled(walk, a);
    }

    Descent result;
    const double scale = std::max(1.0, static_cast<double>(gershgorin(problem)));
    for (double mu = first_weight * scale; mu < last_weight * scale; mu *= growth) {
        for (std::uint32_t sweep = 0; sweep < options.sweeps; ++sweep) {
            ++result.sweeps;
            product(problem, z, Bz);
            for (std::uint32_t a = 0; a < k; ++a) {
                const double argument =
                    mu * z[a] - G[a] - Bz[a] + 2 * static_cast<double>(problem.c[a]);
                if (argument != 0 && (argument > 0) != (walk.x(a) > 0)) walk.flip(a);
            }
            best.offer(walk);
            for (std::uint32_t a = 0; a < k; ++a) {
                const double x = walk.x(a);
                z[a] = std::clamp(x + (G[a] - coupled(walk, a)) / mu, -1.0, 1.0);
                G[a] += mu * (x - z[a]);
            }
        }
    }
    walk.move(best.code());
    result.flips = distance(start.code(), code);
    result.quadratic = walk.quadratic();
    return result;
}

}  // namespace

const SolverEntry alm_solver{"alm", solve, true,
                             "augmented Lagrangian: a code and a vector in the box drawn together"};

}  // namespace fedhash
