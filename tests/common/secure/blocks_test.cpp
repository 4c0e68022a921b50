#include <doctest/doctest.h>

#include <algorithm>

#include "common/bits.hpp"
#include "common/secure/blocks.hpp"
#include "common/secure/messages.hpp"
#include "common/wire/archive.hpp"

using namespace fedhash;
using namespace fedhash::secure;

namespace {

PrivacyVariant cut_into(std::uint32_t blocks, std::uint32_t joined) {
    PrivacyVariant privacy;
    privacy.blocks = blocks;
    privacy.blocks_joined = joined;
    return privacy;
}

std::size_t size_of(const BlockSet& set) {
    std::size_t count = 0;
    for (std::size_t b = 0; b < 8 * set.size(); ++b) count += get_bit(set, b) ? 1 : 0;
    return count;
}

Terms terms_of(std::vector<std::uint16_t> block_of_cell) {
    Terms round;
    round.ring = Ring{13};
    round.cells = block_of_cell.size();
    round.block_of_cell = std::move(block_of_cell);
    return round;
}

}  // namespace

TEST_CASE("blocks are as long as each other, and the same for everybody") {
    const auto block = blocks_of_items(7, 3, 100);
    CHECK(block == blocks_of_items(7, 3, 100));
    CHECK(block != blocks_of_items(7, 4, 100));
    for (std::uint16_t b = 0; b < 7; ++b) {
        const auto items = std::ranges::count(block, b);
        CHECK(items >= 14);
        CHECK(items <= 15);
    }
}

TEST_CASE("a user joins the blocks of its items, and others for good") {
    const PrivacyVariant privacy = cut_into(20, 8);
    const std::vector<ItemId> items{ItemId{3}, ItemId{50}, ItemId{99}};
    const BlockSet set = joined_blocks(privacy, 5, UserId{4}, items, 100);
    const auto block = blocks_of_items(20, 5, 100);
    for (const ItemId item : items) CHECK(get_bit(set, block[index(item)]));
    CHECK(size_of(set) == 8);
    CHECK(set == joined_blocks(privacy, 5, UserId{4}, items, 100));
    CHECK(set != joined_blocks(privacy, 5, UserId{5}, items, 100));
    CHECK(size_of(joined_blocks(cut_into(20, 0), 5, UserId{4}, items, 100)) <= 3);
    CHECK(size_of(joined_blocks(cut_into(20, 20), 5, UserId{4}, {}, 100)) == 20);
    CHECK(joined_blocks(cut_into(0, 0), 5, UserId{4}, items, 100).empty());
    std::vector<ItemId> all;
    for (std::uint32_t i = 0; i < 100; ++i) all.push_back(ItemId{i});
    CHECK(size_of(joined_blocks(privacy, 5, UserId{4}, all, 100)) == 20);
}

TEST_CASE("sets of blocks that there are not are none") {
    CHECK(is_block_set(Bytes{}, 0));
    CHECK(is_block_set(Bytes{0xff, 0x03}, 10));
    CHECK_FALSE(is_block_set(Bytes{0xff, 0x04}, 10));
    CHECK_FALSE(is_block_set(Bytes{0xff}, 10));
    CHECK_FALSE(is_block_set(Bytes{0}, 0));
}

TEST_CASE("masked cells travel where their user takes part") {
    const Terms round = terms_of({of_everybody, 0, 1, 2, 1, 0, of_everybody});
    const BlockSet mine{0b101};
    const std::vector<std::uint64_t> cells{1, 2, 0, 4, 0, 6, 8191};
    wire::Buffer bytes;
    wire::ByteWriter to(bytes);
    write_masked(to, round, mine, cells);
    CHECK(bytes.size() == 1 + packed_bytes(round.ring, 5));
    wire::ByteReader from(bytes);
    const Masked masked = read_masked(from, round, 3);
    CHECK(masked.blocks == mine);
    CHECK(masked.cells == cells);
    CHECK(shared_cells(round.block_of_cell, mine, BlockSet{0b100}) ==
          std::vector<std::uint8_t>{1, 0, 0, 1, 0, 0, 1});
    CHECK(shared_cells({}, mine, mine).empty());

    wire::Buffer other = bytes;
    other[0] = 0b1101;  // a block that there is not
    wire::ByteReader stray(other);
    CHECK_THROWS_AS(read_masked(stray, round, 3), wire::DecodeError);
    other[0] = 0b111;  // more cells than there are
    wire::ByteReader short_of(other);
    CHECK_THROWS_AS(read_masked(short_of, round, 3), std::invalid_argument);
}
