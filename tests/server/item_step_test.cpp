#include "server/item_step.hpp"

#include <doctest/doctest.h>

#include "common/errors.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

AggregateShape shape_for(const Codes& items) { return {items.bits, items.rows, 0, false, 0}; }

/// Sums as `m` users of the uplink `residual` would leave them.
Aggregate heard_sums(const Codes& items, std::uint32_t m, const Variant& variant, Stream& random) {
    Aggregate sum(shape_for(items));
    for (std::uint32_t u = 0; u < m; ++u) {
        const Codes code = reference::random_codes(items.bits, 1, random);
        std::vector<ItemId> rated;
        for (std::uint32_t i = 0; i < items.rows; ++i)
            if (random() % 5 == 0) rated.push_back(ItemId{i});
        reference::hear_target(variant, code.row(0),
                               1 + static_cast<std::int64_t>(random() % (16 * items.bits)), rated,
                               items, sum);
    }
    return sum;
}

/// Sums of no particular origin: the step must not care.
Aggregate any_sums(const Codes& items, Stream& random) {
    Aggregate sum(shape_for(items));
    sum.users = 1 + random() % 50;
    for (auto& row : sum.rows) row = static_cast<std::int64_t>(random() % 200'001) - 100'000;
    for (auto& count : sum.counts) count = static_cast<std::int64_t>(random() % 50);
    for (auto& weight : sum.weights) weight = static_cast<std::int64_t>(random() % 6'000);
    for (std::uint32_t a = 0; a < items.bits; ++a)
        for (std::uint32_t b = 0; b <= a; ++b)
            sum.gram[a * items.bits + b] = sum.gram[b * items.bits + a] =
                static_cast<std::int64_t>(random() % 101) - 50;
    return sum;
}

struct Stepped {
    Codes items;
    std::uint64_t flips = 0;
};
/// One step of a rule that works on codes alone.
Stepped step(const char* rule, const Codes& items, const Aggregate& sums, const Variant& variant,
             Progress progress) {
    Tables tables;
    tables.codes = items;
    const std::uint64_t flips =
        find_item_rule(rule).make(variant, items.rows)->step(tables, sums, progress);
    return {tables.codes, flips};
}

std::uint64_t differing_bits(const Codes& a, const Codes& b) {
    std::uint64_t count = 0;
    for (std::size_t w = 0; w < a.words.size(); ++w)
        count += static_cast<std::uint64_t>(std::popcount(a.words[w] ^ b.words[w]));
    return count;
}

}  // namespace

TEST_CASE("the curvature rule is the plainly written one, for sums heard and for any others") {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const std::uint32_t bits = std::array{8u, 63u, 64u, 65u}[seed % 4];
        const Codes items = reference::random_codes(bits, 25, random);
        Variant variant;
        variant.bits = bits;
        variant.interaction = static_cast<std::uint32_t>(random() % 4);
        variant.weight = 1 + static_cast<std::uint32_t>(random() % 9);
        variant.sweeps = 1 + static_cast<std::uint32_t>(random() % 3);
        const Aggregate sums =
            seed % 2 == 0 ? heard_sums(items, 15, variant, random) : any_sums(items, random);
        // In the last round own bits count in full; in round 1 of many by own_bit_start.
        const Stepped last = step("curvature", items, sums, variant, {10, 10});
        CHECK(last.items == reference::curvature_step(items, sums, variant, 64));
        variant.own_bit_start = 20;
        const Stepped first = step("curvature", items, sums, variant, {1, 10});
        CHECK(first.items == reference::curvature_step(items, sums, variant, 20));
        CHECK(step("curvature", items, sums, variant, {4, 10}).items ==
              reference::curvature_step(items, sums, variant, 20 + 44 * 3 / 7));
        CHECK(step("curvature", items, sums, variant, {8, 10}).items == last.items);
        variant.own_bit_end = 90;
        CHECK(step("curvature", items, sums, variant, {4, 10}).items ==
              reference::curvature_step(items, sums, variant, 20 + 70 * 3 / 7));
        CHECK(step("curvature", items, sums, variant, {9, 10}).items ==
              reference::curvature_step(items, sums, variant, 90));
        if (variant.sweeps == 1) CHECK(first.flips == differing_bits(first.items, items));
    }
}

