#include "common/wire/plane.hpp"

#include <doctest/doctest.h>

#include "common/wire/archive.hpp"
#include "tests/common/allocations.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

constexpr std::uint32_t items = 30;

Variant variant_of(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    variant.teacher.rounds = 2;
    variant.teacher.factors = 12;
    variant.group_bits = 4;
    return variant;
}

/// A plane of any legal kind: entries are levels of the asked width times the step of their row.
Plane random_plane(std::uint32_t rows, std::uint32_t cols, std::uint32_t width, bool row_steps,
                   Stream& random) {
    Plane plane{
        rows, cols, static_cast<std::uint8_t>(random() % 31), static_cast<std::uint8_t>(width),
        {},   {}};
    const std::int32_t levels = (1 << (width - 1)) - 1;
    for (std::uint32_t r = 0; r < (row_steps ? rows : 1); ++r)
        plane.steps.push_back(
            static_cast<std::uint16_t>(tests::between(1, 32767 / levels, random)));
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            plane.values.push_back(static_cast<std::int16_t>(
                plane.steps[row_steps ? r : 0] * tests::between(-levels, levels, random)));
    return plane;
}

/// Codes and one of every kind of plane but a codebook, from which factors would follow.
Tables full_tables(const Variant& variant, Stream& random) {
    const std::uint32_t k = variant.bits, q = variant.teacher.factors;
    Tables tables;
    tables.version = 1 + static_cast<std::uint32_t>(random() % 1000);
    tables.codes = reference::random_codes(k, items, random);
    const auto width = [&] { return static_cast<std::uint32_t>(2 + random() % 15); };
    tables.plane(PlaneId::factors) =
        random_plane(items, random() % 2 == 0 ? k : q, width(), true, random);
    tables.plane(PlaneId::mixing) = random_plane(k, q, width(), true, random);
    tables.plane(PlaneId::item_weights) = random_plane(items, 1, width(), false, random);
    for (std::int16_t& value : tables.plane(PlaneId::item_weights).values)
        value = static_cast<std::int16_t>(std::abs(value));  // weights
    tables.plane(PlaneId::bias) = random_plane(items, 1, width(), false, random);
    tables.plane(PlaneId::bit_weights) = random_plane(1, k, width(), false, random);
    tables.plane(PlaneId::whitening) = random_plane(k, k + 1, width(), true, random);
    tables.plane(PlaneId::rotation) = random_plane(k, q, width(), true, random);
    return tables;
}

void check_same(const Tables& got, const Tables& expected) {
    CHECK(got.version == expected.version);
    CHECK(got.codes == expected.codes);
    for (std::size_t p = 0; p < plane_count; ++p) {
        CAPTURE(p);
        CHECK(got.planes[p] == expected.planes[p]);
    }
}

Tables applied(const Buffer& body, const Variant& variant, Tables held = {}) {
    apply_tables(body, variant, items, held);
    return held;
}

std::string refusal(const Buffer& body, const Variant& variant, Tables held = {}) {
    try {
        apply_tables(body, variant, items, held);
        return "";
    } catch (const DecodeError& error) {
        return error.what();
    }
}

/// The start of a body that has no codes, written by hand.
Buffer body_with(CodesKind kind, std::size_t planes) {
    return {1, 1, static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(planes)};
}
/// The same with one plane, of which nothing but the kind is there.
Buffer body_with_plane(PlaneId id) {
    Buffer body = body_with(CodesKind::same, 1);
    body.push_back(static_cast<std::uint8_t>(id));
    return body;
}

}  // namespace

