// `dcd`: coordinate descent over the bits in order, descend() of common/quadratic.hpp (Zhang et
// al., Discrete Collaborative Filtering, SIGIR 2016, Alg. 1). Ends at a code that no single flip
// improves, given the sweeps. The only solver that looks at own_bit throughout: below 64 it
// over-relaxes and may raise f.
#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    return descend(problem, code, {options.sweeps, options.own_bit, options.inertia});
}

}  // namespace

const SolverEntry dcd_solver{"dcd", solve, true, "coordinate descent over the bits in order (DCF)"};

}  // namespace fedhash
