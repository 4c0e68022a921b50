// The uplinks that the table in common/uplink.cpp lists. A new one: a file here, a line here, a row
// there.
#pragma once

#include "common/uplink.hpp"

namespace fedhash {

extern const UplinkEntry ballot_uplink;
extern const UplinkEntry residual_uplink;
extern const UplinkEntry gradient_uplink;
extern const UplinkEntry statistics_uplink;
extern const UplinkEntry vote_uplink;
extern const UplinkEntry parameter_uplink;
extern const UplinkEntry filler_uplink;
extern const UplinkEntry scaled_code_uplink;
extern const UplinkEntry vector_uplink;
extern const UplinkEntry real_gradient_uplink;
extern const UplinkEntry image_uplink;
extern const UplinkEntry items_uplink;
extern const UplinkEntry nothing_uplink;
extern const UplinkEntry teacher_uplink;

/// One bit of one item.
struct Ballot {
    std::uint32_t item = 0, bit = 0;
};
/// Those that follow from a salt, of a catalogue of so many items and bits; one may come twice.
std::vector<Ballot> drawn_ballots(std::uint64_t salt, std::uint32_t count, std::size_t items,
                                  std::uint32_t bits);

/// p_u of the uplink `image`, in steps of 2^image_shift of the factors'.
constexpr int image_shift = 4;
std::vector<std::int32_t> image_of(const Plane& factors, std::span<const ItemId> observed);

/// How far from 0 an entry of the uplink `gradients` can be.
std::int64_t max_gradient(const Variant& variant);

/// Weight o_u of a user with so many observed items, in 2^-8 (uplinks/vector.cpp).
std::int64_t user_weight_q8(const Variant& variant, std::size_t observed);

}  // namespace fedhash
