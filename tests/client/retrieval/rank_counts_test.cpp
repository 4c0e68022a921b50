#include "client/retrieval/rank_counts.hpp"

#include <doctest/doctest.h>

#include "client/evaluator.hpp"
#include "tests/client/retrieval/made_codes.hpp"

using namespace fedhash;
using namespace fedhash::client;
using namespace fedhash::tests;

namespace {

struct Made {
    Codes items, user;  // the user's planes are rows
    Plane bias;
    CodeScore score;
    UserData data;
    std::vector<std::uint64_t> planes;
};

double scored(const Made& made, std::size_t item) {
    double sum = 0;
    for (std::size_t p = 0; p < made.user.rows; ++p)
        sum += dot(made.user.row(p), made.items.row(item), made.items.bits) * (1 << p);
    const double bias = made.bias.empty() ? 0 : made.bias.at(item, 0);
    return made.score.slope * sum + made.score.bias_weight * bias;
}

Made make(Kind kind, std::uint32_t bits, std::size_t items, std::size_t planes, unsigned biases,
          std::uint64_t seed) {
    Stream random(seed);
    Made made;
    made.items = made_codes(kind, bits, items, random);
    made.user = made_codes(kind, bits, planes, random);
    made.planes = made.user.words;
    made.score.planes = made.planes;
    if (biases > 0) {
        made.bias.rows = static_cast<std::uint32_t>(items);
        made.bias.cols = 1;
        made.bias.fraction = static_cast<std::uint8_t>(random() % 12);
        for (std::size_t i = 0; i < items; ++i)
            made.bias.values.push_back(
                static_cast<std::int16_t>(static_cast<int>(random() % biases) - 3));
        made.score.slope = static_cast<double>(1 + random() % 40);
        made.score.bias_weight = static_cast<double>(static_cast<int>(random() % 100) - 50);
    }
    for (std::uint32_t i = 0; i < items; ++i) {
        const std::uint64_t draw = random() % 10;
        if (draw < 3) made.data.train.push_back({ItemId{i}, 1});
        if (draw == 3) made.data.valid.items.push_back(ItemId{i});
        // An item of a given split may be in two parts: it is ranked all the same.
        if (draw == 4 || (draw == 0 && random() % 3 == 0)) {
            made.data.test.items.push_back(ItemId{i});
            made.data.test.deciles.push_back(static_cast<std::uint8_t>(random() % 10));
        }
    }
    return made;
}

}  // namespace

TEST_CASE("metrics from counts are the metrics of the scores, bit by bit") {
    const std::vector<std::uint32_t> cutoffs{1, 10, 50};
    const std::size_t specs = metric_specs(cutoffs).size();
    with_every_set([&] {
        std::size_t wrong = 0, scored_users = 0;
        std::uint64_t seed = 0;
        for (const Kind kind : kinds)
            for (const std::uint32_t bits : {8u, 33u, 64u, 84u, 200u})
                for (const std::size_t items : {1u, 64u, 65u, 500u})
                    for (const std::size_t planes : {1u, 2u})
                        for (const unsigned biases : {0u, 1u, 7u, 300u}) {
                            const Made made = make(kind, bits, items, planes, biases, ++seed);
                            RankCounts counts(made.items, made.bias);
                            if (!counts.fits(planes)) continue;
                            MetricSums by_counts(specs, cutoffs.size()), by_scores = by_counts;
                            std::vector<float> own(specs), own_by_scores(specs);
                            for (const Part part : {Part::test, Part::test}) {  // scratch is reused
                                evaluate_by_counts(made.data, part, made.score, cutoffs, counts,
                                                   by_counts, own);
                                evaluate(
                                    made.data, part, {static_cast<std::uint32_t>(items), true},
                                    cutoffs,
                                    [&](std::span<const ItemId> wanted, std::span<double> out) {
                                        for (std::size_t j = 0; j < wanted.size(); ++j)
                                            out[j] = scored(made, index(wanted[j]));
                                    },
                                    by_scores, own_by_scores);
                            }
                            wrong += !(by_counts == by_scores && own == own_by_scores);
                            scored_users += by_scores.users;
                        }
        CHECK(wrong == 0);
        CHECK(scored_users > 500);
    });
}

TEST_CASE("a distance must fit a byte") {
    CHECK(RankCounts(Codes(254, 3), {}).fits(1));
    CHECK_FALSE(RankCounts(Codes(255, 3), {}).fits(1));
    CHECK(RankCounts(Codes(84, 3), {}).fits(2));
    CHECK_FALSE(RankCounts(Codes(85, 3), {}).fits(2));
    CHECK(RankCounts(Codes(36, 3), {}).fits(3));
}
