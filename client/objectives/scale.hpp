// How losses that are not square meet codes. They act on z = theta s, theta = sharpness / longest
// plain score, so that one setting suits every length of code; their unit is chosen so that the
// curvature of one pair is at most w = variant.weight and losses are comparable (client/objective.hpp).
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "client/objective.hpp"

namespace fedhash::client {

struct Scale {
    double theta = 0;
    double span = 0;    // largest difference of two z
    double weight = 0;  // w
};

inline Scale scale_of(const Variant& variant) {
    const double sharpness = variant.sharpness_q16 / 65536.0;
    const double one = bit_weight_one(variant), most = most_bit_weight(variant);
    // `projected` scores are in [-3k, k], all others in [-k, k] times the largest bit weight.
    const double range = variant.similarity == "projected" ? 4 : 2 * most / one;
    return {sharpness / (variant.bits * one), range * sharpness, double(variant.weight)};
}

/// Curvatures come in so many levels, rounded up (a quadratic above stays above), because a device
/// needs one Gram matrix a level.
constexpr int curvature_levels = 8;

/// Writes what is given in code units, in 1/16.
inline void put(Response& response, std::size_t j, double pull, double curvature,
                const Variant& variant) {
    const auto most = static_cast<double>(max_pull(variant));
    response.pulls[j] = static_cast<std::int32_t>(
        std::floor(std::clamp(pull * static_cast<double>(unit), -most, most) + 0.5));
    const std::int64_t level = unit * variant.weight / curvature_levels;
    const double levels = std::ceil(curvature * curvature_levels / variant.weight - 1e-9);
    response.weights[j] = static_cast<std::int32_t>(
        level * std::clamp<std::int64_t>(static_cast<std::int64_t>(levels), 0, curvature_levels));
}

}  // namespace fedhash::client
