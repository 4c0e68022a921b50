// From a round's sums to the next tables: which stage a round belongs to, the running sums, and
// what happens between stages.
//
//   teacher rounds (real factors, Newton steps) -> its end: codes by a quantiser, or the start of
//   the main rounds (the method's item rule)
#pragma once

#include "server/asynchrony.hpp"
#include "server/item_step.hpp"
#include "server/real_model.hpp"

namespace fedhash::server {

class Trainer {
  public:
    Trainer(const Variant& variant, std::uint64_t seed, std::uint32_t users, std::size_t items,
            std::uint32_t rounds);

    struct Outcome {
        Tables tables;
        std::uint64_t flips = 0;    // of bits of item codes, on the way
        bool starts_stage = false;  // `tables` come from the seed
    };

    /// The tables of round 1.
    Tables start() const;

    /// What was said on earlier tables joins `fresh`, which was said on `tables`: moved to them to
    /// first order and weighted (server/asynchrony.hpp).
    void join_stale(const Tables& tables,
                    std::span<const std::pair<const Tables*, Aggregate*>> stale,
                    std::uint32_t exponent_q16, Aggregate& fresh) const;

    /// What round `round` leads to, from its sums over `tables`.
    Outcome step(std::uint32_t round, const Tables& tables, Aggregate fresh);

    /// One bit of an interactive round (ItemStep::settle_bit), and the end of that round.
    std::vector<ItemId> settle_bit(std::uint32_t round, Codes& codes, std::uint32_t bit,
                                   std::span<const std::int64_t> sums, const Aggregate& heard);
    Outcome accept(std::uint32_t round, const Tables& tables, Codes codes,
                   std::uint64_t flips) const;

  private:
    Progress progress_of(std::uint32_t round) const;
    void remember(const ItemStep& rule, const Tables& tables, Aggregate fresh);
    Outcome end_teaching(Tables tables);

    Variant variant_;
    std::uint64_t seed_;
    std::uint32_t users_, rounds_;
    std::size_t items_;
    std::unique_ptr<ItemStep> teacher_, main_;
    Aggregate kept_;      // running sums
    Tables kept_tables_;  // the tables they are relative to
};

}  // namespace fedhash::server
