#include "common/solver.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string>

#include "common/errors.hpp"
#include "common/solvers/solvers.hpp"

namespace fedhash {

std::span<const SolverEntry> solvers() {
    static const std::array table{dcd_solver,       block_solver,     prox_solver,
                                  alm_solver,       graduated_solver, local_search_solver,
                                  exhaustive_solver};
    return table;
}

const SolverEntry& find_solver(std::string_view name) {
    std::string known;
    for (const SolverEntry& entry : solvers()) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.solver: unknown solver '" + std::string(name) + "'; known: " + known);
}

bool within_bounds(const Quadratic& problem) {
    const std::int64_t k = problem.bits;
    if (k < 1 || k > max_bits || problem.alpha < 1) return false;
    if (problem.A.size() != static_cast<std::size_t>(k * k)) return false;
    if (problem.c.size() != static_cast<std::size_t>(k)) return false;
    std::int64_t A = 0, c = 0;
    for (std::int32_t entry : problem.A) A = std::max(A, std::abs(std::int64_t{entry}));
    if (A > std::numeric_limits<std::int32_t>::max() / std::max<std::int64_t>(2, k)) return false;

    constexpr std::int64_t room = std::numeric_limits<std::int64_t>::max() / own_bit_unit;
    if (A > 0 && problem.alpha > room / (k * A)) return false;
    const std::int64_t left = room - problem.alpha * k * A;
    for (std::int64_t entry : problem.c) {
        if (entry < -room) return false;
        c = std::max(c, std::abs(entry));
    }
    return c <= left;
}

}  // namespace fedhash
