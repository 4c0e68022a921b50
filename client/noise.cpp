#include "client/noise.hpp"

#include <algorithm>

#include "client/discrete_gaussian.hpp"
#include "common/noise.hpp"
#include "common/random.hpp"

namespace fedhash::client {

void add_noise(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
               Aggregate& alone) {
    Stream random = stream(seed, Purpose::sum_noise, index(user), round);
    const auto parts = noise_of(variant);
    const auto most = static_cast<std::int64_t>(most_noise(variant));
    const auto draw = [&](NoisePart part) {
        const std::uint64_t variance = parts[static_cast<std::size_t>(part)].variance;
        return std::clamp(discrete_gaussian(variance, random), -most, most);
    };
    const std::int64_t clip = variant.privacy.noise_clip;
    for (std::int64_t& entry : alone.rows)
        entry = std::clamp(entry, -clip, clip) + draw(NoisePart::rows);
    for (std::int64_t& count : alone.counts) count += draw(NoisePart::counts);
    for (std::int64_t& weight : alone.weights) weight += draw(NoisePart::weights);
    for (std::int64_t& entry : alone.vectors) entry += draw(NoisePart::vectors);
    const std::size_t k = alone.shape.width;
    for (std::size_t a = 0; a < k; ++a)
        for (std::size_t b = a; b < k; ++b) {
            const std::int64_t noise = draw(NoisePart::gram);
            alone.gram[a * k + b] += noise;
            if (a != b) alone.gram[b * k + a] += noise;
        }
}

}  // namespace fedhash::client
