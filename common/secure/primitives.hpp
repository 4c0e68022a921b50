// The cryptography that secure aggregation stands on, all of it libsodium's: X25519, Ed25519, keyed
// BLAKE2b, ChaCha20, XChaCha20-Poly1305, and the system's random source.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fedhash::secure {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;
/// 256 bits: a secret, a public key, a hash.
using Key = std::array<std::uint8_t, 32>;

/// From the system's random source.
Key fresh_key();

/// A whole number from 0 to below - 1, from the same; `below` > 0.
std::uint32_t random_below(std::uint32_t below);

/// BLAKE2b-256.
Key hash(View bytes);

/// A key for one purpose, out of a key that has several: BLAKE2b-256, keyed, of purpose and context
/// (a byte of the purpose's length between them).
Key derive(const Key& key, std::string_view purpose, View context = {});

/// X25519 (RFC 7748). `agree` throws std::invalid_argument for a public key of low order, which
/// would make the outcome known to all.
Key public_key(const Key& secret);
Key agree(const Key& secret, const Key& peer);

/// Ed25519 (RFC 8032) with the key pair that follows from a secret.
using Signature = std::array<std::uint8_t, 64>;
Key signing_key(const Key& secret);  // the public one
Signature sign(const Key& secret, View message);
bool is_signed(const Key& signing_key, View message, const Signature& signature);

/// The same pair on Curve25519, to agree with: of the public key, throws std::invalid_argument
/// where it is none; and of the secret.
Key agreeing_key(const Key& signing_key);
Key agreeing_secret(const Key& secret);

/// The first bytes of the ChaCha20 stream of a key (RFC 8439, nonce 0, block 0). A key has one
/// stream: use it once.
void keystream(const Key& key, std::span<std::uint8_t> out);

/// XChaCha20-Poly1305 under a key that seals nothing else (nonce 0). `additional` is not sent: who
/// opens must have the same.
constexpr std::size_t seal_bytes = 16;
Bytes seal(const Key& key, View plain, View additional);
/// Nothing where key, text or `additional` are not those of the seal.
std::optional<Bytes> open(const Key& key, View sealed, View additional);

}  // namespace fedhash::secure
