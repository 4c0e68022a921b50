// `exhaustive`: the optimum, from all 2^k codes, k <= 20: one block of k bits (solvers/block.cpp).
// Of several optimal codes it takes the one that differs from the start in the fewest bits (so the
// start, if it is one), of those the smallest as a binary number, bit 0 the lowest. The yardstick
// for the other solvers.
#include <string>

#include "common/errors.hpp"
#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code, const SolveOptions&) {
    if (problem.bits > max_exhaustive_bits)
        throw UsageError(
            "method.solver = \"exhaustive\" tries all 2^k codes, which is feasible up "
            "to " +
            std::to_string(max_exhaustive_bits) + " bits; method.bits is " +
            std::to_string(problem.bits) +
            ": lower it or choose another solver, \"local-search\" for one that comes "
            "close");
    Walk walk(problem, code);
    const std::uint32_t flips = settle_block(walk, 0, problem.bits);
    return {1, flips, walk.quadratic()};
}

}  // namespace

const SolverEntry exhaustive_solver{"exhaustive", solve, true,
                                    "the best of all codes, up to 20 bits"};

}  // namespace fedhash
