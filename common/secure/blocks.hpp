// Block-wise participation: the catalogue is cut into blocks, by lot that everybody knows, and a
// user puts integers (and masks) into the blocks that it has said it takes part in, and into no
// others: those that its items are in, and enough others that this tells little. Between two
// neighbours the mask is where both take part, so it cancels there. What a user takes part in is in
// the clear, and signed with its keys.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/ids.hpp"
#include "common/secure/primitives.hpp"
#include "common/variant.hpp"

namespace fedhash::secure {

constexpr std::uint32_t most_blocks = 4096;
/// Of a cell that everybody has.
constexpr std::uint16_t of_everybody = 0xffff;

/// A bit set of blocks, the lowest bit first. Without blocks it is empty, and everybody has all.
using BlockSet = Bytes;
constexpr std::size_t block_set_bytes(std::uint32_t blocks) { return (blocks + 7) / 8; }
/// So many bytes, and none that there is not.
bool is_block_set(View set, std::uint32_t blocks);

/// The block of each item: blocks of one size, or one item less.
std::vector<std::uint16_t> blocks_of_items(std::uint32_t blocks, std::uint64_t seed,
                                           std::uint32_t items);

/// Blocks of these items, and by lot, once and for all, others until there are `blocks_joined`.
BlockSet joined_blocks(const PrivacyVariant& privacy, std::uint64_t seed, UserId user,
                       std::span<const ItemId> items, std::uint32_t catalogue);

/// 1 for each cell that both sets have a part in, by the block of each cell; nothing where there
/// are no blocks: all.
std::vector<std::uint8_t> shared_cells(std::span<const std::uint16_t> block_of_cell, View a,
                                       View b);

}  // namespace fedhash::secure
