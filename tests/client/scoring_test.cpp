#include "client/scoring.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "client/bit_planes.hpp"
#include "client/evaluator.hpp"
#include "client/ridge.hpp"
#include "client/ridge_learner.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t items = 90, factors = 12;

/// Codes, a mixing plane, and what one user knows.
struct Stage {
    Variant variant;
    Shared shared;
    tests::Made made = tests::make_users(4, 6, items);
    std::unique_ptr<const Learner> learner;
    Workspace work;

    explicit Stage(std::uint32_t bits, const std::string& similarity = "hamming",
                   const std::string& name = "code", std::uint32_t user_bits = 1) {
        variant = tests::busy_variant(bits);
        variant.user_bits = user_bits;
        variant.learner = name;
        variant.similarity = similarity;
        variant.teacher = {2, factors, 8, false, 0.3, 0.01};
        variant.scoring_prior = 0.7;
        Stream random(bits);
        shared.tables = tests::random_tables(variant, items, random);
        Plane& mixing = shared.tables.plane(PlaneId::mixing);
        mixing = {bits, factors, 4, 12, {1}, {}};
        for (std::size_t j = 0; j < std::size_t{bits} * factors; ++j)
            mixing.values.push_back(static_cast<std::int16_t>(tests::between(-300, 300, random)));
        shared.derive();
        learner = find_learner(name).make(variant, 7);
    }
    Learnt learnt(const UserData& user) const {
        Learnt result;
        learner->start(user, result);
        Stream random(index(user.user));
        for (std::uint32_t b = 0; b < factors; ++b)
            result.teacher.push_back(
                static_cast<std::int16_t>(tests::between(-4096, 4096, random)));
        return result;
    }
    std::vector<double> scores(Scoring way, const UserData& user) {
        return scores(way, user, everything());
    }
    std::vector<double> scores(Scoring way, const UserData& user, std::span<const ItemId> wanted) {
        REQUIRE(can_score(way, shared, variant));
        std::vector<double> result(wanted.size(), 7);
        score_items(way, user, shared, learnt(user), variant, *learner, wanted, work, result);
        return result;
    }
    static std::vector<ItemId> everything() {
        std::vector<ItemId> all;
        for (std::uint32_t i = 0; i < items; ++i) all.push_back(ItemId{i});
        return all;
    }
    /// The vector that a user scores codes with.
    std::vector<double> vector(const UserData& user, double prior) {
        lower_on_codes(user, shared, learnt(user),
                       {variant.scoring_interaction, prior,
                        code_ridge(user.train.size(), variant.scoring_interaction, items)},
                       !shared.tables.plane(PlaneId::bias).empty(), work);
        return solve_ridge(work);
    }
};

}  // namespace

TEST_CASE("scores by table look-up are the plain inner products") {
    for (std::uint32_t bits : {8u, 9u, 63u, 64u, 65u, 127u, 256u}) {
        CAPTURE(bits);
        Stream random(bits);
        const Codes codes = reference::random_codes(bits, 100, random);
        std::vector<double> vector(bits), whole(bits);
        for (std::uint32_t a = 0; a < bits; ++a) {
            vector[a] = std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5;
            whole[a] = static_cast<double>(random() % 2001) - 1000;
        }
        std::vector<double> scores(100, -1), exact(100, -1);
        score_on_codes(vector, codes, scores);
        score_on_codes(whole, codes, exact);
        for (std::size_t i = 0; i < 100; ++i) {
            double plain = 0, plain_exact = 0;
            for (std::uint32_t a = 0; a < bits; ++a) {
                plain += vector[a] * sign(codes.row(i), a);
                plain_exact += whole[a] * sign(codes.row(i), a);
            }
            REQUIRE(std::abs(scores[i] - plain) < 1e-12 * bits);
            REQUIRE(exact[i] == plain_exact);  // whole numbers: no rounding anywhere
        }
    }
}

