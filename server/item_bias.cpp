#include "server/item_bias.hpp"

#include <algorithm>
#include <cmath>

#include "common/similarity.hpp"

namespace fedhash::server {

Plane fit_item_bias(const Variant& variant, const Tables& tables, const Aggregate& sums) {
    const Codes& items = tables.codes;
    const auto m = static_cast<double>(sums.users);
    const double c0 = variant.interaction, one = static_cast<double>(unit);
    // What shift(b) adds to every score of `projected`.
    double shift = 0;
    if (find_similarity(variant.similarity).lift_user != 0)
        for (std::int64_t total : sums.totals) shift -= static_cast<double>(total) - m;
    std::vector<double> bias(items.rows);
    double mean = 0;
    for (std::size_t i = 0; i < items.rows; ++i) {
        std::int64_t along = 0;
        for (std::uint32_t a = 0; a < items.bits; ++a)
            along += sums.totals[a] * sign(items.row(i), a);
        const double right =
            static_cast<double>(sums.pulls[i]) / one - c0 * (static_cast<double>(along) + shift);
        // One more rater stands in for c0 m where nothing else bends.
        bias[i] = right / (static_cast<double>(sums.weights[i]) / one + c0 * m + variant.weight);
        mean += bias[i] / static_cast<double>(items.rows);
    }
    for (double& entry : bias) entry -= mean;
    return quantise(bias, static_cast<std::uint32_t>(items.rows), 1, unit_bits,
                    static_cast<std::uint8_t>(variant.bias_bits), false);
}

}  // namespace fedhash::server
