#include "common/secure/primitives.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

namespace fedhash::secure {

namespace {

// Chooses libsodium's implementations for this processor. Harmless when called again.
void ready() {
    static const int state = sodium_init();
    if (state < 0) throw std::runtime_error("libsodium cannot be initialised");
}

struct KeyPair {
    Key known;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;
};

KeyPair pair_of(const Key& secret) {
    ready();
    KeyPair pair;
    crypto_sign_seed_keypair(pair.known.data(), pair.secret.data(), secret.data());
    return pair;
}

constexpr std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> no_nonce{};

}  // namespace

static_assert(sizeof(Key) == crypto_scalarmult_curve25519_BYTES &&
              sizeof(Key) == crypto_stream_chacha20_ietf_KEYBYTES &&
              sizeof(Key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
              seal_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
              sizeof(Key) == crypto_sign_SEEDBYTES && sizeof(Key) == crypto_sign_PUBLICKEYBYTES &&
              sizeof(Signature) == crypto_sign_BYTES);

Key fresh_key() {
    ready();
    Key key;
    randombytes_buf(key.data(), key.size());
    return key;
}

std::uint32_t random_below(std::uint32_t below) {
    ready();
    return randombytes_uniform(below);
}

Key hash(View bytes) {
    ready();
    Key out;
    crypto_generichash(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
    return out;
}

Key derive(const Key& key, std::string_view purpose, View context) {
    ready();
    const auto length = static_cast<std::uint8_t>(purpose.size());
    crypto_generichash_state state;
    Key out;
    crypto_generichash_init(&state, key.data(), key.size(), out.size());
    crypto_generichash_update(&state, &length, 1);
    crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(purpose.data()),
                              purpose.size());
    crypto_generichash_update(&state, context.data(), context.size());
    crypto_generichash_final(&state, out.data(), out.size());
    return out;
}

Key public_key(const Key& secret) {
    ready();
    Key out;
    crypto_scalarmult_curve25519_base(out.data(), secret.data());
    return out;
}

Key agree(const Key& secret, const Key& peer) {
    ready();
    Key out;
    if (crypto_scalarmult_curve25519(out.data(), secret.data(), peer.data()) != 0)
        throw std::invalid_argument("a public key of low order");
    return out;
}

Key signing_key(const Key& secret) { return pair_of(secret).known; }

Signature sign(const Key& secret, View message) {
    Signature out;
    crypto_sign_detached(out.data(), nullptr, message.data(), message.size(),
                         pair_of(secret).secret.data());
    return out;
}

bool is_signed(const Key& signing_key, View message, const Signature& signature) {
    ready();
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                       signing_key.data()) == 0;
}

Key agreeing_key(const Key& signing_key) {
    ready();
    Key out;
    if (crypto_sign_ed25519_pk_to_curve25519(out.data(), signing_key.data()) != 0)
        throw std::invalid_argument("a public key that is no point of the curve");
    return out;
}

Key agreeing_secret(const Key& secret) {
    Key out;
    crypto_sign_ed25519_sk_to_curve25519(out.data(), pair_of(secret).secret.data());
    return out;
}

void keystream(const Key& key, std::span<std::uint8_t> out) {
    ready();
    constexpr std::array<std::uint8_t, crypto_stream_chacha20_ietf_NONCEBYTES> nonce{};
    crypto_stream_chacha20_ietf(out.data(), out.size(), nonce.data(), key.data());
}

Bytes seal(const Key& key, View plain, View additional) {
    ready();
    Bytes out(plain.size() + seal_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plain.data(), plain.size(),
                                               additional.data(), additional.size(), nullptr,
                                               no_nonce.data(), key.data());
    return out;
}

std::optional<Bytes> open(const Key& key, View sealed, View additional) {
    ready();
    if (sealed.size() < seal_bytes) return std::nullopt;
    Bytes out(sealed.size() - seal_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out.data(), nullptr, nullptr, sealed.data(), sealed.size(), additional.data(),
            additional.size(), no_nonce.data(), key.data()) != 0)
        return std::nullopt;
    return out;
}

}  // namespace fedhash::secure
