// Sets of items (or of positions) in few bytes: how many, a parameter, and a body of bits. The
// parameter says which coder wrote it, so that a reader needs to know nothing else:
//
//   0..31    Rice: gaps between ids, gap >> p in unary and p low bits. p = 0 is a bitmap up to the
//            last id: a 0 for a member, a 1 for every id that is left out.
//   32..63   Elias-Fano: l = p - 32 low bits of every id, then the high parts in unary. Larger than
//            Rice with the same parameter; a peer, and what one would choose to search in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/ids.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::wire {

struct SetCoder {
    const char* name;
    /// `items` ascending.
    void (*write)(ByteWriter& ar, std::span<const ItemId> items);
    const char* about;
};

/// The first is the default.
std::span<const SetCoder> set_coders();

/// Writes ascending ids by the archive's coder, in no more than max_item_set_bytes.
void write_item_set(ByteWriter& ar, std::span<const ItemId> items);

/// Reads ids below `limit`, ascending. Throws DecodeError.
void read_item_set(ByteReader& ar, std::uint32_t limit, std::vector<ItemId>& items);

/// An upper bound on what write_item_set appends for ids below `limit`.
std::size_t max_item_set_bytes(std::uint32_t limit);

}  // namespace fedhash::wire
