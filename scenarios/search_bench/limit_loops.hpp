// Loops that do nothing but what cannot be avoided (limits.hpp), compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fedhash::scenarios {

constexpr std::size_t cache_line = 64;
constexpr std::size_t read_group = 4 * cache_line;  // bytes that a loop reads at a time

struct LimitLoops {
    /// The sum of the words in `count` bytes, a multiple of read_group; and the same, asking the
    /// memory for the lines that come 4 KiB later. Which is the faster depends on the machine.
    std::uint64_t (*read_all)(const std::byte* bytes, std::size_t count);
    std::uint64_t (*read_ahead)(const std::byte* bytes, std::size_t count);
    /// The sum of popcount(word ^ query) over `count` words, a multiple of 32.
    std::uint64_t (*count_all)(const std::uint64_t* words, std::size_t count, std::uint64_t query);
};

/// For every instruction set that this machine has, whichever is in use: what it could do at best.
std::vector<LimitLoops> limit_loops();

}  // namespace fedhash::scenarios
