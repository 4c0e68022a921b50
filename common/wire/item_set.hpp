// A set of items as Rice-coded gaps (Golomb 1966; Rice 1979): within 3 % of the entropy of a random
// set where it holds up to 15 % of the catalogue, within 4.5 % up to one half, and never more than
// one bit an id.
//
//   count varint | parameter r u8 | for each item: gap to the one before, less one: gap >> r in
//   unary, r low bits
#pragma once

#include "common/ids.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::wire {

/// Writes strictly ascending item ids.
void write_item_set(ByteWriter& ar, std::span<const ItemId> items);

/// Reads a set of ids below `limit`. Throws DecodeError before allocating for a count that cannot
/// be.
void read_item_set(ByteReader& ar, std::uint32_t limit, std::vector<ItemId>& items);

/// An upper bound of the encoded size of any set of ids below `limit`.
std::size_t max_item_set_bytes(std::uint32_t limit);

}  // namespace fedhash::wire
