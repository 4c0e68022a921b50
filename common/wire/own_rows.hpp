// Tables of some items alone, for a device that needs no others (Coding::rows = "own"). A client
// names the items of each of its users once, after the welcome; from then on it is sent what
// changed in their rows. The coordinator then knows which items a user has: that is the price.
//
//   Needs: item sets (item_set.hpp), one for each hosted user, in their order
//   Rows:  a publish body (plane.hpp) of tables that have the rows of all of them, ascending
#pragma once

#include <span>
#include <vector>

#include "common/ids.hpp"
#include "common/tables.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::wire {

using ItemSets = std::vector<std::vector<ItemId>>;

bool sends_own_rows(const Variant& variant);

Buffer encode_needs(const ItemSets& needs, const Coding& coding);
/// Throws DecodeError.
ItemSets decode_needs(View body, std::size_t users, std::uint32_t items, const Coding& coding);
std::size_t max_needs_bytes(std::size_t users, std::uint32_t items);

/// All items that are in any of the sets, ascending.
std::vector<ItemId> all_of(const ItemSets& sets);

/// What turns the rows of tables `before` (null: nothing) into those of `now`. Planes that have no
/// row for each item go along as they are; there must be none that has.
Buffer encode_rows(const Tables* before, const Tables& now, std::span<const ItemId> rows,
                   const Coding& coding);

/// Applies it to whole tables; other rows stay what they were. Throws DecodeError.
void apply_rows(View body, const Variant& variant, std::uint32_t items,
                std::span<const ItemId> rows, Tables& tables);

}  // namespace fedhash::wire
