// How much noise each user adds to its integers under masks, so that what the coordinator opens is
// a Gaussian mechanism (privacy.noise; the distributed discrete Gaussian: Kairouz, Liu, Steinke,
// ICML 2021). One user changes a round's sums by at most, in the Euclidean norm of each part,
//
//   G   C sqrt(c k)          rows of at most c items, entries cut to [-C, C]
//   n   sqrt(c)              W   sqrt(c) times the largest curvature
//   T   sqrt(k)              H   sqrt(k (k + 1) / 2), on and above the diagonal
//
// (entries of psi are +-1). A part with share a of the budget gets noise of standard deviation
// z D / sqrt(a) in the sum, D its bound, so that all parts together are rho = 1 / (2 z^2) zCDP in a
// round. It is there once `noise_users` users have added theirs. A user's variance is 4 or more:
// sums of narrower ones are no discrete Gaussian.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "common/variant.hpp"

namespace fedhash {

enum class NoisePart : std::uint8_t { rows, counts, weights, vectors, gram };
constexpr std::size_t noise_parts = 5;

struct PartNoise {
    double bound = 0;            // D: what one user changes
    double share = 0;            // of the budget
    std::uint64_t variance = 0;  // of the noise of one user, a whole number, rounded up
};

/// By NoisePart; variances are 0 without noise.
inline std::array<PartNoise, noise_parts> noise_of(const Variant& variant) {
    constexpr std::array<double, noise_parts> shares{0.6, 0.1, 0.1, 0.1, 0.1};
    const PrivacyVariant& privacy = variant.privacy;
    const double k = variant.bits, c = privacy.row_cap, z = privacy.noise_q8 / 256.0;
    const std::array<double, noise_parts> bounds{
        double(privacy.noise_clip) * std::sqrt(c * k), std::sqrt(c),
        std::sqrt(c) * double(max_curvature(variant)), std::sqrt(k), std::sqrt(k * (k + 1) / 2)};
    std::array<PartNoise, noise_parts> parts;
    for (std::size_t p = 0; p < noise_parts; ++p) {
        parts[p] = {bounds[p], shares[p], 0};
        if (privacy.noise_q8 > 0)
            parts[p].variance = static_cast<std::uint64_t>(std::max(
                4.0, std::ceil(z * z * bounds[p] * bounds[p] / shares[p] / privacy.noise_users)));
    }
    return parts;
}

/// No user's noise is beyond this; the chance that it would have been is below 10^-40.
inline std::uint64_t most_noise(const Variant& variant) {
    double most = 0;
    for (const PartNoise& part : noise_of(variant)) most = std::max(most, double(part.variance));
    return static_cast<std::uint64_t>(std::ceil(14 * std::sqrt(most)));
}

}  // namespace fedhash
