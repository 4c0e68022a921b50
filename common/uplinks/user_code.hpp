// What several uplinks share about a user's code: its bytes, and what it becomes in a score.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/similarity.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash {

using PackedCode = std::array<std::uint64_t, max_words>;

/// bytes_for(bits) bytes.
void write_code(wire::ByteWriter& to, CodeView code, std::uint32_t bits);
/// Throws DecodeError for bits past the last.
PackedCode read_code(wire::ByteReader& from, std::uint32_t bits);

/// psi(b), by which an item code is multiplied (common/similarity.hpp); the first `bits` count.
std::array<std::int32_t, max_bits> psi_of(const Similarity& similarity, CodeView code,
                                          std::uint32_t bits,
                                          std::span<const std::int16_t> bit_weights);
/// shift(b).
std::int32_t shift_of(const Similarity& similarity, CodeView code, std::uint32_t bits);

/// The largest |psi_a| of any code.
std::int64_t largest_psi(const Similarity& similarity, std::span<const std::int16_t> bit_weights);

}  // namespace fedhash
