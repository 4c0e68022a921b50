#include "server/item_bias.hpp"

#include "common/fixed_point.hpp"

namespace fedhash::server {

Plane fit_item_bias(const Variant& variant, const Aggregate& sums) {
    constexpr std::uint64_t prior = 10;  // raters that every item is given: tames rare ones
    constexpr double log_unit = std::int64_t{1} << log_fraction_bits;
    std::vector<double> bias;
    double mean = 0;
    for (std::int64_t count : sums.counts) {
        bias.push_back(bit_weight_one(variant) / log_unit *
                       static_cast<double>(log2_fixed(static_cast<std::uint64_t>(count) + prior)));
        mean += bias.back();
    }
    for (double& entry : bias) entry -= mean / static_cast<double>(bias.size());
    return quantise(bias, static_cast<std::uint32_t>(bias.size()), 1, unit_bits,
                    static_cast<std::uint8_t>(variant.bias_bits), false);
}

}  // namespace fedhash::server
