// What the machine could do at best: how fast one core reads a table of a size, and how fast it
// counts bits that are in its first cache.
#pragma once

#include <cstddef>

namespace fedhash::scenarios {

/// Bytes a second, the fastest of several passes over an array of `bytes` bytes.
double read_bandwidth(std::size_t bytes);

/// XOR, population count and addition of 8-byte words in the first cache, words a second; the fastest of several passes.
double popcount_rate();

}  // namespace fedhash::scenarios
