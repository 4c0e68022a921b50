// From a round's sums to the next item codes: every item's quadratic problem, solved on the server
// alone.
#pragma once

#include <span>
#include <string_view>

#include "common/aggregate.hpp"
#include "common/codes.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

struct ItemStepResult {
    Codes items;
    std::uint64_t flips = 0;  // bits that changed
};

/// How far a round has got: sets the relaxation of the step.
struct Progress {
    std::uint32_t round = 1;
    std::uint32_t rounds = 1;
};

struct ItemRule {
    const char* name;
    /// `sums` are over the codes in `items`; the curvature rule also carries sums to the next round
    /// in place.
    ItemStepResult (*step)(const Codes& items, const Aggregate& sums, const Variant& variant,
                           Progress progress);
    bool needs_gram;  // only with an uplink that brings H
    const char* about;
};

std::span<const ItemRule> item_rules();

/// Throws UsageError that lists the known names.
const ItemRule& find_item_rule(std::string_view name);

/// Throws UsageError when integer sums of so many users could pass 63 bits, or the pieces do not
/// fit each other.
void check_variant(const Variant& variant, std::uint32_t users, std::uint32_t items,
                   double participation = 1);

/// Running sums for partial participation: `kept` moves to the codes `now` and is scaled by memory
/// / 256, then `fresh` is added. Moving: a user not heard this round has residuals against the old
/// codes; to first order the curvature rule says how they changed,  G_i -= (n_i / m) H (d_now -
/// d_before).
void remember(Aggregate& kept, const Aggregate& fresh, const Codes& before, const Codes& now,
              const Variant& variant);

}  // namespace fedhash::server