TEST_CASE("tables come back as they were sent, from nothing and as a difference") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const Variant variant = variant_of(std::array{8u, 20u, 64u, 65u}[seed % 4]);
        const Tables before = full_tables(variant, random);
        check_same(applied(encode_tables(nullptr, before), variant), before);

        Tables now = before;
        now.version += 1 + static_cast<std::uint32_t>(random() % 5);
        for (std::uint64_t n = random() % 20; n > 0; --n)
            flip(now.codes.row(random() % items), random() % variant.bits);
        for (std::size_t p = 0; p < plane_count; ++p) {
            Plane& plane = now.planes[p];
            if (random() % 3 == 0) plane = {};  // vanishes
            if (!plane.empty() && random() % 3 == 0) plane.values[0] = plane.values[1];
        }
        const Buffer difference = encode_tables(&before, now);
        CHECK(difference.size() <= encode_tables(nullptr, now).size() + plane_count);
        CHECK(difference.size() <= max_publish_bytes(variant, items));
        check_same(applied(difference, variant, before), now);
        // Whoever holds something else is not told a difference, and forgets what it holds.
        check_same(applied(encode_tables(nullptr, now), variant, full_tables(variant, random)),
                   now);
        CHECK(encode_tables(nullptr, now) ==
              encode_tables(nullptr, applied(difference, variant, before)));
    }
}

TEST_CASE(
    "what did not change costs a few bytes, a few changed bits a few more, and never more "
    "than all of it") {
    Stream random(1);
    const Variant variant = variant_of(64);
    const Tables before = full_tables(variant, random);
    Tables now = before;
    now.version = 2000;
    CHECK(encode_tables(&before, now).size() == 5);
    Tables codes;
    codes.version = 1;
    codes.codes = before.codes;
    const std::size_t full = encode_tables(nullptr, codes).size();
    CHECK(full == 4 + items * 8);
    now = codes;
    std::size_t previous = 5;
    for (int flips = 0; flips < 300; flips += 20) {
        CAPTURE(flips);
        const std::size_t size = encode_tables(&codes, now).size();
        CHECK(size <= full);
        CHECK(size <= 8 + 4 * static_cast<std::size_t>(flips));
        CHECK(size + 8 >= previous);
        previous = size;
        for (int n = 0; n < 20; ++n) flip(now.codes.row(random() % items), random() % 64);
    }
    now.codes = reference::random_codes(64, items, random);
    CHECK(encode_tables(&codes, now).size() == full);
}

TEST_CASE("the start of a stage travels as its seed, with planes beside it") {
    for (bool teaching : {false, true}) {
        for (const char* learner : {"code", "vector"}) {
            CAPTURE(teaching);
            CAPTURE(std::string(learner));
            Stream random(2);
            Variant variant = variant_of(20);
            variant.learner = learner;
            variant.item_rule = std::string_view(learner) == "vector" ? "box" : "curvature";
            Tables start = initial_tables(77, variant, items, teaching);
            start.version = 300;
            const Buffer bare = encode_start(77, teaching, start);
            CHECK(bare.size() == 2 + 1 + 1 + 1 + 8 + 1);
            check_same(applied(bare, variant, full_tables(variant, random)), start);
            start.plane(PlaneId::item_weights) = random_plane(items, 1, 5, false, random);
            for (std::int16_t& value : start.plane(PlaneId::item_weights).values)
                value = static_cast<std::int16_t>(std::abs(value));
            check_same(applied(encode_start(77, teaching, start), variant), start);
        }
    }
}

TEST_CASE("factors that a codebook decodes to are made by the reader, and never sent") {
    Stream random(3);
    const Variant variant = variant_of(64);
    Tables tables;
    tables.version = 1;
    tables.codes = reference::random_codes(64, items, random);
    Plane& codebook = tables.plane(PlaneId::codebook);
    codebook = random_plane(16 * 16, 12, 8, true, random);
    tables.plane(PlaneId::factors) = decode(tables.codes, codebook, 4);
    const Buffer body = encode_tables(nullptr, tables);
    CHECK(body.size() < 40 + items * 8 + 16 * 16 * (12 + 2));
    check_same(applied(body, variant), tables);
    Tables now = tables;
    now.version = 2;
    for (int n = 0; n < 5; ++n) flip(now.codes.row(std::size_t(n)), 3);
    now.plane(PlaneId::factors) = decode(now.codes, codebook, 4);
    const Buffer difference = encode_tables(&tables, now);
    CHECK(difference.size() < 40);
    check_same(applied(difference, variant, tables), now);
    // A codebook needs codes.
    Tables alone = tables;
    alone.codes = {};
    CHECK(refusal(encode_tables(nullptr, alone), variant) == "a codebook without codes");
}