TEST_CASE("codes score by the similarity's definition, after a patient fit to what is published") {
    for (const Similarity& similarity : similarities()) {
        for (const char* name : {"code", "scaled-code"}) {
            for (std::uint32_t bits : {8u, 64u, 65u}) {
                CAPTURE(std::string(similarity.name));
                CAPTURE(std::string(name));
                CAPTURE(bits);
                Stage stage(bits, similarity.name, name);
                for (const UserData& user : stage.made.users) {
                    Learnt fitted = stage.learnt(user);
                    stage.learner->fit_code(user, stage.shared, fitted, stage.work);
                    const std::vector<double> scores = stage.scores(Scoring::codes, user);
                    for (std::uint32_t i = 0; i < items; ++i)
                        REQUIRE(scores[i] ==
                                double(reference::score(
                                    similarity.name, CodeView(fitted.code).first(words_for(bits)),
                                    stage.shared.tables.codes.row(i), bits,
                                    stage.shared.tables.plane(PlaneId::bit_weights).values)));
                }
            }
        }
    }
}

TEST_CASE("a code of two planes scores as one of weight 1 and one of weight 2") {
    for (std::uint32_t bits : {8u, 64u, 65u}) {
        CAPTURE(bits);
        Stage stage(bits, "hamming", "scaled-code", 2);
        for (const UserData& user : stage.made.users) {
            Learnt fitted = stage.learnt(user);
            stage.learner->fit_code(user, stage.shared, fitted, stage.work);
            const CodeView planes(fitted.code);
            const std::vector<double> scores = stage.scores(Scoring::codes, user);
            for (std::uint32_t i = 0; i < items; ++i) {
                const CodeView item = stage.shared.tables.codes.row(i);
                const std::size_t words = words_for(bits);
                REQUIRE(scores[i] == dot(planes.first(words), item, bits) +
                                         2 * dot(planes.subspan(words, words), item, bits));
            }
        }
    }
}

TEST_CASE("with a published rotation a user's code is the signs of the rotated teacher vector") {
    for (std::uint32_t bits : {8u, 12u, 65u}) {
        CAPTURE(bits);
        Stage stage(bits);
        Stream random(5);
        Plane& rotation = stage.shared.tables.plane(PlaneId::rotation);
        rotation = {bits, factors, 12, 16, {1}, {}};
        for (std::size_t j = 0; j < std::size_t{bits} * factors; ++j)
            rotation.values.push_back(static_cast<std::int16_t>(tests::between(-900, 900, random)));
        for (const UserData& user : stage.made.users) {
            const Learnt learnt = stage.learnt(user);
            std::vector<std::int64_t> code(bits);
            for (std::uint32_t a = 0; a < bits; ++a) {
                double turned = 0;
                for (std::uint32_t b = 0; b < factors; ++b)
                    turned += rotation.at(a, b) * learnt.teacher[b];
                code[a] = turned > 0 ? 1 : -1;
            }
            const std::vector<double> scores = stage.scores(Scoring::codes, user);
            for (std::uint32_t i = 0; i < items; ++i) {
                std::int64_t plain = 0;
                for (std::uint32_t a = 0; a < bits; ++a)
                    plain += code[a] * sign(stage.shared.tables.codes.row(i), a);
                REQUIRE(scores[i] == double(plain));
            }
        }
    }
}

TEST_CASE("scores by bit planes are plain sums of odd levels") {
    for (std::uint32_t planes : {1u, 2u, 4u, 7u}) {
        for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
            CAPTURE(planes);
            CAPTURE(bits);
            Stage stage(bits);
            stage.variant.scoring_bits = planes;
            for (const UserData& user : stage.made.users) {
                const std::vector<std::int32_t> levels =
                    odd_levels(stage.vector(user, stage.variant.scoring_prior), planes);
                const std::vector<double> scores = stage.scores(Scoring::planes, user);
                for (std::uint32_t i = 0; i < items; ++i) {
                    std::int64_t plain = 0;
                    for (std::uint32_t a = 0; a < bits; ++a)
                        plain += levels[a] * sign(stage.shared.tables.codes.row(i), a);
                    REQUIRE(scores[i] == double(plain));
                }
            }
        }
    }
}

