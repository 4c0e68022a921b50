// Bit sets in bytes (least significant bit first), and packed codes at their wire size.
#pragma once

#include <cstring>

#include "common/codes.hpp"

namespace fedhash {

using Bytes = std::vector<std::uint8_t>;

inline Bytes bit_set(std::size_t size) { return Bytes((size + 7) / 8); }
inline void set_bit(Bytes& bits, std::size_t i) {
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (1u << (i % 8)));
}
/// Bits past the end read as zero, so an empty set stands for "none".
inline bool get_bit(const Bytes& bits, std::size_t i) {
    return i / 8 < bits.size() && ((bits[i / 8] >> (i % 8)) & 1);
}

/// bytes_for(bits) bytes a row.
inline Bytes pack(const Codes& codes) {
    const std::size_t size = bytes_for(codes.bits);
    Bytes bytes(size * codes.rows);
    for (std::size_t i = 0; i < codes.rows; ++i)
        std::memcpy(&bytes[i * size], codes.row(i).data(), size);
    return bytes;
}
/// The reverse; bits past the last of a code are dropped. `bytes` must have the right size.
inline void unpack(std::span<const std::uint8_t> bytes, Codes& codes) {
    const std::size_t size = bytes_for(codes.bits);
    assert(bytes.size() == size * codes.rows);
    if (codes.bits % 64 == 0) {
        if (!bytes.empty()) std::memcpy(codes.words.data(), bytes.data(), bytes.size());
        return;
    }
    for (std::size_t i = 0; i < codes.rows; ++i) {
        const std::span<std::uint64_t> row = codes.row(i);
        std::memcpy(row.data(), &bytes[i * size], size);
        row.back() &= word_mask(codes.bits, row.size() - 1);
    }
}

}  // namespace fedhash
