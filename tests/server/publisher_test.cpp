#include "server/publisher.hpp"

#include <doctest/doctest.h>

#include "common/wire/plane.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

constexpr std::uint32_t items = 30;

Variant variant_of(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    variant.learner = "vector";  // so that a stage may start from factors as wide as the codes
    variant.teacher.rounds = 4;
    variant.teacher.factors = 12;
    return variant;
}

Plane random_plane(std::uint32_t rows, std::uint32_t cols, Stream& random) {
    Plane plane{rows, cols, 6, 12, {3}, {}};
    for (std::size_t j = 0; j < std::size_t{rows} * cols; ++j)
        plane.values.push_back(static_cast<std::int16_t>(3 * tests::between(-500, 500, random)));
    return plane;
}

/// A few, many or no changes.
void change(Tables& tables, const Variant& variant, Stream& random) {
    switch (random() % 5) {
        case 0:  // nothing
            break;
        case 1:
            if (tables.codes.rows > 0)
                for (int n = 0; n < 4; ++n)
                    flip(tables.codes.row(random() % items), random() % variant.bits);
            break;
        case 2:
            tables.codes = reference::random_codes(variant.bits, items, random);
            break;
        case 3:
            tables.plane(PlaneId::mixing) =
                random_plane(variant.bits, variant.teacher.factors, random);
            tables.plane(PlaneId::bias) = random_plane(items, 1, random);
            break;
        case 4:
            tables.plane(PlaneId::mixing) = {};
            tables.plane(PlaneId::factors) =
                random() % 2 == 0 ? Plane{} : random_plane(items, variant.bits, random);
            break;
    }
}

void check_same(const Tables& got, const Tables& expected) {
    CHECK(got.version == expected.version);
    CHECK(got.codes == expected.codes);
    CHECK(got.planes == expected.planes);
}

}  // namespace

TEST_CASE("whatever version a client holds, what it is sent brings it to the present tables") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        const Variant variant = variant_of(seed % 2 == 0 ? 20 : 65);
        Stream random(seed);
        Publisher publisher(seed);
        // One client for every habit: always there, often, rarely, never before the end.
        std::vector<Tables> held(6);
        const std::vector<std::uint64_t> every{1, 2, 5, 20, 60, 1000};
        Tables now;
        for (std::uint32_t version = 1; version <= 70; ++version) {
            CAPTURE(version);
            const bool starts = version == 1 || random() % 15 == 0;
            const bool teaching = starts && random() % 2 == 0;
            if (starts) {
                now = initial_tables(seed, variant, items, teaching);
                if (random() % 2 == 0)
                    now.plane(PlaneId::item_weights) = {
                        items, 1, 6, 9, {1}, std::vector<std::int16_t>(items, 64)};
            } else {
                change(now, variant, random);
            }
            now.version = version;
            publisher.publish(now, starts, teaching);
            CHECK(publisher.version() == version);
            for (std::size_t c = 0; c < held.size(); ++c) {
                if (random() % every[c] != 0 && version != 70) continue;
                CAPTURE(c);
                if (held[c].version == version) continue;
                const wire::Encoded& frame = publisher.frame_from(held[c].version);
                CHECK(&publisher.frame_from(held[c].version) == &frame);  // encoded once
                const wire::View body = wire::View(*frame).subspan(wire::header_bytes);
                CHECK(body.size() <= wire::max_publish_bytes(variant, items));
                wire::apply_tables(body, variant, items, held[c]);
                check_same(held[c], now);
            }
        }
    }
}

TEST_CASE("a client that is one version behind gets the difference, one far behind everything") {
    const Variant variant = variant_of(64);
    Stream random(3);
    Publisher publisher(3);
    Tables tables;
    tables.codes = reference::random_codes(64, items, random);
    for (std::uint32_t version = 1; version <= 40; ++version) {
        tables.version = version;
        flip(tables.codes.row(version % items), version % 64);
        publisher.publish(tables, false, false);
    }
    const std::size_t all = publisher.frame_from(0)->size();
    CHECK(publisher.frame_from(39)->size() < all / 10);
    CHECK(publisher.frame_from(30)->size() < all / 5);
    CHECK(publisher.frame_from(2)->size() == all);  // older than what is kept
}

TEST_CASE("a stage that starts is sent as its seed, whatever a client holds") {
    const Variant variant = variant_of(64);
    Publisher publisher(9);
    for (std::uint32_t version = 1; version <= 2; ++version) {
        Tables tables = initial_tables(9, variant, items, version == 1);
        tables.version = version;
        publisher.publish(tables, true, version == 1);
        for (std::uint32_t held : {0u, 1u}) {
            CHECK(publisher.frame_from(held)->size() < wire::header_bytes + 16);
            Tables got;
            wire::apply_tables(wire::View(*publisher.frame_from(held)).subspan(wire::header_bytes),
                               variant, items, got);
            check_same(got, tables);
        }
    }
}
