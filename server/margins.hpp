// How many liars it takes to turn a bit of an item over (docs/privacy.md, "Poisoning").
#pragma once

#include <cstdint>
#include <vector>

#include "server/item_step.hpp"

namespace fedhash::server {

/// Whether there are margins: of rules on votes, and of the curvature rule where a row is a
/// residual of a code.
bool has_margins(const Variant& variant);

/// For every bit (items x bits, row-major): the least number of further uploads in the round, each
/// with as much weight on the item as the format allows, after which the rule would set it the
/// other way, the other bits left as they came out, and the honest users' sums as they are. An item
/// whose sums are withheld needs as many more as privacy.contributors asks for. `sums`: what was
/// heard on the codes `before`; `after`: what they became.
std::vector<std::uint32_t> margins(const Variant& variant, const Codes& before, const Codes& after,
                                   const Aggregate& sums, Progress progress);

}  // namespace fedhash::server
