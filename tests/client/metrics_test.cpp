#include "client/metrics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "common/random.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

/// A metric of one concrete order, from its definition.
double of_order(const MetricSpec& spec, const std::vector<bool>& relevant) {
    const auto total = static_cast<double>(std::count(relevant.begin(), relevant.end(), true));
    const double possible = std::min(total, static_cast<double>(spec.k));
    double hits = 0, gain = 0, precisions = 0, first = 0, ideal = 0;
    for (std::size_t i = 0; i < spec.k; ++i) {
        const double rank = static_cast<double>(i + 1);
        if (rank <= possible) ideal += 1 / std::log2(rank + 1);
        if (i >= relevant.size() || !relevant[i]) continue;
        ++hits;
        if (hits == 1) first = 1 / rank;
        gain += 1 / std::log2(rank + 1);
        precisions += hits / rank;
    }
    switch (spec.metric) {
        case Metric::hr:
            return hits > 0 ? 1 : 0;
        case Metric::recall:
            return hits / total;
        case Metric::precision:
            return hits / spec.k;
        case Metric::ndcg:
            return gain / ideal;
        case Metric::mrr:
            return first;
        case Metric::map:
            return precisions / possible;
        case Metric::auc:
            break;
    }
    double right = 0, pairs = 0;
    for (std::size_t i = 0; i < relevant.size(); ++i)
        for (std::size_t j = i + 1; j < relevant.size(); ++j)
            if (relevant[i] != relevant[j]) {
                ++pairs;
                right += relevant[i] ? 1 : 0;
            }
    return pairs > 0 ? right / pairs : 0.5;
}

/// Every order that the groups allow, each as often as it is likely; mean, best and worst.
struct Enumerated {
    double mean = 0, best = -1, worst = 2;
};

Enumerated enumerate(const MetricSpec& spec, const std::vector<TieGroup>& groups) {
    std::vector<std::vector<bool>> orders{{}};
    for (const TieGroup& group : groups) {
        // Distinct arrangements of equal items are equally likely, so permutations of flags
        // suffice.
        std::vector<bool> flags(group.size, false);
        std::fill(flags.end() - group.relevant, flags.end(), true);
        std::vector<std::vector<bool>> longer;
        do {
            for (std::vector<bool> order : orders) {
                order.insert(order.end(), flags.begin(), flags.end());
                longer.push_back(std::move(order));
            }
        } while (std::next_permutation(flags.begin(), flags.end()));
        orders = std::move(longer);
    }
    Enumerated result;
    for (const auto& order : orders) {
        const double value = of_order(spec, order);
        result.mean += value / static_cast<double>(orders.size());
        result.best = std::max(result.best, value);
        result.worst = std::min(result.worst, value);
    }
    return result;
}

/// Calls visit(groups) for every sequence of groups with `items` items.
template <class Visit>
void all_lists(std::uint32_t items, std::vector<TieGroup>& groups, const Visit& visit) {
    if (items == 0) return visit(groups);
    for (std::uint32_t size = 1; size <= items; ++size)
        for (std::uint32_t relevant = 0; relevant <= size; ++relevant) {
            groups.push_back({size, relevant});
            all_lists(items - size, groups, visit);
            groups.pop_back();
        }
}

double value(Metric which, std::uint32_t k, const std::vector<TieGroup>& groups) {
    return metric(MetricSpec{which, k}, groups);
}

}  // namespace

TEST_CASE(
    "every metric is the mean over all orders that the ties allow, and the bracket its extremes") {
    std::size_t lists = 0;
    for (std::uint32_t items = 1; items <= 7; ++items) {
        std::vector<std::uint32_t> cutoffs(items + 2);  // K beyond the end of the list as well
        std::iota(cutoffs.begin(), cutoffs.end(), 1U);
        const std::vector<MetricSpec> specs = metric_specs(cutoffs);
        std::vector<TieGroup> groups;
        all_lists(items, groups, [&](const std::vector<TieGroup>& list) {
            std::uint32_t relevant = 0;
            for (const TieGroup& group : list) relevant += group.relevant;
            if (relevant == 0) return;
            ++lists;
            const auto first = relevant_first(list);
            const auto last = relevant_last(list);
            std::vector<Bracket<double>> all(specs.size());
            all_metrics(list, cutoffs, all);
            const Bracket<double>* together = all.data();
            for (const MetricSpec& spec : specs) {
                const Enumerated truth = enumerate(spec, list);
                if (std::abs(together->expected - truth.mean) > 1e-12 ||
                    std::abs(together->optimistic - truth.best) > 1e-12 ||
                    std::abs(together->pessimistic - truth.worst) > 1e-12)
                    FAIL_CHECK("together: " << name(spec));
                ++together;
                // One check for three comparisons: a million assertions would dominate the run
                // time.
                const bool right = std::abs(metric(spec, list) - truth.mean) < 1e-12 &&
                                   std::abs(metric(spec, first) - truth.best) < 1e-12 &&
                                   std::abs(metric(spec, last) - truth.worst) < 1e-12;
                if (!right) {
                    CAPTURE(name(spec));
                    for (const TieGroup& group : list) MESSAGE(group.size << "/" << group.relevant);
                    CHECK(metric(spec, list) == doctest::Approx(truth.mean));
                    CHECK(metric(spec, first) == doctest::Approx(truth.best));
                    CHECK(metric(spec, last) == doctest::Approx(truth.worst));
                }
            }
        });
    }
    CHECK(lists == 4488);
}

