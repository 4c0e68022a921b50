#include "common/uplink.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "common/errors.hpp"
#include "common/uplinks/uplinks.hpp"

namespace fedhash {

std::span<const UplinkEntry> uplinks() {
    static const std::array table{
        residual_uplink, statistics_uplink,  gradient_uplink,      vote_uplink,  parameter_uplink,
        vector_uplink,   scaled_code_uplink, real_gradient_uplink, image_uplink, items_uplink,
        nothing_uplink,  filler_uplink,      ballot_uplink};
    return table;
}

const UplinkEntry& find_uplink(std::string_view name) {
    std::string known;
    for (const UplinkEntry& entry : uplinks()) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.uplink: unknown uplink '" + std::string(name) + "'; known: " + known);
}

ResidualForm residual_form(const Variant& variant) {
    if (variant.objective == "none") return ResidualForm::one_target;
    if (variant.feedback != "implicit") return ResidualForm::each;
    if (variant.objective == "square") return ResidualForm::one_target;
    return variant.objective == "linear" ? ResidualForm::one_pull : ResidualForm::each;
}

bool can_say_noisy_items(const Variant& variant) {
    return variant.learner == "code" && variant.uplink == "residual" &&
           variant.feedback == "implicit" && variant.objective == "square" &&
           variant.similarity == "hamming";
}

std::uint32_t most_rows(const Variant& variant) {
    const PrivacyVariant& privacy = variant.privacy;
    const std::uint64_t decoys_q8 = privacy.decoys == "none" ? 0 : privacy.decoys_q8;
    constexpr std::uint64_t all = std::numeric_limits<std::uint32_t>::max();
    if (privacy.row_cap == 0) return static_cast<std::uint32_t>(all);
    const std::uint64_t cap = privacy.row_cap;
    return static_cast<std::uint32_t>(std::min(all, cap + (cap * decoys_q8 + 128) / 256));
}

const UplinkEntry& uplink_of(const Variant& variant, std::uint32_t round) {
    return variant.teaching(round) ? teacher_uplink : find_uplink(variant.uplink);
}

}  // namespace fedhash
