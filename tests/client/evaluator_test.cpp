#include "client/evaluator.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "client/metrics.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::array<std::uint32_t, 2> cutoffs{2, 5};

MetricSums empty_sums() { return {metric_specs(cutoffs).size(), cutoffs.size()}; }

std::vector<ItemId> ids(std::initializer_list<std::uint32_t> numbers) {
    std::vector<ItemId> result;
    for (const std::uint32_t number : numbers) result.push_back(ItemId{number});
    return result;
}

/// Ten items; trained on 1 and 4, validated on 7, tested on 0 and 9.
UserData example() {
    UserData user;
    user.train = {{ItemId{1}, 1.0F}, {ItemId{4}, 1.0F}};
    user.valid = {ids({7}), {3}, ids({2, 3, 3, 7})};
    user.test = {ids({0, 9}), {5, 9}, ids({5, 6, 8})};
    return user;
}

/// What the scorer was asked about; everything gets the same score.
std::vector<ItemId> asked(const UserData& user, Part part, const Ranking& ranking) {
    std::vector<ItemId> seen;
    int calls = 0;
    MetricSums sums = empty_sums();
    evaluate(
        user, part, ranking, cutoffs,
        [&](std::span<const ItemId> items, std::span<double> out) {
            ++calls;
            seen.assign(items.begin(), items.end());
            std::fill(out.begin(), out.end(), 1.0);
        },
        sums);
    CHECK(calls == 1);
    return seen;
}

}  // namespace

TEST_CASE("full ranking leaves out training items, and validation items only when testing") {
    const Ranking full{10, true};
    CHECK(asked(example(), Part::valid, full) == ids({7, 0, 2, 3, 5, 6, 8, 9}));
    CHECK(asked(example(), Part::test, full) == ids({0, 9, 2, 3, 5, 6, 8}));
}

TEST_CASE("given candidates are ranked exactly as listed") {
    const Ranking given{10, false};
    CHECK(asked(example(), Part::valid, given) == ids({7, 2, 3, 3, 7}));
    CHECK(asked(example(), Part::test, given) == ids({0, 9, 5, 6, 8}));
}

TEST_CASE("overlapping parts of a given split do not repeat or lose an item") {
    UserData user = example();
    user.test = {ids({4, 7}), {0, 0}, {}};  // one also trained on, one also validated on
    CHECK(asked(user, Part::test, {10, true}) == ids({4, 7, 0, 2, 3, 5, 6, 8, 9}));
}

TEST_CASE("a user's sums are the rounded metrics of its tie groups") {
    const Scorer scorer = [](std::span<const ItemId> items, std::span<double> out) {
        for (std::size_t j = 0; j < items.size(); ++j)
            out[j] = static_cast<double>(index(items[j]) / 3);
    };
    // Scores of 0 2 3 5 6 8 9: 0 0 1 1 2 2 3; relevant 0 and 9.
    const std::vector<TieGroup> groups{{1, 1}, {4, 0}, {2, 1}};
    MetricSums sums = empty_sums();
    evaluate(example(), Part::test, {10, true}, cutoffs, scorer, sums);
    const auto specs = metric_specs(cutoffs);
    for (std::size_t i = 0; i < specs.size(); ++i) {
        CAPTURE(name(specs[i]));
        CHECK(sums.values[i].expected == to_fixed(metric(specs[i], groups)));
        CHECK(sums.values[i].optimistic == to_fixed(metric(specs[i], relevant_first(groups))));
        CHECK(sums.values[i].pessimistic == to_fixed(metric(specs[i], relevant_last(groups))));
    }
    CHECK(sums.users == 1);
}

TEST_CASE("deciles count each held-out item's chance to be among the first k") {
    const Scorer scorer = [](std::span<const ItemId> items, std::span<double> out) {
        for (std::size_t j = 0; j < items.size(); ++j) out[j] = index(items[j]) == 9 ? 1.0 : 0.0;
    };
    MetricSums sums = empty_sums();
    evaluate(example(), Part::test, {10, true}, cutoffs, scorer, sums);
    // Item 9 (decile 9) leads; item 0 (decile 5) ties with the five others at ranks 2 to 7.
    CHECK(sums.decile_items[5] == 1);
    CHECK(sums.decile_items[9] == 1);
    CHECK(sums.decile_hits[9 * 2 + 0] == to_fixed(1));
    CHECK(sums.decile_hits[9 * 2 + 1] == to_fixed(1));
    CHECK(sums.decile_hits[5 * 2 + 0] == to_fixed(1.0 / 6));
    CHECK(sums.decile_hits[5 * 2 + 1] == to_fixed(4.0 / 6));
}

TEST_CASE("a user without held-out items adds nothing") {
    UserData user = example();
    user.valid = {};
    MetricSums sums = empty_sums();
    evaluate(
        user, Part::valid, {10, true}, cutoffs,
        [](std::span<const ItemId>, std::span<double>) { FAIL("nothing to score"); }, sums);
    CHECK(sums == empty_sums());
}
