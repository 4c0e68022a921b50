// The inner loops, compiled once per instruction set and chosen at start. Integer code only, so
// every set computes the same bits; a test compares them all. k = bits of a code, W = words_for(k).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.hpp"

namespace fedhash {

struct Kernels {
    const char* name;

    /// CRC32C (Castagnoli) of `bytes`, continuing from `crc`; start with 0.
    std::uint32_t (*crc32c)(std::uint32_t crc, const std::uint8_t* bytes, std::size_t size);

    /// Transposes a 64 x 64 bit matrix in place: afterwards bit j of word i is what bit i of word j
    /// was.
    void (*transpose)(std::uint64_t* words);

    /// gram[a*k + b] = sum over rows of x_a x_b (k x k, symmetric, diagonal = rows). `planes` holds
    /// the rows as bit planes, block-major: planes[block*k + a] has bit j set if row 64*block + j
    /// has bit a set.
    void (*gram)(const std::uint64_t* planes, std::size_t blocks, std::uint32_t bits,
                 std::uint32_t rows, std::int32_t* gram);

    /// sums[a] += factor * (sum over blocks of popcount(planes[block*k + a] & mask[block])), a < k:
    /// how many of the rows in the mask have bit a set.
    void (*add_counts)(const std::uint64_t* planes, const std::uint64_t* mask, std::size_t blocks,
                       std::uint32_t bits, std::int64_t factor, std::int64_t* sums);

    /// One sweep of coordinate descent (common/quadratic.hpp) over pulls that are kept up to date:
    /// for a = 0 ... k-1, where pulls[a] is not 0 and has not the sign of x_a, with s the old x_a,
    ///   pulls[b] += s * step * A[a*k + b] for all b ,  pulls[a] -= s * (own * A_aa + inertia) ,
    /// and x_a flips. Returns the number of flips.
    std::uint32_t (*sweep)(const std::int32_t* A, std::int64_t step, std::int64_t own,
                           std::int64_t inertia, std::uint32_t bits, std::int64_t* pulls,
                           std::uint64_t* code);

    /// The same where it is exact minimisation over each bit, own = step and inertia = 0 (a pull
    /// then does not depend on its own bit), and 32 bits are enough.
    std::uint32_t (*sweep_plain)(const std::int32_t* A, std::int32_t step, std::uint32_t bits,
                                 std::int32_t* pulls, std::uint64_t* code);

    /// out = A x for a k x k row-major symmetric A and a packed x over {-1,+1}.
    void (*product)(const std::int32_t* A, const std::uint64_t* code, std::uint32_t bits,
                    std::int32_t* out);

    /// For a = 0 ... k-1, flips x_a where it has another sign than
    ///   pulls[a] - (column[a] - balance * x_a)
    /// and this is not 0; column[a], balance times the sum of a column with x_a in it, follows.
    /// Returns the number of flips.
    std::uint32_t (*settle)(const std::int64_t* pulls, std::int64_t balance, std::uint32_t bits,
                            std::int64_t* column, std::uint64_t* code);

    /// out[i] = p * x[i] + q * y[i], i < count.
    void (*combine)(std::int32_t* out, const std::int32_t* x, std::int32_t p, const std::int32_t* y,
                    std::int32_t q, std::size_t count);

    /// out[a] += factor * row[a], a < k.
    void (*add_row)(std::int32_t* out, const std::int32_t* row, std::int32_t factor,
                    std::uint32_t bits);

    /// sums[a] += row[a] * value, a < count.
    void (*add_scaled)(std::int64_t* sums, const std::int32_t* row, std::int32_t value,
                       std::uint32_t count);

    /// a . b modulo 2^32: exact where the result fits 32 bits.
    std::int32_t (*dot16)(const std::int16_t* a, const std::int16_t* b, std::uint32_t count);

    /// gram[a*width + b] += sum over rows of x_a x_b, for b <= a only.
    void (*gram16)(const std::int16_t* const* rows, std::size_t count, std::uint32_t width,
                   std::int64_t* gram);

    /// out[i] = query . codes[i] for every row of a packed table.
    void (*dots)(const std::uint64_t* codes, std::size_t rows, std::uint32_t bits,
                 const std::uint64_t* query, std::int32_t* out);
};

/// The sets that this machine can run, slowest first; "baseline" always is one.
std::span<const Kernels* const> supported_kernels();

/// The kernels in use: the fastest supported ones unless choose_kernels was called.
const Kernels& kernels();

/// Picks a set by name, or the fastest with "auto". Throws UsageError naming the supported sets.
void choose_kernels(std::string_view name);

/// Bit planes (layout as Kernels::gram takes) of the rows of a packed table that `rows` lists.
void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::span<const std::uint32_t> rows,
                std::vector<std::uint64_t>& planes);
void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::span<const ItemId> rows,
                std::vector<std::uint64_t>& planes);
/// Bit planes of all rows.
void bit_planes(const std::uint64_t* codes, std::uint32_t bits, std::size_t rows,
                std::vector<std::uint64_t>& planes);

/// sums[a] += sum over the first `rows` rows of bit planes of x_a, a < k.
void add_sums(std::span<const std::uint64_t> planes, std::uint32_t bits, std::size_t rows,
              std::span<std::int64_t> sums);
/// sums[a] += sum over rows of values[row] x_a, a < k: digit by binary digit of the values, so that
/// it is a few popcounts. Sums of |values| must stay below 2^62.
void add_weighted_sums(std::span<const std::uint64_t> planes, std::uint32_t bits,
                       std::span<const std::int64_t> values, std::span<std::int64_t> sums);

}  // namespace fedhash
