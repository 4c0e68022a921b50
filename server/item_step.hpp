// From a round's sums to the next tables, on the server alone: one rule a method, each in a file of
// item_steps/.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "common/aggregate.hpp"
#include "common/ids.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"

namespace fedhash::server {

struct RealModel;

/// How far a stage has got: sets the relaxation of a step.
struct Progress {
    std::uint32_t round = 1;
    std::uint32_t rounds = 1;
};

class ItemStep {
  public:
    virtual ~ItemStep() = default;

    /// Called once, before the first step: what an earlier, real-valued stage left (or nothing),
    /// and the tables of the stage, to which planes may be added.
    virtual void begin(const RealModel& teacher, Tables& tables);

    /// Turns the tables that `sums` were heard on into the next ones. Returns how many bits of item
    /// codes changed.
    virtual std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) = 0;

    /// Interactive exchanges: sets bit `bit` of all items. `sums`: what users said of it on `codes`
    /// as they are now, one number an item; `round`: what they said at its start (counts, users, H,
    /// K). Returns the items that flipped, ascending. Rules that are never asked bit by bit do not
    /// have it.
    virtual std::vector<ItemId> settle_bit(Codes& codes, std::uint32_t bit,
                                           std::span<const std::int64_t> sums,
                                           const Aggregate& round, Progress progress);

    /// Real rows that stayed on the server, for a quantiser at the end; empty for most rules.
    virtual RealModel model() const;

    /// Running sums: `kept` was heard on `before`; what it would be on `now`, to first order. A
    /// user that is not heard this round has residuals against the older tables.
    virtual void follow(Aggregate& kept, const Tables& before, const Tables& now) const;
};

struct ItemRule {
    const char* name;
    std::unique_ptr<ItemStep> (*make)(const Variant& variant, std::size_t items);
    const char* uplinks;  // the uplinks whose sums it understands, separated by blanks
    bool carries;         // whether running sums make sense
    const char* about;
};

std::span<const ItemRule> item_rules();

/// Throws UsageError that lists the known names.
const ItemRule& find_item_rule(std::string_view name);

/// Throws UsageError when integer sums of so many users could pass 63 bits, or pieces that meet on
/// the server do not fit each other.
void check_variant(const Variant& variant, std::uint32_t users, std::uint32_t items,
                   double participation = 1);

}  // namespace fedhash::server
