// What a stranger's bytes can reach, as one function of bytes. The first byte picks the decoder,
// the second its sizes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fedhash::tests {

/// Feeds the bytes to the decoder that they pick. Aborts when a decoder breaks its promise: that it
/// refuses with DecodeError or accepts; that what it accepts is legal and encodes back to the same;
/// that a refusal changes nothing. Returns whether the bytes were accepted.
bool decode_anything(std::span<const std::uint8_t> bytes);

/// A few dozen inputs that are accepted, of every kind.
std::vector<std::vector<std::uint8_t>> seed_inputs();

}  // namespace fedhash::tests