TEST_CASE("codes that are gone are gone for those who held them, too") {
    Stream random(8);
    const Variant variant = variant_of(64);
    const Tables before = full_tables(variant, random);
    Tables now = before;
    now.version = 2000;
    now.codes = {};
    check_same(applied(encode_tables(&before, now), variant, before), now);
}

TEST_CASE("every truncation and any trailing byte of a publish body is refused") {
    Stream random(4);
    const Variant variant = variant_of(20);
    const Tables tables = full_tables(variant, random);
    Tables changed = tables;
    for (int n = 0; n < 9; ++n) flip(changed.codes.row(std::size_t(n)), 5);
    changed.plane(PlaneId::bias) = {};
    Tables start = initial_tables(7, variant, items, true);
    for (const Buffer& body : {encode_tables(nullptr, tables), encode_tables(&tables, changed),
                               encode_start(7, true, start)}) {
        REQUIRE(refusal(body, variant, tables) == "");
        for (std::size_t size = 0; size < body.size(); ++size) {
            CAPTURE(size);
            REQUIRE(refusal(Buffer(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size)),
                            variant, tables) != "");
        }
        Buffer longer = body;
        longer.push_back(0);
        CHECK(refusal(longer, variant, tables) != "");
    }
}

TEST_CASE("a body with random damage is refused, or leaves tables that could have been sent") {
    Stream random(5);
    const Variant variant = variant_of(9);
    int accepted = 0;
    for (int trial = 0; trial < 3'000; ++trial) {
        CAPTURE(trial);
        const Tables held = full_tables(variant, random);
        Tables now = held;
        for (int n = 0; n < 5; ++n) flip(now.codes.row(random() % items), random() % 9);
        now.plane(PlaneId::bias) = random_plane(items, 1, 7, false, random);
        Buffer body = encode_tables(&held, now);
        for (std::uint64_t n = 1 + random() % 2; n > 0; --n)
            body[random() % body.size()] = static_cast<std::uint8_t>(random());
        Tables got = held;
        try {
            apply_tables(body, variant, items, got);
        } catch (const DecodeError&) {
            continue;
        }
        ++accepted;
        check_same(applied(encode_tables(nullptr, got), variant), got);
    }
    CHECK(accepted > 100);
}

TEST_CASE("planes of an impossible shape, of other sizes or of unknown kinds are refused") {
    const Variant variant = variant_of(20);
    const auto shaped = [&](PlaneId id, std::uint32_t rows, std::uint32_t cols,
                            std::uint8_t fraction, std::uint8_t width, std::uint64_t steps,
                            std::size_t bytes, std::uint16_t step = 1) {
        Buffer body = body_with_plane(id);
        ByteWriter to(body);
        to(varint(rows), varint(cols), fraction, width, varint(steps));
        for (std::uint64_t s = 0; s < std::min<std::uint64_t>(steps, 4096); ++s) to(step);
        body.resize(body.size() + bytes);
        return refusal(body, variant);
    };
    const std::string shape = "a plane of an impossible shape", size = "a plane of the wrong size";
    CHECK(shaped(PlaneId::bias, items, 1, 6, 8, 1, items) == "");
    CHECK(shaped(PlaneId::bias, items, 1, 6, 1, 1, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1, 6, 17, 1, 3 * items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1, 31, 8, 1, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 0, 6, 8, 1, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1025, 6, 8, 1, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1, 6, 8, 2, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1, 6, 8, 0, items) == shape);
    CHECK(shaped(PlaneId::bias, items, 1, 6, 8, 1, items, 0) == shape);
    CHECK(shaped(PlaneId::bias, items + 1, 1, 6, 8, 1, items + 1) == size);
    CHECK(shaped(PlaneId::bias, items, 2, 6, 8, 1, 2 * items) == size);
    CHECK(shaped(PlaneId::factors, items, 13, 6, 8, 1, 13 * items) == size);
    CHECK(shaped(PlaneId::mixing, 20, 11, 6, 8, 1, 220) == size);
    CHECK(shaped(PlaneId::bit_weights, 20, 1, 6, 8, 1, 20) == size);
    CHECK(shaped(PlaneId::whitening, 20, 20, 6, 8, 1, 400) == size);
    CHECK(shaped(PlaneId::codebook, 20, 12, 6, 8, 1, 240) == size);

    Buffer unknown = body_with_plane(PlaneId(plane_count));
    unknown.push_back(0);
    CHECK(refusal(unknown, variant) == "a plane of an unknown kind");
    CHECK(refusal(body_with(CodesKind::same, plane_count + 1), variant) == "too many planes");
    CHECK(refusal(body_with(CodesKind(5), 0), variant) == "codes of an unknown kind");
}