TEST_CASE("items that nobody rated keep their code when there is no interaction term") {
    Stream random(1);
    const Codes items = reference::random_codes(32, 10, random);
    Variant variant;
    variant.bits = 32;
    variant.interaction = 0;
    Aggregate sums = heard_sums(items, 10, variant, random);
    sums.counts[3] = sums.weights[3] = 0;
    for (std::uint32_t a = 0; a < 32; ++a) sums.rows[3 * 32 + a] = 0;
    const Codes next = step("curvature", items, sums, variant, {1, 1}).items;
    CHECK(std::equal(next.row(3).begin(), next.row(3).end(), items.row(3).begin()));
    CHECK(next != items);
}

TEST_CASE("the gradient rule is the plainly written one, with and without the balance term") {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const std::uint32_t bits = std::array{8u, 63u, 64u, 65u}[seed % 4];
        const Codes items = reference::random_codes(bits, 30, random);
        Aggregate sums = any_sums(items, random);
        for (std::size_t j = 0; j < sums.rows.size(); j += 5)
            sums.rows[j] = 0;  // the old bit stays at 0
        Variant variant;
        variant.bits = bits;
        variant.balance_units = std::array{0u, 16u, 400u}[seed % 3];
        const Stepped result = step("gradient", items, sums, variant, {1, 1});
        CHECK(result.items == reference::gradient_step(items, sums, variant));
        CHECK(result.flips == differing_bits(result.items, items));
        if (variant.balance_units == 0) CHECK(bit(result.items.row(0), 0) == bit(items.row(0), 0));
    }
}

