#include "common/tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/relaxed.hpp"

namespace fedhash {

Plane quantise(std::span<const double> reals, std::uint32_t rows, std::uint32_t cols,
               std::uint8_t fraction, std::uint8_t width, bool row_steps) {
    Plane plane{rows, cols, fraction, width, {}, {}};
    plane.values.resize(reals.size());
    const std::int64_t most = (std::int64_t{1} << (width - 1)) - 1;
    const std::size_t block = row_steps ? cols : reals.size();
    if (block == 0) return plane;
    for (std::size_t begin = 0; begin < reals.size(); begin += block) {
        double largest = 0;
        for (std::size_t j = 0; j < block; ++j)
            largest = std::max(largest, std::abs(reals[begin + j]));
        const double in_units = std::ldexp(largest, fraction);
        const auto step = static_cast<std::int64_t>(
            std::clamp(std::ceil(in_units / static_cast<double>(most)), 1.0, 32767.0));
        // |value| <= 32767 also where a step times the largest level would not fit.
        const std::int64_t top = std::min(most, 32767 / step);
        for (std::size_t j = 0; j < block; ++j) {
            const double level =
                std::round(std::ldexp(reals[begin + j], fraction) / static_cast<double>(step));
            plane.values[begin + j] = static_cast<std::int16_t>(
                step * static_cast<std::int64_t>(std::clamp(level, -double(top), double(top))));
        }
        plane.steps.push_back(static_cast<std::uint16_t>(step));
    }
    return plane;
}

Plane decode(const Codes& codes, const Plane& codebook, std::uint32_t group_bits) {
    Plane factors{
        static_cast<std::uint32_t>(codes.rows), codebook.cols, codebook.fraction, 16, {1}, {}};
    factors.values.resize(codes.rows * codebook.cols);
    std::vector<std::int32_t> sum(codebook.cols);
    const std::uint64_t mask = (std::uint64_t{1} << group_bits) - 1;
    for (std::size_t i = 0; i < codes.rows; ++i) {
        std::fill(sum.begin(), sum.end(), 0);
        for (std::uint32_t m = 0; m < codes.bits / group_bits; ++m) {
            const std::uint32_t first = m * group_bits;
            const std::uint64_t pick = (codes.row(i)[first / 64] >> (first % 64)) & mask;
            const std::span<const std::int16_t> vector =
                codebook.row((std::size_t{m} << group_bits) + pick);
            for (std::uint32_t c = 0; c < codebook.cols; ++c) sum[c] += vector[c];
        }
        for (std::uint32_t c = 0; c < codebook.cols; ++c)
            factors.values[i * codebook.cols + c] =
                static_cast<std::int16_t>(std::clamp(sum[c], -32767, 32767));
    }
    return factors;
}

namespace {

// About normal with the given standard deviation in units: 64 fair bits counted, four standard
// deviations to a half. Made of integers, so that both sides draw the same.
std::int32_t bell(Stream& random, std::int32_t quarter_deviation) {
    return quarter_deviation * (std::popcount(random()) - 32);
}

Plane bell_plane(Stream random, std::uint32_t rows, std::uint32_t cols, std::uint8_t fraction,
                 std::int32_t quarter_deviation, std::int32_t most) {
    Plane plane{rows, cols, fraction, 16, {1}, {}};
    plane.values.resize(std::size_t{rows} * cols);
    for (std::int16_t& value : plane.values)
        value = static_cast<std::int16_t>(std::clamp(bell(random, quarter_deviation), -most, most));
    return plane;
}

}  // namespace

Tables initial_tables(std::uint64_t seed, const Variant& variant, std::size_t items,
                      bool teaching) {
    Tables tables;
    const auto rows = static_cast<std::uint32_t>(items);
    const Stream random = stream(seed, Purpose::item_codes);
    if (teaching) {
        // Standard deviation 0.1 / sqrt(q), a quarter of it in units of 2^-12: 13 at q = 64.
        const auto quarter = static_cast<std::int32_t>(
            std::lround(0.1 * 4096 / 4 / std::sqrt(static_cast<double>(variant.teacher.factors))));
        tables.plane(PlaneId::factors) = bell_plane(random, rows, variant.teacher.factors,
                                                    factor_fraction, std::max(1, quarter), 32767);
    } else if (publishes_codes(variant)) {
        tables.codes = initial_item_codes(seed, variant.bits, items);
        if (variant.bit_weight_bits > 0) {
            Plane& weights = tables.plane(PlaneId::bit_weights);
            weights = {1, variant.bits, 0, static_cast<std::uint8_t>(variant.bit_weight_bits), {1},
                       {}};
            weights.values.assign(variant.bits, static_cast<std::int16_t>(bit_weight_one(variant)));
        }
    } else if (variant.learner == "real") {
        tables.plane(PlaneId::factors) =
            bell_plane(random, rows, variant.bits, factor_fraction, 102, 32767);  // 0.1
    } else if (variant.learner == "counts") {
        Plane& counts = tables.plane(PlaneId::factors);
        counts = {rows, 1, 0, 16, {1}, {}};
        counts.values.assign(items, 0);
    } else if (variant.learner == "polar") {
        // Any start will do; a stage keeps the fraction that it starts with.
        tables.plane(PlaneId::factors) =
            bell_plane(random, rows, variant.bits, polar_fraction, 128, 32767);  // 1
    } else {
        // Entries of a boxed or relaxed code: standard deviation 0.3 in [-1, 1].
        tables.plane(PlaneId::factors) =
            bell_plane(random, rows, variant.bits, box_fraction, 5, 64);
    }
    return tables;
}

}  // namespace fedhash
