// What the machine could do at best: how fast one core reads a table of a size, and how fast it
// counts bits that are in its first cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scenarios/search_bench/limit_loops.hpp"

namespace fedhash::scenarios {

/// Bytes a second, the fastest of several passes over an array of `bytes` bytes.
double read_bandwidth(std::size_t bytes);

/// XOR, population count and addition of 8-byte words in the first cache, words a second; the
/// fastest of several passes.
double popcount_rate();

constexpr std::size_t counted_words = 2048;  // 16 KiB

struct alignas(cache_line) CountedWords {
    std::uint64_t words[counted_words];
};

/// The same, to be timed in turns with what they limit: the machine's pace may change meanwhile.
class LimitPasses {
  public:
    /// `codes`: where the codes of a catalogue stand. They are read there and not in a copy: how
    /// fast memory is depends on which pages of it one has been given.
    explicit LimitPasses(std::span<const std::byte> codes);
    void read() { kept_ += reading_(codes_.data(), codes_.size()); }
    void count() { kept_ += counting_(words_.words, counted_words, ++query_); }

  private:
    std::span<const std::byte> codes_;  // whole groups of them
    CountedWords words_;
    decltype(LimitLoops::read_all) reading_;  // the fastest at it
    decltype(LimitLoops::count_all) counting_;
    std::uint64_t query_ = 0;
    std::uint64_t kept_ = 0;
};

}  // namespace fedhash::scenarios