TEST_CASE("metrics of a long list of ties are the mean over 20,000 random orders of them") {
    const std::vector<std::uint32_t> cutoffs{1, 5, 10, 20};
    const std::vector<MetricSpec> specs = metric_specs(cutoffs);
    constexpr std::uint32_t orders = FEDHASH_SANITIZED ? 200 : 20'000;
    Stream random(11);
    for (const std::uint32_t bits : {8u, 16u, 64u}) {
        CAPTURE(bits);
        // Distances of 300 fair random codes, and nine relevant items anywhere among them.
        std::vector<std::uint32_t> distances;
        std::vector<std::size_t> relevant;
        for (int i = 0; i < 300; ++i)
            distances.push_back(static_cast<std::uint32_t>(std::popcount(random() >> (64 - bits))));
        while (relevant.size() < 9)
            if (const std::size_t item = random() % 300;
                std::ranges::find(relevant, item) == relevant.end())
                relevant.push_back(item);
        std::vector<double> scores, others;
        for (std::size_t i = 0; i < 300; ++i)
            (std::ranges::find(relevant, i) != relevant.end() ? scores : others)
                .push_back(-double(distances[i]));
        const std::vector<TieGroup> groups = tie_groups(scores, others);

        std::vector<double> sum(specs.size()), squares(specs.size());
        std::vector<std::pair<std::uint32_t, std::uint64_t>> keys(300);  // distance, then chance
        std::vector<std::size_t> order(300);
        std::vector<bool> hits(300);
        for (std::uint32_t n = 0; n < orders; ++n) {
            for (std::size_t i = 0; i < 300; ++i) keys[i] = {distances[i], random()};
            std::iota(order.begin(), order.end(), std::size_t{0});
            std::ranges::sort(order, {}, [&](std::size_t i) { return keys[i]; });
            for (std::size_t r = 0; r < 300; ++r)
                hits[r] = std::ranges::find(relevant, order[r]) != relevant.end();
            for (std::size_t m = 0; m < specs.size(); ++m) {
                const double value = of_order(specs[m], hits);
                sum[m] += value;
                squares[m] += value * value;
            }
        }
        for (std::size_t m = 0; m < specs.size(); ++m) {
            CAPTURE(name(specs[m]));
            const double mean = sum[m] / orders,
                         deviation = std::sqrt(std::max(0.0, squares[m] / orders - mean * mean));
            CHECK(std::abs(metric(specs[m], groups) - mean) <=
                  5 * deviation / std::sqrt(double(orders)) + 1e-12);
        }
    }
}

TEST_CASE("metrics of a list worked by hand") {
    // Relevant at ranks 2, 3 and 6 of 8.
    const std::vector<TieGroup> list{{1, 0}, {2, 2}, {2, 0}, {1, 1}, {2, 0}};
    CHECK(value(Metric::hr, 1, list) == 0);
    CHECK(value(Metric::hr, 2, list) == 1);
    CHECK(value(Metric::recall, 5, list) == doctest::Approx(2.0 / 3));
    CHECK(value(Metric::precision, 5, list) == doctest::Approx(0.4));
    CHECK(value(Metric::mrr, 5, list) == doctest::Approx(0.5));
    CHECK(value(Metric::map, 5, list) == doctest::Approx((1.0 / 2 + 2.0 / 3) / 3));
    const double dcg = 1 / std::log2(3.0) + 1 / std::log2(4.0);
    CHECK(value(Metric::ndcg, 5, list) == doctest::Approx(dcg / (1 + 1 / std::log2(3.0) + 0.5)));
    CHECK(value(Metric::auc, 0, list) == doctest::Approx((4.0 + 4 + 2) / 15));
}

TEST_CASE("one relevant item tied with all others is found at the rate of chance") {
    for (const std::uint32_t negatives : {49U, 99U, 3705U}) {
        const std::vector<TieGroup> list{{negatives + 1, 1}};
        CHECK(value(Metric::hr, 10, list) == doctest::Approx(10.0 / (negatives + 1)));
        CHECK(value(Metric::ndcg, 10, list) == doctest::Approx(discounts(10) / (negatives + 1)));
        CHECK(value(Metric::auc, 0, list) == 0.5);
    }
}

