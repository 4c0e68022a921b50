// Combinations of pieces that make no sense.
#pragma once

#include <cstdint>

#include "common/variant.hpp"

namespace fedhash::scenarios {

/// Throws UsageError with the reason, and what to set instead.
void check_pieces(const Variant& variant, std::uint32_t rounds, std::uint32_t items);

}  // namespace fedhash::scenarios
