// A catalogue's codes laid out for search: blocks of 64 items, of which line j holds byte j of the
// 64 codes. One XOR, one popcount and one addition a line then give 64 Hamming distances at once,
// each in a byte of its own, for any code length.
#pragma once

#include <cstdint>
#include <vector>

#include "common/codes.hpp"

namespace fedhash::client {

constexpr std::size_t block_items = 64;

/// One byte of each of 64 codes; aligned so that a line is a cache line.
struct alignas(64) ByteLine {
    std::uint8_t bytes[block_items];
};

/// bytes_for(bits) lines a block; the codes past the last item are zero.
struct BytePlanes {
    std::uint32_t bits = 0;
    std::size_t items = 0;
    std::vector<ByteLine> lines;

    std::size_t bytes() const { return bytes_for(bits); }
    std::size_t blocks() const { return (items + block_items - 1) / block_items; }
};

/// The same codes in the other layout.
BytePlanes byte_planes(const Codes& codes);

/// The code of one item, words_for(bits) words.
std::vector<std::uint64_t> code_of(const BytePlanes& planes, std::size_t item);

}  // namespace fedhash::client
