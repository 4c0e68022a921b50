#include "server/trainer.hpp"

#include <doctest/doctest.h>

#include "server/real_sums.hpp"
#include "tests/server/small_world.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

constexpr std::uint32_t bits = 16, items = 24;

/// Sums of random users on these codes.
Aggregate heard(const Codes& codes, std::uint32_t users, const Variant& variant, Stream& random) {
    Aggregate sum({bits, items, 0, false, 0});
    for (std::uint32_t u = 0; u < users; ++u) {
        const Codes code = reference::random_codes(bits, 1, random);
        std::vector<ItemId> rated;
        for (std::uint32_t i = 0; i < items; ++i)
            if (random() % 3 == 0) rated.push_back(ItemId{i});
        reference::hear_target(variant, code.row(0), 1 + std::int64_t(random() % 256), rated, codes,
                               sum);
    }
    return sum;
}

/// Running sums as they are written out: what was kept moves from `before` to `now`, fades, and the
/// fresh ones are added.
Aggregate remembered(Aggregate kept, const Aggregate& fresh, const Codes& before, const Codes& now,
                     std::int64_t memory_256) {
    const auto m = static_cast<std::int64_t>(kept.users);
    for (std::size_t i = 0; i < items; ++i) {
        const auto d0 = reference::signs(before.row(i), bits),
                   d1 = reference::signs(now.row(i), bits);
        for (std::uint32_t a = 0; a < bits; ++a) {
            std::int64_t moved = 0;
            for (std::uint32_t b = 0; b < bits; ++b)
                moved += kept.gram[a * bits + b] * (d1[b] - d0[b]);
            kept.rows[i * bits + a] -= kept.weights[i] * moved / m;
        }
    }
    const auto fade = [&](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& add) {
        for (std::size_t j = 0; j < to.size(); ++j) to[j] = to[j] * memory_256 / 256 + add[j];
    };
    fade(kept.rows, fresh.rows);
    fade(kept.counts, fresh.counts);
    fade(kept.weights, fresh.weights);
    fade(kept.gram, fresh.gram);
    kept.users = kept.users * static_cast<std::uint64_t>(memory_256) / 256 + fresh.users;
    return kept;
}

Tables tables_of(const Codes& codes, std::uint32_t version) {
    Tables tables;
    tables.version = version;
    tables.codes = codes;
    return tables;
}

Variant code_variant() {
    Variant variant = tests::busy_variant(bits);
    variant.own_bit_start = 64;
    return variant;
}

}  // namespace

TEST_CASE("a run starts from random codes of its seed, or from a teacher's small factors") {
    Variant variant = code_variant();
    const Tables codes = Trainer(variant, 7, 10, items, 5).start();
    CHECK(codes.version == 1);
    CHECK(codes.codes == initial_item_codes(7, bits, items));
    variant.learner = "teacher";
    variant.teacher.rounds = 5;
    const Tables factors = Trainer(variant, 7, 10, items, 5).start();
    CHECK(factors.codes.rows == 0);
    CHECK(factors.plane(PlaneId::factors).rows == items);
    CHECK(factors.plane(PlaneId::factors).cols == 64);
}

TEST_CASE("without memory a round's own sums count alone, round after round") {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const Variant variant = code_variant();
        Trainer trainer(variant, seed, 12, items, 10);
        Tables tables = trainer.start();
        for (std::uint32_t round = 1; round <= 4; ++round) {
            const Aggregate fresh = heard(tables.codes, 6, variant, random);
            const Trainer::Outcome next = trainer.step(round, tables, fresh);
            CHECK(next.tables.version == round + 1);
            CHECK_FALSE(next.starts_stage);
            CHECK(next.tables.codes == reference::curvature_step(tables.codes, fresh, variant, 64));
            tables = next.tables;
        }
    }
}

TEST_CASE(
    "with memory running sums move, fade and add, as written out, over rounds of partial "
    "participation") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        Variant variant = code_variant();
        variant.memory_256 = seed % 2 == 0 ? 200 : 64;
        Trainer trainer(variant, seed, 12, items, 10);
        Codes before, now = reference::random_codes(bits, items, random);
        Aggregate kept;
        std::uint64_t flips = 0;
        for (std::uint32_t round = 1; round <= 6; ++round) {
            CAPTURE(round);
            // A cohort of another size each time.
            const auto users = static_cast<std::uint32_t>(3 + random() % 9);
            const Aggregate fresh = heard(now, users, variant, random);
            kept = round == 1 ? fresh : remembered(kept, fresh, before, now, variant.memory_256);
            const Trainer::Outcome next = trainer.step(round, tables_of(now, round), fresh);
            REQUIRE(next.tables.codes == reference::curvature_step(now, kept, variant, 64));
            flips += next.flips;
            before = now;
            now = next.tables.codes;
            // Every other round the codes jump somewhere else, so that moving them matters.
            if (round % 2 == 0) now = reference::random_codes(bits, items, random);
        }
        CHECK(flips > 0);
    }
}