TEST_CASE("an entry past 16 bits is refused, and so is a weight below zero") {
    const Variant variant = variant_of(20);
    const auto entry = [&](PlaneId id, std::uint16_t step, std::uint8_t level) {
        Buffer body = body_with_plane(id);
        ByteWriter to(body);
        to(std::uint8_t{items}, std::uint8_t{1}, std::uint8_t{6}, std::uint8_t{8}, std::uint8_t{1},
           step, level);
        body.resize(body.size() + items - 1);
        return refusal(body, variant);
    };
    CHECK(entry(PlaneId::bias, 258, 127) == "");
    CHECK(entry(PlaneId::bias, 259, 127) == "an entry of a plane is too large");
    CHECK(entry(PlaneId::bias, 65535, 0x81) == "an entry of a plane is too large");
    CHECK(entry(PlaneId::bias, 255, 0x80) == "");
    CHECK(entry(PlaneId::item_weights, 1, 127) == "");
    CHECK(entry(PlaneId::item_weights, 1, 0xff) == "a weight of an item is below zero");
}

TEST_CASE("a change of codes that were never sent, or past their end, is refused") {
    Stream random(6);
    const Variant variant = variant_of(20);
    Tables before;
    before.version = 1;
    before.codes = reference::random_codes(20, items, random);
    Tables now = before;
    flip(now.codes.row(3), 5);
    const Buffer difference = encode_tables(&before, now);
    CHECK(refusal(difference, variant, before) == "");
    CHECK(refusal(difference, variant) == "a change of codes that were never published");
    Variant narrow = variant_of(8);
    Tables few;
    few.codes = reference::random_codes(8, items, random);
    Tables last = before;
    flip(last.codes.row(items - 1), 19);
    CHECK(refusal(encode_tables(&before, last), narrow, few) == "an item id is out of range");
}

TEST_CASE("no count is believed before it was checked against the bytes that are left") {
    const Variant variant = variant_of(20);
    for (std::uint32_t rows : {1u << 20, ~0u}) {
        for (std::uint64_t steps : {std::uint64_t{1}, std::uint64_t{rows}}) {
            CAPTURE(rows);
            CAPTURE(steps);
            Buffer body = body_with_plane(PlaneId::factors);
            ByteWriter to(body);
            std::uint32_t cols = 1000;
            to(varint(rows), varint(cols), std::uint8_t{6}, std::uint8_t{2}, varint(steps),
               std::uint16_t{1});
            Tables tables;
            bool refused = false;
            std::size_t largest = 0;
            {
                const tests::AllocationWatch watch;
                try {
                    apply_tables(body, variant, items, tables);
                } catch (const DecodeError&) {
                    refused = true;
                }
                largest = watch.largest();
            }
            CHECK(refused);
            CHECK(largest < 4096);
        }
    }
}