TEST_CASE("cut-offs may pass the end of the list") {
    const std::vector<TieGroup> list{{2, 1}, {1, 1}};
    CHECK(value(Metric::hr, 1000, list) == 1);
    CHECK(value(Metric::recall, 1000, list) == 1);
    CHECK(value(Metric::precision, 1000, list) == doctest::Approx(0.002));
    CHECK(value(Metric::mrr, 1000, list) == doctest::Approx(0.75));
    CHECK(value(Metric::ndcg, 10'000, list) > 0.8);
    CHECK(value(Metric::ndcg, 20'000, list) == value(Metric::ndcg, 10'000, list));
}

TEST_CASE("metrics taken together are the single ones, in long lists too") {
    const std::vector<std::uint32_t> cutoffs{1, 10, 1000, 20'000};
    const std::vector<MetricSpec> specs = metric_specs(cutoffs);
    for (const std::vector<TieGroup>& list :
         {std::vector<TieGroup>{{3, 0}, {7000, 1}, {2, 0}}, std::vector<TieGroup>{{5000, 1}},
          std::vector<TieGroup>{{12'000, 0}, {9000, 1}}, std::vector<TieGroup>{{5, 0}, {90, 4}}}) {
        std::vector<Bracket<double>> all(specs.size());
        all_metrics(list, cutoffs, all);
        for (std::size_t i = 0; i < specs.size(); ++i) {
            CAPTURE(name(specs[i]));
            CHECK(all[i].expected == doctest::Approx(metric(specs[i], list)));
            CHECK(all[i].optimistic == doctest::Approx(metric(specs[i], relevant_first(list))));
            CHECK(all[i].pessimistic == doctest::Approx(metric(specs[i], relevant_last(list))));
        }
    }
}

TEST_CASE("a list without relevant items scores 0, one without others has an AUC of 1/2") {
    const std::vector<std::uint32_t> cutoffs{1, 10};
    for (const MetricSpec& spec : metric_specs(cutoffs)) {
        CAPTURE(name(spec));
        CHECK(metric(spec, std::vector<TieGroup>{{5, 0}}) == 0);
        CHECK(metric(spec, std::vector<TieGroup>{}) == 0);
    }
    CHECK(value(Metric::auc, 0, {{3, 3}}) == 0.5);
    CHECK(value(Metric::ndcg, 10, {{3, 3}}) == doctest::Approx(1));
}

TEST_CASE("large groups neither overflow nor lose the sum of chances") {
    const std::uint32_t size = 1'000'000;
    const std::vector<TieGroup> list{{7, 0}, {size, size / 2}};
    CHECK(value(Metric::hr, 9, list) == doctest::Approx(0.75).epsilon(1e-5));
    CHECK(value(Metric::hr, 5000, list) == 1);
    CHECK(value(Metric::recall, 7 + size / 4, list) == doctest::Approx(0.25));
    CHECK(value(Metric::mrr, 8, list) == doctest::Approx(0.5 / 8));
    CHECK(value(Metric::auc, 0, {{3'000'000'000, 1}, {1'000'000'000, 1}}) ==
          doctest::Approx(0.375));
}

TEST_CASE("discounts are the logarithms of the definition, to the last places of a double") {
    double sum = 0;
    for (std::uint32_t rank = 1; rank <= 12'000; ++rank) {
        sum += 1 / std::log2(static_cast<double>(rank) + 1);
        if (rank <= 130 || rank % 997 == 0)
            CHECK(discounts(rank) == doctest::Approx(sum).epsilon(1e-13));
    }
    CHECK(discounts(0) == 0);
    CHECK(discounts(1) == 1);
    CHECK(discounts(3) - discounts(2) == doctest::Approx(0.5).epsilon(1e-15));
}

TEST_CASE("tie groups follow the scores") {
    const std::vector<double> relevant{2, 5, 2, -1};
    const std::vector<double> others{9, 5, 3, 4, 2, 2, 0, -1, -7, -8};
    const std::vector<TieGroup> expected{{1, 0}, {2, 1}, {2, 0}, {4, 2}, {1, 0}, {2, 1}, {2, 0}};
    CHECK(tie_groups(relevant, others) == expected);
    CHECK(tie_groups(relevant, {}) == std::vector<TieGroup>{{1, 1}, {2, 2}, {1, 1}});
    CHECK(tie_groups({}, others) == std::vector<TieGroup>{{10, 0}});
    CHECK(tie_groups({}, {}).empty());
}

TEST_CASE("tie groups agree with sorting for any number of relevant items") {
    std::uint64_t state = 1;
    const auto draw = [&](std::uint64_t bound) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33) % bound;
    };
    for (std::size_t size = 0; size <= 33; ++size) {
        std::vector<double> relevant(size), others(50);
        for (double& score : relevant) score = static_cast<double>(draw(40));
        for (double& score : others) score = static_cast<double>(draw(40));
        std::vector<TieGroup> expected;
        for (int level = 40; level-- > 0;) {
            const auto r =
                static_cast<std::uint32_t>(std::count(relevant.begin(), relevant.end(), level));
            const auto o =
                static_cast<std::uint32_t>(std::count(others.begin(), others.end(), level));
            if (r + o == 0) continue;
            if (r == 0 && !expected.empty() && expected.back().relevant == 0)
                expected.back().size += o;
            else
                expected.push_back({r + o, r});
        }
        CAPTURE(size);
        CHECK(tie_groups(relevant, others) == expected);
    }
}
