// Shamir's secret sharing (CACM 1979) over the bytes of a secret, in GF(2^8) modulo x^8 + x^4 + x^3
// + x + 1: any `threshold` shares give the secret, fewer tell nothing about it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fedhash::secure {

struct Share {
    std::uint8_t x = 0;  // 1 ... 255
    std::vector<std::uint8_t> bytes;
};

/// Shares 1 ... `count` of a secret, 1 <= threshold <= count <= 255. `coefficients`: (threshold -
/// 1) * secret.size() uniformly random bytes that nobody else ever sees, those of x first, of x^2
/// next.
std::vector<Share> split(std::span<const std::uint8_t> secret, std::size_t threshold,
                         std::size_t count, std::span<const std::uint8_t> coefficients);

/// The secret that these shares are of, if they are at least `threshold` of one splitting; with
/// fewer, or with one that is not of it, something else comes out and nobody can tell. Throws
/// std::invalid_argument for no shares, lengths that differ, x = 0 or the same x twice.
std::vector<std::uint8_t> join(std::span<const Share> shares);

}  // namespace fedhash::secure
