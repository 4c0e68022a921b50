#include "common/secure/blocks.hpp"

#include <algorithm>
#include <numeric>

#include "common/bits.hpp"
#include "common/random.hpp"

namespace fedhash::secure {

namespace {

template <class T>
void shuffle(std::vector<T>& values, Stream random) {
    for (std::size_t j = values.size(); j > 1; --j) std::swap(values[j - 1], values[random() % j]);
}

}  // namespace

bool is_block_set(View set, std::uint32_t blocks) {
    if (set.size() != block_set_bytes(blocks)) return false;
    for (std::size_t b = blocks; b < 8 * set.size(); ++b)
        if ((set[b / 8] >> (b % 8) & 1) != 0) return false;
    return true;
}

std::vector<std::uint16_t> blocks_of_items(std::uint32_t blocks, std::uint64_t seed,
                                           std::uint32_t items) {
    std::vector<std::uint16_t> block(items);
    for (std::uint32_t i = 0; i < items; ++i) block[i] = static_cast<std::uint16_t>(i % blocks);
    shuffle(block, stream(seed, Purpose::blocks));
    return block;
}

BlockSet joined_blocks(const PrivacyVariant& privacy, std::uint64_t seed, UserId user,
                       std::span<const ItemId> items, std::uint32_t catalogue) {
    const std::uint32_t blocks = privacy.blocks;
    BlockSet set(block_set_bytes(blocks));
    if (blocks == 0) return set;
    const std::vector<std::uint16_t> block = blocks_of_items(blocks, seed, catalogue);
    std::uint32_t joined = 0;
    const auto join = [&](std::uint32_t b) {
        if (get_bit(set, b)) return;
        set_bit(set, b);
        ++joined;
    };
    for (const ItemId item : items) join(block[index(item)]);
    std::vector<std::uint32_t> order(blocks);
    std::iota(order.begin(), order.end(), 0u);
    shuffle(order, stream(seed, Purpose::blocks, 1 + std::uint64_t{index(user)}));
    for (std::size_t j = 0; j < blocks && joined < privacy.blocks_joined; ++j) join(order[j]);
    return set;
}

std::vector<std::uint8_t> shared_cells(std::span<const std::uint16_t> block_of_cell, View a,
                                       View b) {
    std::vector<std::uint8_t> shared(block_of_cell.size());
    const auto has = [](View set, std::uint16_t block) {
        return (set[block / 8u] >> (block % 8u) & 1) != 0;
    };
    for (std::size_t i = 0; i < shared.size(); ++i) {
        const std::uint16_t block = block_of_cell[i];
        shared[i] = block == of_everybody || (has(a, block) && has(b, block)) ? 1 : 0;
    }
    return shared;
}

}  // namespace fedhash::secure
