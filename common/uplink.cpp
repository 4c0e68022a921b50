#include "common/uplink.hpp"

#include <array>

#include "common/errors.hpp"
#include "common/uplinks/uplinks.hpp"

namespace fedhash {

std::span<const UplinkEntry> uplinks() {
    static const std::array table{residual_uplink,    statistics_uplink,    gradient_uplink,
                                  vote_uplink,        parameter_uplink,     vector_uplink,
                                  scaled_code_uplink, real_gradient_uplink, image_uplink,
                                  items_uplink,       nothing_uplink,       filler_uplink};
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

const UplinkEntry& uplink_of(const Variant& variant, std::uint32_t round) {
    return variant.teaching(round) ? teacher_uplink : find_uplink(variant.uplink);
}

}  // namespace fedhash