TEST_CASE("scores by bit planes are those of the rounded vector, and of the item's bias as it is") {
    Stage stage(24);
    stage.variant.scoring_bits = 3;
    Stream random(5);
    Plane& bias = stage.shared.tables.plane(PlaneId::bias);
    bias = {items, 1, 8, 0, {1}, {}};
    for (std::uint32_t i = 0; i < items; ++i)
        bias.values.push_back(static_cast<std::int16_t>(tests::between(-100, 100, random)));
    Plane& mixing = stage.shared.tables.plane(PlaneId::mixing);  // of the constant and bias, too
    mixing.rows += 2;
    for (std::uint32_t b = 0; b < 2 * factors; ++b) mixing.values.push_back(50);
    stage.shared.derive();
    for (const UserData& user : stage.made.users) {
        const std::vector<double> x = stage.vector(user, stage.variant.scoring_prior);
        REQUIRE(x.size() == 26);
        const auto entries = std::span(x).first(24);
        const std::vector<std::int32_t> levels = odd_levels(entries, 3);
        const std::vector<double> scores = stage.scores(Scoring::planes, user);
        for (std::uint32_t i = 0; i < items; ++i) {
            double plain = 0;
            for (std::uint32_t a = 0; a < 24; ++a)
                plain += levels[a] * sign(stage.shared.tables.codes.row(i), a);
            plain = level_step(entries, 3) * plain + x[25] * bias.at(i, 0);
            CHECK(level_step(entries, 3) * scores[i] == doctest::Approx(plain).epsilon(1e-9));
        }
    }
}

TEST_CASE("the private vector leans on the teacher, the newcomer's does not") {
    Stage stage(24);
    for (const UserData& user : stage.made.users) {
        std::vector<double> expected(items);
        score_on_codes(stage.vector(user, 0.7), stage.shared.tables.codes, expected);
        CHECK(stage.scores(Scoring::vector, user) == expected);
        score_on_codes(stage.vector(user, 0), stage.shared.tables.codes, expected);
        CHECK(stage.scores(Scoring::newcomer, user) == expected);
        CHECK(stage.scores(Scoring::newcomer, user) != stage.scores(Scoring::vector, user));
    }
}

TEST_CASE("real factors score by inner products with a ridge solution of their own stage") {
    for (bool teaching : {false, true}) {
        CAPTURE(teaching);
        Stage stage(24);
        Stream random(8);
        stage.shared.tables = tests::random_tables(stage.variant, items, random, teaching);
        stage.shared.derived = 0;
        stage.shared.derive();
        for (const UserData& user : stage.made.users) {
            RidgeTerms terms = teacher_terms(stage.variant, user, stage.shared);
            const auto n = static_cast<double>(user.train.size());
            CHECK(terms.ridge == doctest::Approx(0.01 * (n + 0.3 * items)));
            if (!teaching) terms = {0.25, 0.7, std::sqrt(n + 0.25 * items)};
            lower_on_factors(user, stage.shared, stage.learnt(user), terms, stage.work);
            const std::vector<double> x = solve_ridge(stage.work);
            const std::vector<double> scores = stage.scores(Scoring::factors, user);
            const Plane& plane = stage.shared.tables.plane(PlaneId::factors);
            for (std::uint32_t i = 0; i < items; ++i) {
                double plain = 0;
                for (std::uint32_t a = 0; a < x.size(); ++a) plain += x[a] * plane.row(i)[a];
                REQUIRE(scores[i] == doctest::Approx(plain));
            }
        }
    }
}

