// `graduated`: the graduated non-convexity and concavity procedure (GNCCP; Liu and Qiao, TPAMI
// 2014, as DLPR, IJCAI 2022, uses it for codes). f, without its diagonal part, is extended to the
// box and deformed from convex to concave, whose minima over the box are corners:
//   F_zeta(X) = (1 - |zeta|) (X'BX - 2 c'X) + zeta s |X|^2,   zeta from 1 to -1.
// At each zeta a few Frank-Wolfe steps go from where the last zeta ended:
//   Y = -sign(grad F),   X <- X + t (Y - X),   t in [0, 1] minimises F on the segment (exactly: F
//   is
// quadratic along it; DLPR takes t = 1 / (step + 2)). The signs of the last X, followed by one
// coordinate descent, are the result, unless the start was better.
//
// Ours: zeta in steps of 1/20; s = R/4, R the bound of Gershgorin on B (the published s = 1 says
// nothing without the scale of f), so that F is convex for zeta >= 4/5; and c is nudged by 2^-10 s
// towards the start: F_1 is least at X = 0, whatever the start, and where c = 0 the gradient there
// is 0, a saddle that no later zeta would leave.
//
// Doubles, added and multiplied in the order written (and never contracted, CMakeLists.txt), so the
// same on every machine; Y moves by few bits, so BY is kept up to date in integers, and what is
// kept in the end is decided in integers.
#include <cmath>

#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

constexpr int levels = 20;
constexpr double nudge = 1.0 / 1024;

using Reals = std::array<double, max_bits>;

// The relaxed code and what a step needs to know about it.
struct Relaxed {
    double scale = 0;  // s
    Reals c{}, X{}, BX{};
};

double coupled(const Walk& walk, std::uint32_t a) { return static_cast<double>(walk.coupled(a)); }

// One Frank-Wolfe step; `corner` is at Y of the step before. False when no direction descends.
bool step(Relaxed& relaxed, Walk& corner, double zeta) {
    const double whole = 1 - std::abs(zeta), round = zeta * relaxed.scale;
    Reals D{}, BD{};
    double slope = 0, curvature = 0;
    for (std::uint32_t a = 0; a < corner.bits(); ++a) {
        D[a] = whole * (relaxed.BX[a] - relaxed.c[a]) + round * relaxed.X[a];  // grad F / 2
        if (D[a] != 0 && (D[a] < 0) != (corner.x(a) > 0)) corner.flip(a);
    }
    for (std::uint32_t a = 0; a < corner.bits(); ++a) {
        const double gradient = D[a];
        D[a] = corner.x(a) - relaxed.X[a];
        BD[a] = coupled(corner, a) - relaxed.BX[a];
        slope += gradient * D[a];
        curvature += D[a] * (whole * BD[a] + round * D[a]);
    }
    if (!(slope < 0)) return false;
    const double t = -slope < curvature ? -slope / curvature : 1.0;
    for (std::uint32_t a = 0; a < corner.bits(); ++a) {
        relaxed.X[a] += t * D[a];
        relaxed.BX[a] += t * BD[a];
    }
    return true;
}

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    Walk corner(problem, code);
    const Best start(corner);
    Relaxed relaxed;
    relaxed.scale = std::max(1.0, static_cast<double>(gershgorin(problem)) / 4);
    for (std::uint32_t a = 0; a < problem.bits; ++a) {
        relaxed.X[a] = corner.x(a);
        relaxed.BX[a] = coupled(corner, a);
        relaxed.c[a] = static_cast<double>(problem.c[a]) + nudge * relaxed.scale * corner.x(a);
    }

    Descent result;
    for (int level = levels; level >= -levels; --level) {
        for (std::uint32_t sweep = 0; sweep < options.sweeps; ++sweep) {
            ++result.sweeps;
            if (!step(relaxed, corner, static_cast<double>(level) / levels)) break;
        }
    }
    corner.move(start.code());
    for (std::uint32_t a = 0; a < problem.bits; ++a)
        if (relaxed.X[a] != 0 && (relaxed.X[a] > 0) != (corner.x(a) > 0)) corner.flip(a);

    const Descent polish = descend(problem, code, {options.sweeps, own_bit_unit});
    result.sweeps += polish.sweeps;
    Walk end(problem, code);
    Best best = start;
    best.offer(end);
    end.move(best.code());
    result.flips = distance(start.code(), code);
    result.quadratic = end.quadratic();
    return result;
}

}  // namespace

const SolverEntry graduated_solver{"graduated", solve, true,
                                   "Frank-Wolfe on a relaxation made concave by and by (GNCCP)"};

}  // namespace fedhash
