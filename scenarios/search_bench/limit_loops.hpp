// Loops that do nothing but what cannot be avoided (limits.hpp), compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fedhash::scenarios {

struct LimitLoops {
    /// The sum of `count` words, a multiple of 32.
    std::uint64_t (*read_all)(const std::uint64_t* words, std::size_t count);
    /// The sum of popcount(word ^ query).
    std::uint64_t (*count_all)(const std::uint64_t* words, std::size_t count, std::uint64_t query);
};

/// For every instruction set that this machine has, whichever is in use: what it could do at best.
std::vector<LimitLoops> limit_loops();

}  // namespace fedhash::scenarios
