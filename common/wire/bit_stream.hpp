// Bits in a message, least significant first; the last byte is padded with zeros.
#pragma once

#include <array>

#include "common/wire/archive.hpp"

namespace fedhash::wire {

class BitWriter {
  public:
    explicit BitWriter(ByteWriter& to) : to_(to) {}
    /// Appends the low `count` bits, count <= 32; bits past them must be zero.
    void put(std::uint64_t bits, unsigned count) {
        held_ |= bits << used_;
        used_ += count;
        if (used_ >= 32) {
            push(4);
            held_ >>= 32;
            used_ -= 32;
        }
    }
    void finish() {
        push((used_ + 7) / 8);
        used_ = 0;
        held_ = 0;
    }

  private:
    void push(std::size_t count) {
        const std::array<std::uint8_t, 4> bytes{
            static_cast<std::uint8_t>(held_), static_cast<std::uint8_t>(held_ >> 8),
            static_cast<std::uint8_t>(held_ >> 16), static_cast<std::uint8_t>(held_ >> 24)};
        to_.append(bytes.data(), count);
    }
    ByteWriter& to_;
    std::uint64_t held_ = 0;
    unsigned used_ = 0;
};

class BitReader {
  public:
    explicit BitReader(View bytes) : bytes_(bytes) {}
    bool next() {
        if (position_ >= 8 * bytes_.size()) throw DecodeError("truncated body");
        const bool one = (bytes_[position_ / 8] >> (position_ % 8)) & 1;
        ++position_;
        return one;
    }
    /// The next `count` bits, count <= 32.
    std::uint64_t take(unsigned count) {
        if (position_ + count > 8 * bytes_.size()) throw DecodeError("truncated body");
        std::uint64_t bits = 0;
        const std::size_t first = position_ / 8, last = (position_ + count + 7) / 8;
        for (std::size_t byte = first; byte < last; ++byte)
            bits |= std::uint64_t{bytes_[byte]} << (8 * (byte - first));
        bits >>= position_ % 8;
        position_ += count;
        return bits & ((std::uint64_t{1} << count) - 1);
    }
    /// Bytes used so far; the padding bits of the last one must be zero.
    std::size_t finish() {
        while (position_ % 8 != 0)
            if (next()) throw DecodeError("padding bits are set");
        return position_ / 8;
    }

  private:
    View bytes_;
    std::size_t position_ = 0;
};

}  // namespace fedhash::wire