TEST_CASE("tables without codes, or without factors, cannot be scored on them") {
    Stage stage(24);
    const auto can = [&](Scoring way) { return can_score(way, stage.shared, stage.variant); };
    stage.shared.tables.plane(PlaneId::factors) = {};
    CHECK_FALSE(can(Scoring::factors));
    stage.shared.tables.codes = {};
    for (Scoring way : {Scoring::codes, Scoring::vector, Scoring::planes, Scoring::newcomer})
        CHECK_FALSE(can(way));
}

TEST_CASE("an item's score does not depend on what else is scored, nor on order or repeats") {
    for (std::uint32_t bits : {8u, 64u, 65u}) {
        CAPTURE(bits);
        Stage stage(bits);
        stage.variant.scoring_bits = 3;
        stage.variant.rerank = 10;
        const std::vector<ItemId> wanted{ItemId{5}, ItemId{89}, ItemId{0}, ItemId{5}, ItemId{64}};
        for (Scoring way : {Scoring::codes, Scoring::vector, Scoring::planes, Scoring::newcomer,
                            Scoring::factors, Scoring::rerank}) {
            CAPTURE(std::string(name(way)));
            const UserData& user = stage.made.users[1];
            const std::vector<double> all = stage.scores(way, user);
            const std::vector<double> some = stage.scores(way, user, wanted);
            for (std::size_t j = 0; j < wanted.size(); ++j)
                REQUIRE(some[j] == all[index(wanted[j])]);
            CHECK(stage.scores(way, user, {}).empty());
        }
    }
}

TEST_CASE("ranking by counts is ranking by the scores by code") {
    const std::vector<std::uint32_t> cutoffs{1, 10, 50};
    const std::size_t specs = metric_specs(cutoffs).size();
    std::size_t ranked = 0;
    for (const std::string name : {"code", "scaled-code"})
        for (const std::uint32_t user_bits : {1u, 2u})
            for (const bool biased : {false, true}) {
                if (user_bits > 1 && name == "code") continue;
                CAPTURE(name);
                CAPTURE(user_bits);
                CAPTURE(biased);
                Stage stage(48, "hamming", name, user_bits);
                for (PlaneId id : {PlaneId::bit_weights, PlaneId::scales})
                    stage.shared.tables.plane(id) = {};
                Plane& bias = stage.shared.tables.plane(PlaneId::bias);
                bias = {};
                if (biased) bias = {items, 1, 10, 12, {1}, std::vector<std::int16_t>(items)};
                for (std::size_t i = 0; i < bias.values.size(); ++i)
                    bias.values[i] = static_cast<std::int16_t>(1000 * (i * 7 % 5));
                stage.shared.derive();
                REQUIRE(counts_decide(stage.shared, stage.variant));
                RankCounts counts(stage.shared.tables.codes,
                                  stage.shared.tables.plane(PlaneId::bias));
                REQUIRE(counts.fits(user_bits));
                for (UserData user : stage.made.users) {
                    user.test.items = {ItemId{3}, ItemId{40}, ItemId{77}};
                    user.test.deciles = {0, 5, 9};
                    Learnt learnt = stage.learnt(user);
                    const CodeScore score = code_score(user, stage.shared, learnt, stage.variant,
                                                       *stage.learner, stage.work);
                    if (score.slope <= 0) continue;
                    MetricSums by_counts(specs, cutoffs.size()), by_scores = by_counts;
                    evaluate_by_counts(user, Part::test, score, cutoffs, counts, by_counts);
                    evaluate(
                        user, Part::test, {items, true}, cutoffs,
                        [&](std::span<const ItemId> wanted, std::span<double> out) {
                            std::ranges::copy(stage.scores(Scoring::codes, user, wanted),
                                              out.begin());
                        },
                        by_scores);
                    CHECK(by_counts == by_scores);
                    ++ranked;
                }
            }
    CHECK(ranked >= 18);
}
