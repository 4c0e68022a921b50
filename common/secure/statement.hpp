// What a user says under a mask: the sums that its upload alone would be (common/aggregate.hpp), as
// one row of integers. What is added up is thus what a clear round adds up, to the bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregate.hpp"
#include "common/secure/words.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::secure {

/// How far from 0 an integer of one user can be; 0 where an uplink has no such bound, or too many
/// integers for a mask.
std::uint64_t clip_of(const Variant& variant);

/// What of a statement is asked for. How many users have each item is asked for before their rows
/// are, where rows of few must not be added up (privacy.contributors).
struct Scope {
    enum Kind : std::uint8_t { everything, counts, some };
    Kind kind = everything;
    std::vector<ItemId> items = {};  // some: whose rows are asked for; ascending
};

std::size_t statement_cells(const Variant& variant, std::uint32_t items, const Scope& scope = {});

/// What all parties agree on. Context: the run's seed and sizes, the round, a hash of the tables,
/// what is asked for.
Terms statement_terms(const Variant& variant, std::uint32_t users, std::uint32_t items,
                      std::uint64_t seed, const Tables& tables, const Scope& scope = {});

std::vector<std::int64_t> flatten(const Aggregate& sum, const Scope& scope = {});
/// `cells` as flatten() makes them, statement_cells() of them; what was not asked for is 0.
Aggregate unflatten(const AggregateShape& shape, std::span<const std::int64_t> cells,
                    const Scope& scope = {});

/// u8 kind, then the item set of `some`; of `everything` nothing at all.
void write_scope(wire::ByteWriter& to, const Scope& scope);
/// Throws wire::DecodeError.
Scope read_scope(wire::ByteReader& from, std::uint32_t items);

/// Throws wire::DecodeError for a sum that so many users cannot have: another number of them, or,
/// without noise, an item that fewer than none or more than all have.
void check_sum(const Variant& variant, const Aggregate& sum, std::uint64_t users);

}  // namespace fedhash::secure
