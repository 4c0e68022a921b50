// The arithmetic of implicit ALS on plain arrays: Gram sums, one row's normal equations, blocks of
// scores.
//
// ials_kernels.cpp is compiled once per instruction set (its CMake lines give the flags), each time
// into a namespace of its own; ials_dispatch.hpp picks one at run time. Neither file may include
// anything that defines functions: the linker could keep the copy that was compiled for a newer
// processor. All arithmetic is float32. Instruction sets differ in vector width and fused
// multiply-add, so the last digits of a factor differ between machines: a baseline is real-valued
// and never broadcast.
//
//   d  stride: the number of factors rounded up to factor_step; the entries beyond are 0
//   G  Gram matrix sum_p y_p y_p', d x d, rows of d
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedhash::scenarios {

/// Rows of factors are padded to a multiple of this many floats and aligned to ials_alignment
/// bytes.
inline constexpr std::size_t factor_step = 32;
inline constexpr std::size_t ials_alignment = 128;

/// Scores are computed for this many users, against panels of this many items.
inline constexpr std::size_t score_users = 8;
inline constexpr std::size_t score_items = 32;

struct IalsKernels {
    const char* name;

    /// gram[r][c] += sum over `count` contiguous rows of row[r] * row[c], for c >= r. What is below
    /// the diagonal is left in an unspecified state.
    void (*add_gram)(const float* rows, std::size_t count, std::size_t d, float* gram);

    /// x = (gram + sum_j y_j y_j' + ridge I)^-1 sum_j y_j, where y_j = rows[ids[j]]. Only the upper
    /// half of `gram` is read. `work` holds solve_work(d) floats.
    void (*solve_row)(const float* gram, float ridge, const float* rows, const std::uint32_t* ids,
                      std::size_t count, std::size_t d, float* work, float* x);

    /// The same x where gram = diag(spectrum) and `count` <= longest_short_row(d), by way of a
    /// system of `count` unknowns: with D = diag(spectrum) + ridge I, x = D^-1 Y' (I + Y D^-1
    /// Y')^-1 1.
    void (*solve_short_row)(const float* spectrum, float ridge, const float* rows,
                            const std::uint32_t* ids, std::size_t count, std::size_t d, float* work,
                            float* x);

    /// out[u * out_stride + j] = sum_f users[f * score_users + u] * items[f * score_items + j]: one
    /// panel.
    void (*score_panel)(const float* users, const float* items, std::size_t d,
                        std::size_t out_stride, float* out);
};

/// How many rows are gathered at a time: 128 factors of 64 rows fit the first-level cache.
inline constexpr std::size_t gather_rows = 64;

constexpr std::size_t solve_work(std::size_t d) {
    return d * d + (d > gather_rows ? d : gather_rows) * d + 3 * d;
}

/// Beyond this many interactions the system in d unknowns is the cheaper one.
constexpr std::size_t longest_short_row(std::size_t d) { return d / 2; }

}  // namespace fedhash::scenarios