TEST_CASE("sums of real factors follow them by the curvature that the step assumes") {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        Variant variant;
        variant.bits = bits;
        variant.learner = "vector";
        variant.uplink = "vector";
        variant.item_rule = "box";
        const Tables before = tests::random_tables(variant, items, random),
                     now = tests::random_tables(variant, items, random);
        const auto uplink = find_uplink("vector").make(variant);
        Aggregate sums(uplink->shape(items));
        for (int u = 0; u < 9; ++u) {
            const wire::Buffer body = tests::body_of(
                *uplink, tests::random_words(variant, before, random).said(), before);
            wire::ByteReader from(body);
            uplink->hear(from, before, sums);
        }
        Aggregate moved = sums;
        find_item_rule("box").make(variant, items)->follow(moved, before, now);
        const Eigen::MatrixXd H = gram(sums);
        for (std::size_t i = 0; i < items; ++i) {
            Eigen::VectorXd expected = G(sums, i);
            for (Eigen::Index a = 0; a < bits; ++a)
                for (Eigen::Index b = 0; b < bits; ++b)
                    expected(a) -= weight_of(sums, i) / H.trace() * H(a, b) *
                                   (now.plane(PlaneId::factors).at(i, std::size_t(b)) -
                                    before.plane(PlaneId::factors).at(i, std::size_t(b)));
            CHECK((G(moved, i) - expected).norm() <= 1e-6 * (1 + expected.norm()));
        }
        CHECK(moved.gram == sums.gram);
        CHECK(moved.weights == sums.weights);
        CHECK(moved.counts == sums.counts);
        Aggregate stayed = sums;
        find_item_rule("box").make(variant, items)->follow(stayed, before, before);
        CHECK(stayed == sums);
    }
}

TEST_CASE(
    "a teacher's rounds end in the start of the main rounds, which remember nothing of them") {
    Variant variant = tests::busy_variant(bits);
    variant.learner = "vector";
    variant.uplink = "vector";
    variant.item_rule = "box";
    variant.teacher.rounds = 2;
    variant.teacher.factors = 12;
    variant.memory_256 = 128;
    variant.item_exponent = 0.2;
    variant.prior = 0.8;
    variant.scoring_prior = 0.8;
    tests::SmallWorld world(variant, 5, 20, items);
    Trainer trainer(variant, 5, 20, items, 6);
    Tables tables = trainer.start();
    for (std::uint32_t round = 1; round <= 6; ++round) {
        CAPTURE(round);
        const Trainer::Outcome next =
            trainer.step(round, tables, world.round(round, tables, world.everybody()));
        CHECK(next.tables.version == round + 1);
        CHECK(next.starts_stage == (round == 2));
        const Plane& factors = next.tables.plane(PlaneId::factors);
        CHECK(factors.cols == (round == 1 ? 12 : round < 6 ? bits : 0));
        CHECK(next.tables.codes.rows == (round == 6 ? items : 0));
        CHECK(next.tables.plane(PlaneId::item_weights).empty() == (round == 1 || round == 6));
        CHECK(next.tables.plane(PlaneId::mixing).empty() == (round == 1));
        if (round == 2)
            CHECK(factors == initial_tables(5, variant, items, false).plane(PlaneId::factors));
        tables = next.tables;
    }
}

TEST_CASE("a teacher alone ends in its factors, or in what a quantiser makes of them") {
    for (const char* quantiser : {"none", "free"}) {
        CAPTURE(std::string(quantiser));
        Variant variant = tests::busy_variant(bits);
        variant.learner = "teacher";
        variant.quantiser = quantiser;
        variant.teacher.rounds = 3;
        variant.teacher.factors = 12;
        tests::SmallWorld world(variant, 6, 20, items);
        Trainer trainer(variant, 6, 20, items, 3);
        Tables tables = trainer.start();
        for (std::uint32_t round = 1; round <= 3; ++round) {
            const Trainer::Outcome next =
                trainer.step(round, tables, world.round(round, tables, world.everybody()));
            CHECK_FALSE(next.starts_stage);
            CHECK(next.tables.version == round + 1);
            tables = next.tables;
        }
        const bool codes = std::string_view(quantiser) != "none";
        CHECK(tables.codes.rows == (codes ? items : 0));
        CHECK(tables.plane(PlaneId::codebook).empty() != codes);
        CHECK(tables.plane(PlaneId::factors).cols == 12);
    }
}
