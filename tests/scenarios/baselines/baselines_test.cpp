#include "scenarios/baselines/baselines.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/scenarios/baselines/made_data.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using client::Part;

namespace {

constexpr std::array<std::uint32_t, 2> cutoffs{5, 10};

/// Without a hash nothing is cached.
const BaselineSettings quick{.ials_factors = 32, .ials_epochs = 5};

double hit_rate(const MetricSums& sums) { return sums.mean(sums.values[6].expected); }
double ndcg(const MetricSums& sums) { return sums.mean(sums.values[7].expected); }

}  // namespace

TEST_CASE("random codes find an item as often as chance, at every length") {
    const Prepared data = made_data({.users = 3000, .candidates = 49});
    for (const std::uint32_t bits : {1U, 16U, 64U, 65U, 256U}) {
        CAPTURE(bits);
        const Baseline row = random_codes(data, bits, 1, cutoffs, Part::test);
        CHECK(row.name == "random");
        CHECK(row.sums.users == 3000);
        CHECK(hit_rate(row.sums) == doctest::Approx(0.2).epsilon(0.15));
        CHECK(row.sums == random_codes(data, bits, 1, cutoffs, Part::test).sums);
        CHECK(row.sums != random_codes(data, bits, 2, cutoffs, Part::test).sums);
    }
}

TEST_CASE("popularity ranks by training counts") {
    Prepared data = made_data({.users = 1, .items = 6, .topics = 1, .taken = 3});
    client::UserData& user = data.users[0];
    user.train = {{ItemId{0}, 1.0F}};
    user.valid = {{ItemId{1}}, {0}, {}};
    user.test = {{ItemId{2}}, {0}, {}};
    data.item_counts = {9, 8, 3, 5, 3, 1};
    // Ranked for testing: 3 (5), then 2 and 4 (3 each), then 5.
    const Baseline row = popularity(data, std::array{2U}, Part::test);
    CHECK(row.sums.values[0].expected == to_fixed(0.5));
    CHECK(row.sums.values[0].optimistic == to_fixed(1));
    CHECK(row.sums.values[0].pessimistic == 0);
}

TEST_CASE("iALS finds structure that popularity cannot see") {
    for (const std::uint32_t candidates : {0U, 30U}) {
        CAPTURE(candidates);
        const Prepared data = made_data({.users = 400, .candidates = candidates});
        const Baseline flat = popularity(data, cutoffs, Part::test);
        const Baseline row = ials(data, quick, 1, cutoffs);
        CHECK(row.name == "ials");
        CHECK(row.sums.users == 400);
        CHECK(ndcg(row.sums) > 1.5 * ndcg(flat.sums));
        CHECK(hit_rate(row.sums) > 0.6);
    }
}

TEST_CASE("without a validation part iALS tunes on its own hold-out and is fitted again") {
    for (const std::uint32_t candidates : {0U, 30U}) {
        const Prepared data =
            made_data({.users = 300, .validation = false, .candidates = candidates});
        const Baseline row = ials(data, quick, 1, cutoffs);
        CAPTURE(row.detail);
        CHECK(row.detail.find("hold-out from the training part") != std::string::npos);
        CHECK(ndcg(row.sums) > 1.5 * ndcg(popularity(data, cutoffs, Part::test).sums));
    }
}

TEST_CASE("the number of threads does not change the tuned baseline") {
    const Prepared data = made_data({.users = 200});
    const Baseline one = ials(data, quick, 1, cutoffs, {}, 1);
    const Baseline three = ials(data, quick, 1, cutoffs, {}, 3);
    CHECK(one.sums == three.sums);
    CHECK(one.detail == three.detail);
}

TEST_CASE("data without anything to tune on or to test still have a row") {
    Prepared data =
        made_data({.users = 5, .items = 12, .topics = 2, .taken = 3, .validation = false});
    for (auto& user : data.users) {
        user.train.resize(1);
        user.test = {};
    }
    const Baseline row = ials(data, quick, 1, cutoffs);
    CHECK(row.sums.users == 0);
}

TEST_CASE("the three rows come in order, or not at all") {
    const Prepared data = made_data({});
    int lines = 0;
    Listener listener;
    listener.progress = [&](std::string_view) { ++lines; };
    const auto rows = run_baselines(data, quick, 64, 1, cutoffs, listener);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == "random");
    CHECK(rows[1].name == "popularity");
    CHECK(rows[2].name == "ials");
    CHECK(lines > 10);
    BaselineSettings off = quick;
    off.enabled = false;
    CHECK(run_baselines(data, off, 64, 1, cutoffs).empty());
}
