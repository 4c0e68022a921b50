#include <doctest/doctest.h>

#include <stdexcept>

#include "common/secure/note.hpp"

using namespace fedhash::secure;

namespace {

Key numbered(std::uint8_t first) {
    Key key;
    for (std::uint8_t& byte : key) byte = first++;
    return key;
}

}  // namespace

TEST_CASE("a note is read by whom it is for, in its context, as it was written") {
    const Key reader = numbered(1), other = numbered(50), once = numbered(100);
    const Bytes plain{1, 2, 3}, context{9};
    const Bytes note = seal_note(signing_key(reader), once, plain, context);
    CHECK(note.size() == plain.size() + note_bytes);
    CHECK(open_note(reader, note, context) == plain);
    CHECK(open_note(other, note, context) == std::nullopt);
    CHECK(open_note(reader, note, Bytes{8}) == std::nullopt);
    for (std::size_t i = 0; i < note.size(); ++i) {
        CAPTURE(i);
        Bytes changed = note;
        changed[i] ^= 1;
        CHECK(open_note(reader, changed, context) == std::nullopt);
    }
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{31}, note_bytes - 1, note.size() - 1})
        CHECK(open_note(reader, View(note).first(size), context) == std::nullopt);
    CHECK(open_note(reader, Bytes(note_bytes + 3), context) == std::nullopt);  // of low order
    CHECK(seal_note(signing_key(reader), numbered(101), plain, context) != note);
}

TEST_CASE("keys to agree with are those of the keys to sign with, on the other curve") {
    const Key secret = numbered(7), peer = numbered(77);
    CHECK(public_key(agreeing_secret(secret)) == agreeing_key(signing_key(secret)));
    CHECK(agree(agreeing_secret(secret), agreeing_key(signing_key(peer))) ==
          agree(agreeing_secret(peer), agreeing_key(signing_key(secret))));
    Key none{};
    none[0] = 2;
    CHECK_THROWS_AS(agreeing_key(none), std::invalid_argument);
}
