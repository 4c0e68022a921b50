// What a user adds to its integers before it puts on masks (common/noise.hpp).
#pragma once

#include "common/aggregate.hpp"
#include "common/ids.hpp"
#include "common/variant.hpp"

namespace fedhash::client {

/// Cuts the entries of a user's rows to privacy.noise_clip, and adds its share of the noise to
/// every integer but the number of users. Noise is of this user and round alone.
void add_noise(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
               Aggregate& alone);

}  // namespace fedhash::client
