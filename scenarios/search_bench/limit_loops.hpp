// Loops that do nothing but what cannot be avoided (limits.hpp), compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fedhash::scenarios {

/// A line of the caches; tables are read by whole ones.
struct alignas(64) WordLine {
    std::uint64_t words[8];
};

struct LimitLoops {
    /// The sum of `count` words, a multiple of 32; and the same, asking the memory for the lines
    /// that come 4 KiB later. Which is the faster depends on the machine.
    std::uint64_t (*read_all)(const std::uint64_t* words, std::size_t count);
    std::uint64_t (*read_ahead)(const std::uint64_t* words, std::size_t count);
    /// The sum of popcount(word ^ query).
    std::uint64_t (*count_all)(const std::uint64_t* words, std::size_t count, std::uint64_t query);
};

/// For every instruction set that this machine has, whichever is in use: what it could do at best.
std::vector<LimitLoops> limit_loops();

}  // namespace fedhash::scenarios
