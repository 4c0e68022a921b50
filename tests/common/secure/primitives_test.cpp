#include "common/secure/primitives.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/common/secure/hex.hpp"

using namespace fedhash::secure;
using fedhash::tests::from_hex;
using fedhash::tests::key_of_hex;

namespace {

Key counting(std::uint8_t from) {
    Key key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(from + i);
    return key;
}

}  // namespace

TEST_CASE("X25519: RFC 7748 and two known pairs") {
    Key nine{};
    nine[0] = 9;
    CHECK(agree(nine, nine) ==
          key_of_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
    const Key a = counting(1), b = counting(33);
    CHECK(public_key(a) ==
          key_of_hex("07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c"));
    CHECK(public_key(b) ==
          key_of_hex("5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b"));
    const Key shared =
        key_of_hex("a84dc7c3c8f058b1b2dc4cd1e9b5dc0a7987f88b6a9564cde3391fc421159e77");
    CHECK(agree(a, public_key(b)) == shared);
    CHECK(agree(b, public_key(a)) == shared);
    CHECK_THROWS_AS(agree(a, Key{}), std::invalid_argument);  // of low order
}

TEST_CASE("Ed25519: the first vector of RFC 8032, a signature is of one message and key") {
    const Key secret =
        key_of_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    const Key known = signing_key(secret);
    CHECK(known == key_of_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    Signature signature = sign(secret, {});
    CHECK(
        Bytes(signature.begin(), signature.end()) ==
        from_hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                 "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
    CHECK(is_signed(known, {}, signature));
    CHECK_FALSE(is_signed(known, Bytes{1}, signature));
    CHECK_FALSE(is_signed(signing_key(counting(1)), {}, signature));
    signature[0] ^= 1;
    CHECK_FALSE(is_signed(known, {}, signature));
}

TEST_CASE("ChaCha20: the first block of the zero key (RFC 8439)") {
    Bytes block(64);
    keystream(Key{}, block);
    CHECK(block == from_hex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"));
}

TEST_CASE("BLAKE2b-256: its published hash of \"abc\", purposes and contexts are kept apart") {
    const Bytes abc{'a', 'b', 'c'};
    CHECK(hash(abc) ==
          key_of_hex("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"));
    const Key key = counting(7);
    CHECK(derive(key, "one", abc) == derive(key, "one", abc));
    CHECK(derive(key, "one", abc) != derive(key, "two", abc));
    CHECK(derive(key, "one", abc) != derive(key, "one"));
    CHECK(derive(key, "onea", Bytes{'b', 'c'}) != derive(key, "one", abc));
    CHECK(derive(counting(8), "one", abc) != derive(key, "one", abc));
    CHECK(fresh_key() != fresh_key());
}

TEST_CASE("what is sealed opens under the same key and context alone, unchanged") {
    const Key key = counting(1);
    const Bytes plain{1, 2, 3, 4, 5}, context{9, 9};
    const Bytes sealed = seal(key, plain, context);
    CHECK(sealed.size() == plain.size() + seal_bytes);
    CHECK(open(key, sealed, context) == plain);
    CHECK_FALSE(open(counting(2), sealed, context));
    CHECK_FALSE(open(key, sealed, Bytes{9, 8}));
    CHECK_FALSE(open(key, Bytes{1, 2}, context));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes changed = sealed;
        changed[i] ^= 1;
        CHECK_FALSE(open(key, changed, context));
    }
}