TEST_CASE("pieces that do not fit, and sums that could overflow, are refused before the run") {
    Variant variant;
    CHECK_NOTHROW(check_variant(variant, 138'493, 26'744));  // MovieLens 20M
    variant.bits = max_bits;
    CHECK_NOTHROW(check_variant(variant, 6'040, 3'706));
    variant.uplink = "gradients";
    CHECK_THROWS_WITH_AS(check_variant(variant, 10, 10), doctest::Contains("uplink"), UsageError);
    variant.item_rule = "gradient";
    CHECK_NOTHROW(check_variant(variant, 10, 10));
    variant.item_rule = "magic";
    CHECK_THROWS_WITH_AS(check_variant(variant, 10, 10), doctest::Contains("curvature"),
                         UsageError);
    variant = Variant();
    variant.uplink = "smoke";
    CHECK_THROWS_AS(check_variant(variant, 10, 10), UsageError);

    variant = Variant();
    CHECK_THROWS_WITH_AS(check_variant(variant, 2'000'000'000, 100), doctest::Contains("overflow"),
                         UsageError);
    variant.weight = 1'000'000'000;
    CHECK_THROWS_AS(check_variant(variant, 1000, 100), UsageError);
    variant = Variant();
    variant.interaction = 1'000'000;  // alpha = 16 (c0 m + w n), times 64 k m, passes 2^63
    CHECK_THROWS_AS(check_variant(variant, 1'000'000, 100), UsageError);
    variant = Variant();
    CHECK_THROWS_AS(check_variant(variant, 100, 1'000'000'000),
                    UsageError);  // a device's own 32-bit matrix
}

TEST_CASE(
    "at the largest sums that the check lets through, the step agrees with 128-bit arithmetic") {
    // All users rate the one item, with the same code and the largest pull: the bounds are met.
    __extension__ using Wide = __int128;
    struct Case {
        const char* similarity;
        std::uint32_t bit_weight_bits;
        std::int64_t psi;  // the largest entry
        bool mixed;        // curvatures are four times the weight
    };
    for (const Case& test : {Case{"hamming", 0, 1, false}, Case{"hamming", 0, 1, true},
                             Case{"projected", 0, 2, false}, Case{"weighted", 6, 31, false}})
        for (std::uint32_t interaction : {0u, 1u, 1000u}) {
            Variant variant;
            variant.bits = 64;
            variant.weight = 1;
            variant.interaction = interaction;
            variant.similarity = test.similarity;
            variant.bit_weight_bits = test.bit_weight_bits;
            if (test.mixed) variant.mix = {{"square", 1024}};
            std::uint32_t users = 1;
            for (std::uint32_t step = 1u << 30; step > 0; step /= 2) {
                try {
                    check_variant(variant, users + step, 1);
                    users += step;
                } catch (const UsageError&) {
                }
            }
            CAPTURE(std::string(test.similarity));
            CAPTURE(interaction);
            CAPTURE(users);
            CHECK(users > 1'000);
            for (std::int64_t pull : {-max_pull(variant), max_pull(variant)}) {
                const Codes items(64, 1);  // all bits -1
                const std::int64_t m = users, curvature = (test.mixed ? 64 : 16) * m;
                Aggregate sums({64, 1, 0, false});
                sums.users = users;
                sums.counts[0] = m;
                sums.weights[0] = curvature;  // w = 1
                std::fill(sums.gram.begin(), sums.gram.end(), m * test.psi * test.psi);
                std::fill(sums.rows.begin(), sums.rows.end(), m * test.psi * pull);
                const Wide H = Wide{m} * test.psi * test.psi;
                REQUIRE(64 * H < (Wide{1} << 31));  // H d in 32 bits
                std::vector<int> x(64, -1);
                for (std::uint32_t s = 0; s < variant.sweeps; ++s)
                    for (std::size_t a = 0; a < 64; ++a) {
                        Wide sum = 0;
                        for (int entry : x) sum += H * entry;
                        const Wide c = Wide{m} * sums.rows[a] + Wide{curvature} * (H * -64);
                        const Wide alpha = Wide{16} * interaction * m + curvature;
                        const Wide argument = 64 * c - alpha * (64 * sum - 64 * H * x[a]);
                        if (argument != 0) x[a] = argument > 0 ? 1 : -1;
                    }
                Variant plain = variant;
                plain.bit_weight_bits = 0;  // codes come before new bit weights
                const Codes next = step("curvature", items, sums, plain, {1, 1}).items;
                for (std::size_t a = 0; a < 64; ++a) REQUIRE(sign(next.row(0), a) == x[a]);
            }
        }
}

TEST_CASE("every item rule leaves codes without stray bits, also where it ends a stage") {
    for (const ItemRule& rule : item_rules()) {
        for (std::uint32_t bits : {8u, 63u, 65u}) {
            CAPTURE(std::string(rule.name));
            CAPTURE(bits);
            Stream random(bits);
            Variant variant;
            variant.bits = bits;
            variant.item_rule = rule.name;
            const std::string names = rule.uplinks;
            variant.uplink = names.substr(0, names.find(' '));
            Tables tables = tests::random_tables(variant, 20, random);
            const auto uplink = find_uplink(variant.uplink).make(variant);
            Aggregate sums(uplink->shape(20));
            for (int u = 0; u < 8; ++u) {
                const tests::Words words = tests::random_words(variant, tables, random);
                const wire::Buffer body = tests::body_of(*uplink, words.said(), tables);
                wire::ByteReader from(body);
                uplink->hear(from, tables, sums);
            }
            const auto step = rule.make(variant, 20);
            const Tables before = tables;
            for (std::uint32_t round : {1u, 3u}) {
                tables = before;
                step->step(tables, sums, {round, 3});
                REQUIRE(tables.codes.rows == 20);
                for (std::size_t i = 0; i < 20; ++i)
                    REQUIRE((tables.codes.row(i).back() &
                             ~word_mask(bits, tables.codes.stride() - 1)) == 0);
            }
        }
    }
}
