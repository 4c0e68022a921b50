// What the device's learner is measured against: the same problems solved the way that they are
// written down, in doubles, for codes as vectors of -1.0 and +1.0. The numbers are whole multiples
// of 1/16, so nothing is ever rounded and the codes must come out the same.
//
// Peers are plain loops that a compiler vectorises, compiled as the kernels are: with the same
// flags for each instruction set (peers.inc), chosen by the name of the kernels in use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fedhash::peers {

/// One user: minimise over b  sum over listed items of (goal_j - b.d_j)^2.
struct Explicit {
    const double* items;        // n x k, row-major
    std::size_t bits;           // k
    const std::uint32_t* rows;  // the listed items
    const double* goals;        // one each
    std::size_t count;
};

/// One user: minimise over b  b'Gb - 2 goal h.b ,  h = sum over listed items of d_j.
struct Uniform {
    const double* items;
    const double* gram;  // G = sum over all items of d d', k x k
    std::size_t bits;
    const std::uint32_t* rows;
    std::size_t count;
    double goal;
};

struct Peers {
    const char* name;

    /// Discrete Collaborative Filtering as published: gather the listed rows, their k x k Gram
    /// matrix, cyclic coordinate descent. All of these stop early when a sweep flips nothing, as
    /// ours does, and leave a bit where it is when it makes no difference. `scratch` holds
    /// scratch_size doubles.
    void (*by_gram)(const Explicit& user, int sweeps, double* code, double* scratch);
    /// The same with the matrix made eight rows at a time and one triangle of it mirrored.
    void (*by_blocked_gram)(const Explicit& user, int sweeps, double* code, double* scratch);
    /// The same codes without the matrix: residuals kept up to date over sweeps through the listed
    /// items, gathered with one bit of all items side by side.
    void (*by_residuals)(const Explicit& user, int sweeps, double* code, double* scratch);
    /// The matrix is everybody's; only h is the user's own.
    void (*uniform)(const Uniform& user, int sweeps, double* code, double* scratch);
};

/// For by_* of so many items; more than enough for `uniform`.
constexpr std::size_t scratch_size(std::size_t bits, std::size_t count) {
    return bits * bits + 4 * bits + (bits + 1) * (count + 16);
}

/// Those compiled for the instruction set of the kernels with this name; "scalar": for none, and
/// without vectors.
const Peers& peers_for(std::string_view kernels);

}  // namespace fedhash::peers
