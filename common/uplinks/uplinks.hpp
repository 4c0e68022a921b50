// The uplinks that the table in common/uplink.cpp lists. A new one: a file here, a line here, a row
// there.
#pragma once

#include "common/uplink.hpp"

namespace fedhash {

extern const UplinkEntry residual_uplink;
extern const UplinkEntry gradient_uplink;
extern const UplinkEntry statistics_uplink;
extern const UplinkEntry vote_uplink;
extern const UplinkEntry parameter_uplink;
extern const UplinkEntry filler_uplink;
extern const UplinkEntry scaled_code_uplink;
extern const UplinkEntry vector_uplink;
extern const UplinkEntry teacher_uplink;

/// Weight o_u of a user with so many observed items, in 2^-8 (uplinks/vector.cpp).
std::int64_t user_weight_q8(const Variant& variant, std::size_t observed);

}  // namespace fedhash
