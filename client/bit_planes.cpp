#include "client/bit_planes.hpp"

#include <algorithm>
#include <cmath>

#include "common/kernels/kernels.hpp"

namespace fedhash::client {

double level_step(std::span<const double> vector, std::uint32_t planes) {
    double square = 0;
    for (double entry : vector) square += entry * entry;
    const double deviation = std::sqrt(square / static_cast<double>(vector.size()));
    const double reach = (planes == 1 ? 1.0 : planes == 2 ? 1.6 : 2.6) * deviation;
    return reach / (1 << planes);
}

std::vector<std::int32_t> odd_levels(std::span<const double> vector, std::uint32_t planes) {
    const double step = level_step(vector, planes);
    const std::int32_t top = (1 << planes) - 1;
    std::vector<std::int32_t> levels(vector.size());
    for (std::size_t a = 0; a < vector.size(); ++a) {
        const double scaled = step > 0 ? vector[a] / step : 0;
        // The odd level nearest to the scaled entry.
        const auto half = static_cast<std::int32_t>(
            std::floor(std::clamp(scaled, double(-top), double(top)) / 2));
        levels[a] = std::clamp(2 * half + 1, -top, top);
    }
    return levels;
}

bool in_plane(std::int32_t level, std::uint32_t planes, std::uint32_t p) {
    const std::int32_t top = (1 << planes) - 1;
    return (((level + top) / 2) >> p & 1) != 0;
}

std::vector<std::uint64_t> planes_of(std::span<const std::int32_t> levels, std::uint32_t planes) {
    const std::size_t words = words_for(static_cast<std::uint32_t>(levels.size()));
    std::vector<std::uint64_t> result(planes * words);
    for (std::uint32_t p = 0; p < planes; ++p)
        for (std::size_t a = 0; a < levels.size(); ++a)
            if (in_plane(levels[a], planes, p))
                flip(std::span(result).subspan(p * words, words), a);
    return result;
}

void score_by_planes(std::span<const std::uint64_t> planes, const Codes& chosen, Workspace& work,
                     std::span<double> scores) {
    const std::size_t words = words_for(chosen.bits);
    std::ranges::fill(scores, 0.0);
    work.scores.resize(chosen.rows);
    for (std::size_t p = 0; p * words < planes.size(); ++p) {
        kernels().dots(chosen.words.data(), chosen.rows, chosen.bits, planes.data() + p * words,
                       work.scores.data());
        for (std::size_t j = 0; j < chosen.rows; ++j)
            scores[j] += static_cast<double>(work.scores[j]) * (1 << p);
    }
}

}  // namespace fedhash::client
