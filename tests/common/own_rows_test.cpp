// Rows of some items alone: what a client holds of them is what was published, whatever it held.
#include "common/wire/own_rows.hpp"

#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "common/wire/coders.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/plane.hpp"
#include "tests/reference.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

constexpr std::uint32_t items = 90;

std::vector<ItemId> some_items(Stream& random, std::uint64_t one_in) {
    std::vector<ItemId> chosen;
    for (std::uint32_t i = 0; i < items; ++i)
        if (random() % one_in == 0) chosen.push_back(ItemId{i});
    return chosen;
}

Variant variant_of(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    variant.learner = "code";
    variant.coding.rows = "own";
    return variant;
}

}  // namespace

TEST_CASE("rows that were named follow every version, the others stay what they were") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const Variant variant = variant_of(seed % 2 == 0 ? 20 : 65);
        CHECK(sends_own_rows(variant));
        const std::vector<ItemId> rows = some_items(random, 1 + seed % 6);
        std::vector<Tables> versions;
        Tables now;
        now.version = 1;
        now.codes = reference::random_codes(variant.bits, items, random);
        versions.push_back(now);
        Tables held = now;
        for (std::uint32_t version = 2; version < 12; ++version) {
            now.version = version;
            for (std::uint32_t i = 0; i < items; ++i)
                if (random() % 3 == 0) flip(now.codes.row(i), random() % variant.bits);
            // A plane without a row for each item goes along whole.
            if (version == 5)
                now.plane(PlaneId::bit_weights) = {
                    1, variant.bits, 0, 6, {1}, std::vector<std::int16_t>(variant.bits, 2)};
            versions.push_back(now);
            if (random() % 3 == 0) continue;  // away
            const bool forgotten = random() % 4 == 0;
            const Tables* before = forgotten ? nullptr : &versions[held.version - 1];
            const Buffer body = encode_rows(before, now, rows, variant.coding);
            CHECK(body.size() <= max_publish_bytes(variant, items));
            apply_rows(body, variant, items, rows, held);
            CHECK(held.version == version);
            CHECK(held.planes == now.planes);
            for (std::uint32_t i = 0; i < items; ++i) {
                const bool named = std::ranges::binary_search(rows, ItemId{i});
                const Codes& from = named ? now.codes : versions.front().codes;
                CHECK(std::ranges::equal(held.codes.row(i), from.row(i)));
            }
        }
    }
}

TEST_CASE("rows cost what the named rows cost") {
    Stream random(2);
    const Variant variant = variant_of(64);
    Tables before;
    before.version = 1;
    before.codes = reference::random_codes(64, items, random);
    Tables now = before;
    now.version = 2;
    for (std::uint32_t i = 0; i < items; ++i) flip(now.codes.row(i), random() % 64);
    const std::vector<ItemId> few{ItemId{3}, ItemId{50}};
    CHECK(encode_rows(&before, now, few, {}).size() <
          encode_tables(&before, now, variant.coding).size() / 8);
    CHECK(encode_rows(&before, now, {}, {}).size() < 8);
}

TEST_CASE("what users need comes back, under every coder of sets, their sum has each item once") {
    Stream random(4);
    const ItemSets needs{some_items(random, 3), {}, some_items(random, 2), {ItemId{89}}};
    for (const SetCoder& coder : set_coders()) {
        Coding coding;
        coding.sets = coder.name;
        const Buffer body = encode_needs(needs, coding);
        CHECK(body.size() <= max_needs_bytes(needs.size(), items));
        CHECK(decode_needs(body, needs.size(), items, coding) == needs);
        CHECK_THROWS_AS(decode_needs(body, needs.size(), 89, coding), DecodeError);
        CHECK_THROWS_AS(decode_needs(body, needs.size() + 1, items, coding), DecodeError);
        CHECK_THROWS_AS(decode_needs(body, needs.size() - 1, items, coding), DecodeError);
    }
    const std::vector<ItemId> all = all_of(needs);
    CHECK(std::ranges::is_sorted(all));
    CHECK(std::ranges::adjacent_find(all) == all.end());
    for (const std::vector<ItemId>& set : needs)
        for (const ItemId item : set) CHECK(std::ranges::binary_search(all, item));
}

TEST_CASE("a body of rows that is cut, longer or of other sizes is refused") {
    Stream random(6);
    const Variant variant = variant_of(24);
    Tables now;
    now.version = 2;
    now.codes = reference::random_codes(24, items, random);
    const std::vector<ItemId> rows = some_items(random, 4);
    Buffer body = encode_rows(nullptr, now, rows, {});
    const auto refused = [&](const Buffer& bytes) {
        Tables held = now;
        CHECK_THROWS_AS(apply_rows(bytes, variant, items, rows, held), DecodeError);
    };
    for (std::size_t cut = 0; cut < body.size(); ++cut)
        refused({body.begin(), body.begin() + std::ptrdiff_t(cut)});
    refused(encode_tables(nullptr, now));  // whole tables
    body.push_back(0);
    refused(body);
}

TEST_CASE("rows are all or own") {
    Coding coding;
    coding.rows = "some";
    CHECK_THROWS_WITH_AS(check_coding(coding), "coding.rows: 'some'; known: all, own", UsageError);
}
