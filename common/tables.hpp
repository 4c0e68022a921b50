// What the server publishes: item codes, and planes of integers that stand for real numbers. Every
// version is made of these and nothing else; both sides hold the same integers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/codes.hpp"
#include "common/variant.hpp"

namespace fedhash {

enum class PlaneId : std::uint8_t {
    factors,       // items x width: real item vectors (teacher's, boxed codes, relaxed codes)
    mixing,        // bits x q: sum over items of g_i d_i y_i', what the teacher's prior needs
    item_weights,  // items x 1: g_i, weight of an item in the all-pairs term
    bias,          // items x 1: added to every score
    bit_weights,   // 1 x bits: weight of each bit in a score
    whitening,     // bits x (bits + 1): W and, in the last column, the mean code
    codebook,      // (bits / g * 2^g) x q: what each group of g bits adds to an item's factors
    rotation,      // bits x q or x (q + 1): a device's code is the sign of this times its own real
                   // vector, less the last column
    scales,        // items x 1: every score of an item is multiplied by this
};
constexpr std::size_t plane_count = 9;

/// Entry (r, c) stands for values[r * cols + c] * 2^-fraction. Each row is a multiple of its step
/// (one step for all rows, or one a row), so that an entry travels in `width` bits.
struct Plane {
    std::uint32_t rows = 0, cols = 0;
    std::uint8_t fraction = 0;
    std::uint8_t width = 16;  // bits of an entry on the wire, 2..16
    std::vector<std::uint16_t> steps;
    std::vector<std::int16_t> values;

    bool empty() const { return values.empty(); }
    std::span<const std::int16_t> row(std::size_t r) const {
        return {values.data() + r * cols, cols};
    }
    double at(std::size_t r, std::size_t c) const {
        return unit() * static_cast<double>(values[r * cols + c]);
    }
    /// What an entry of 1 stands for.
    double unit() const { return 1.0 / static_cast<double>(std::uint64_t{1} << fraction); }
    friend bool operator==(const Plane&, const Plane&) = default;
};

/// The nearest plane to row-major reals: entries as multiples of a step that just covers the
/// largest of its row (`row_steps`) or of the plane. Values must be finite; what does not fit 16
/// bits is clamped.
Plane quantise(std::span<const double> reals, std::uint32_t rows, std::uint32_t cols,
               std::uint8_t fraction, std::uint8_t width, bool row_steps);

struct Tables {
    std::uint32_t version = 0;
    Codes codes;
    std::array<Plane, plane_count> planes;

    Plane& plane(PlaneId id) { return planes[static_cast<std::size_t>(id)]; }
    const Plane& plane(PlaneId id) const { return planes[static_cast<std::size_t>(id)]; }
};

/// Item factors of codes with a codebook: the sum of what an item's groups of g bits pick. Both
/// sides make the same integers of them, so they never travel beside one.
Plane decode(const Codes& codes, const Plane& codebook, std::uint32_t group_bits);

/// Fractions of the planes that an exact number hangs on.
constexpr std::uint8_t factor_fraction = 12;  // item factors: steps of 1/4096, up to 8
constexpr std::uint8_t box_fraction = 6;      // boxed codes: 1 is 64 steps
constexpr std::uint8_t polar_fraction = 9;    // orthogonal columns: about 1, seldom beyond 60
constexpr int vector_fraction = 12;           // a user's vector where it is uploaded
constexpr int scale_fraction = 14;            // a scaled code's scale and coefficients, below 2

/// The largest scale of a code whose levels go up to 2^planes - 1: entries stay within 16 bits.
constexpr std::int16_t most_scale(std::uint32_t planes) {
    return static_cast<std::int16_t>(32767 / ((1 << planes) - 1));
}
constexpr int weight_fraction = 8;  // a user's weight

/// What a stage starts from: a function of the seed, so it travels as the seed. `teaching`: small
/// random factors for the teacher. Otherwise random codes where codes are learnt, random boxed
/// codes where they grow out of reals.
Tables initial_tables(std::uint64_t seed, const Variant& variant, std::size_t items, bool teaching);

}  // namespace fedhash
