// The solvers that the table in common/solver.cpp lists. A new one: a file here, a line here, a row
// there. Below them, the pieces of solvers that tests look at one by one.
#pragma once

#include "common/solvers/walk.hpp"

namespace fedhash {

extern const SolverEntry dcd_solver;
extern const SolverEntry block_solver;
extern const SolverEntry prox_solver;
extern const SolverEntry alm_solver;
extern const SolverEntry graduated_solver;
extern const SolverEntry local_search_solver;
extern const SolverEntry exhaustive_solver;

/// Gives bits [first, first + count), count <= 20, their best values, all others held fixed
/// (solvers/block.cpp). Of equals the values with the fewest flips win (the old ones, then, if they
/// are among the best), then those smallest as a binary number, bit `first` the lowest. Returns the
/// number of flips.
std::uint32_t settle_block(Walk& walk, std::uint32_t first, std::uint32_t count);

/// One simultaneous step  x <- sign( R x + h )  with the inertia R in [0, 2^62], h the pulls; the
/// old bit stays at 0 (solvers/prox.cpp). Returns the number of flips. f does not rise if R is at
/// least the largest eigenvalue of the off-diagonal part of alpha A.
std::uint32_t proximal_step(Walk& walk, std::int64_t inertia);

/// A bound on the size of the eigenvalues of the off-diagonal part of alpha A (Gershgorin):
///   max_a alpha sum_{b != a} |A_ab|.
std::int64_t gershgorin(const Quadratic& problem);

}  // namespace fedhash
