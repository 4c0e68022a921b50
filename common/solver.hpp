// Solvers of the one problem (common/quadratic.hpp):   minimise  f(x) = alpha x'Ax - 2 c'x  over x
// in {-1,+1}^k, from a starting code. The problem is NP-hard (it contains maximum cut), so all but
// `exhaustive` are heuristics: a descent over single bits, over blocks, over all bits at once, two
// relaxations, and a search around a descent. The diagonal of A adds a constant to f over codes, so
// no solver but an over-relaxed descent looks at it.
//
// All of them compute the same bits on every machine: integers, or doubles added, multiplied and
// divided in a fixed order where a relaxation needs reals; exact integers decide what is kept.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/quadratic.hpp"

namespace fedhash {

struct SolveOptions {
    /// What one sweep is differs: a pass over the bits (dcd, block, each descent of local-search),
    /// a simultaneous step (prox), a step at each level of a schedule (alm, graduated). At most so
    /// many are made; with none the code stays. `exhaustive` does not look at it.
    std::uint32_t sweeps = 3;
    /// rho * 64 of dcd and of the first descent of local-search (common/quadratic.hpp); the others
    /// do not look at it.
    std::int64_t own_bit = own_bit_unit;
    std::uint32_t kicks = 0;   // local-search
    std::uint64_t seed = 0;    // of the solver's own random stream: local-search
    std::int64_t inertia = 0;  // dcd alone (common/quadratic.hpp)
};

struct SolverEntry {
    const char* name;
    /// Improves `code`. In the result: `sweeps` made over all levels and descents; `flips` on the
    /// way (dcd, block, prox) or between the start and the result (others); x'Ax of the result. The
    /// problem must be within_bounds.
    Descent (*solve)(const Quadratic& problem, std::span<std::uint64_t> code,
                     const SolveOptions& options);
    bool never_raises;  // f(result) <= f(start), with own_bit = own_bit_unit
    const char* about;
};

std::span<const SolverEntry> solvers();

/// Throws UsageError that lists the known names.
const SolverEntry& find_solver(std::string_view name);

/// The longest code `exhaustive` takes: 2^20 codes cost some 10 ms.
constexpr std::uint32_t max_exhaustive_bits = 20;

/// Whether the numbers of a problem fit: 1 <= k <= max_bits, alpha >= 1, and
///   64 (max|c| + alpha k max|A|) < 2^63       (the argument of a sign in descend),
///   max(2, k) max|A| < 2^31                   (Ax is kept in 32 bits, and so is twice a row).
/// Every solver keeps to these: the pull on a bit is then below 2^57, a sum of 20 of them below
/// 2^62, and f itself, which may reach 2^66, is compared in 128 bits.
bool within_bounds(const Quadratic& problem);

}  // namespace fedhash
