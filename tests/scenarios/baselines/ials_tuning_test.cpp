#include "scenarios/baselines/ials_tuning.hpp"

#include <doctest/doctest.h>

#include <array>

#include "scenarios/baselines/factor_scores.hpp"
#include "tests/scenarios/baselines/made_data.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

constexpr std::array<std::uint32_t, 2> cutoffs{5, 10};

IalsSearch quick() { return {.factors = 32, .epochs = 4}; }

}  // namespace

TEST_CASE("tuning is decided at the first cut-off of at least ten") {
    CHECK(tuning_cutoff(std::array{5U, 10U, 20U}) == 10);
    CHECK(tuning_cutoff(std::array{20U, 50U}) == 20);
    CHECK(tuning_cutoff(std::array{5U, 7U, 1U}) == 7);
}

TEST_CASE("the tuned factors are those of the chosen settings and epoch") {
    const Prepared data = made_data({});
    const TunedIals tuned = tune_ials(data.users, data.ranking, quick());
    const Interactions pairs = interactions(data.users, data.ranking.items);
    Ials model(pairs, tuned.choice.options);
    for (std::uint32_t epoch = 0; epoch < tuned.choice.epochs; ++epoch) model.epoch();
    CHECK(model.users().values == tuned.users.values);
    CHECK(model.items().values == tuned.items.values);

    const auto voters = scored_users(data.users, client::Part::valid);
    const MetricSums sums = measure_factors(tuned.users, tuned.items, data.users, voters,
                                            client::Part::valid, data.ranking, std::array{10U}, 2);
    CHECK(sums.mean(sums.values[1].expected) == tuned.choice.ndcg);
    CHECK_FALSE(tuned.choice.cut_short);
}

TEST_CASE("a cost limit shortens the search and says so") {
    const Prepared data = made_data({});
    IalsSearch search = quick();
    const std::uint32_t unlimited = tune_ials(data.users, data.ranking, search).choice.tried;
    search.cost_limit = 1;
    const TunedIals tuned = tune_ials(data.users, data.ranking, search);
    CHECK(tuned.choice.cut_short);
    CHECK(tuned.choice.tried == 3);  // the start of each climb
    CHECK(tuned.choice.options.factors == 32);
    CHECK(unlimited > 15);
}

TEST_CASE("whole-catalogue scores are the inner products, whatever the block") {
    const Prepared data = made_data({.users = 37, .items = 66, .topics = 6});
    const Interactions pairs = interactions(data.users, data.ranking.items);
    Ials model(pairs, {.factors = 20});
    model.epoch();
    const auto all = scored_users(data.users, client::Part::test);
    MetricSums expected(metric_specs(cutoffs).size(), cutoffs.size());
    for (const auto& user : data.users)
        client::evaluate(
            user, client::Part::test, data.ranking, cutoffs,
            [&](std::span<const ItemId> items, std::span<double> out) {
                for (std::size_t j = 0; j < items.size(); ++j) {
                    out[j] = 0;
                    for (std::size_t f = 0; f < 20; ++f)
                        out[j] += static_cast<double>(model.users().row(index(user.user))[f]) *
                                  static_cast<double>(model.items().row(index(items[j]))[f]);
                }
            },
            expected);
    for (const unsigned threads : {1U, 3U})
        CHECK(measure_factors(model.users(), model.items(), data.users, all, client::Part::test,
                              data.ranking, cutoffs, threads) == expected);
}

TEST_CASE("a hold-out takes from the training part only what it may") {
    const Prepared data =
        made_data({.users = 60, .taken = 40, .validation = false, .candidates = 15});
    const auto held = hold_out(data.users, data.ranking, 3);
    REQUIRE(held.size() == data.users.size());
    for (std::size_t u = 0; u < held.size(); ++u) {
        CHECK(held[u].valid.items.size() == 1);  // as many as the test part has
        CHECK(held[u].train.size() + 1 == data.users[u].train.size());
        CHECK(held[u].valid.candidates.size() == 15);
        for (const ItemId item : held[u].valid.candidates)
            for (const auto& rating : data.users[u].train) REQUIRE(rating.item != item);
    }
    std::vector<client::UserData> tiny(1);
    tiny[0].train = {{ItemId{0}, 1.0F}, {ItemId{1}, 1.0F}};
    CHECK(hold_out(tiny, data.ranking, 3)[0].valid.items.empty());
}
