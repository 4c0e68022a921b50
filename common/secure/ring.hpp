// Integers modulo 2^bits: what is masked and added up. A sum of so many users' clipped integers is
// exact in a ring that is sized for it.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "common/secure/primitives.hpp"

namespace fedhash::secure {

struct Ring {
    std::uint32_t bits = 32;  // 1 ... 63

    constexpr std::uint64_t mask() const { return (std::uint64_t{1} << bits) - 1; }
    constexpr std::uint64_t of(std::int64_t value) const {
        return static_cast<std::uint64_t>(value) & mask();
    }
    /// The integer of [-2^(bits-1), 2^(bits-1)) that an element stands for.
    constexpr std::int64_t lift(std::uint64_t element) const {
        const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
        return static_cast<std::int64_t>((element ^ sign)) - static_cast<std::int64_t>(sign);
    }
    friend bool operator==(const Ring&, const Ring&) = default;
};

/// The smallest ring that holds every sum of `users` values from [-clip, clip]: 2^bits >= 2 users
/// clip + 1. Throws std::invalid_argument where 63 bits do not.
Ring ring_for(std::uint64_t users, std::uint64_t clip);

/// Adds the mask that a key expands to, or takes it away: uniform in the ring, cell by cell, from
/// the key's ChaCha20 stream (4 bytes a cell, 8 of rings beyond 32 bits).
enum class Way : std::uint8_t { add, subtract };
/// `on`: 1 for each cell that the mask is on, whatever is before it; nothing: on all.
void apply_mask(const Ring& ring, const Key& key, Way way, std::span<std::uint64_t> cells,
                std::span<const std::uint8_t> on = {});

/// Cells of `bits` bits each, the lowest first, and back; unpack throws std::invalid_argument when
/// there are not exactly the bytes that `count` cells take.
Bytes pack_cells(const Ring& ring, std::span<const std::uint64_t> cells);
std::vector<std::uint64_t> unpack_cells(const Ring& ring, View bytes, std::size_t count);
constexpr std::size_t packed_bytes(const Ring& ring, std::size_t cells) {
    return (cells * ring.bits + 7) / 8;
}

}  // namespace fedhash::secure
