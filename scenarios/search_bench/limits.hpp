// What the machine could do at best: how fast one core reads a table of a size, and how fast it
// counts bits that are in its first cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenarios/search_bench/limit_loops.hpp"

namespace fedhash::scenarios {

/// Bytes a second, the fastest of several passes over an array of `bytes` bytes.
double read_bandwidth(std::size_t bytes);

/// XOR, population count and addition of 8-byte words in the first cache, words a second; the
/// fastest of several passes.
double popcount_rate();

/// The same, to be timed in turns with what they limit: the machine's pace may change meanwhile.
class LimitPasses {
  public:
    static constexpr std::size_t counted_words = 2048;  // 16 KiB

    /// `code_bytes` of a catalogue.
    explicit LimitPasses(std::size_t code_bytes);
    void read() { kept_ += reading_(words(), 8 * lines_.size()); }
    void count() { kept_ += counting_(words(), counted_words, ++query_); }

  private:
    const std::uint64_t* words() const { return lines_.front().words; }

    std::vector<WordLine> lines_;
    decltype(LimitLoops::read_all) reading_;  // the fastest at it
    decltype(LimitLoops::count_all) counting_;
    std::uint64_t query_ = 0;
    std::uint64_t kept_ = 0;
};

}  // namespace fedhash::scenarios
