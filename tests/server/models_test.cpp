// Who is there, when uploads arrive, and what stale ones count.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "common/aggregate.hpp"
#include "server/asynchrony.hpp"
#include "server/attendance.hpp"
#include "server/ledger.hpp"
#include "server/virtual_clock.hpp"

using namespace fedhash;
using namespace fedhash::server;

TEST_CASE("with everybody there a cohort is as large as needed, and over-selection asks for more") {
    const Attendance all({}, 3, 100);
    CHECK(all.cohort(1, 100, 0).size() == 100);
    CHECK(all.cohort(1, 10, 0).size() == 10);
    CHECK(all.cohort(1, 10, 0) == all.cohort(1, 10, 99));
    CHECK(all.cohort(1, 10, 0) != all.cohort(2, 10, 0));
    AttendanceModel more;
    more.over_selection = 1.26;
    CHECK(Attendance(more, 3, 100).cohort(1, 50, 0).size() == 63);
    CHECK(Attendance(more, 3, 100).cohort(1, 90, 0).size() == 100);
}

TEST_CASE("a cohort is of users who are there, ascending, and as many as the model says") {
    AttendanceModel model;
    model.available = 0.3;
    model.dropout = 0.2;
    const Attendance some(model, 5, 2000);
    std::size_t there = 0, dropped = 0;
    for (std::uint32_t round = 1; round <= 10; ++round) {
        const std::vector<UserId> cohort = some.cohort(round, 2000, 0);
        CHECK(std::ranges::is_sorted(cohort));
        for (const UserId user : cohort) {
            REQUIRE(some.is_there(round, user, 0));
            dropped += some.drops(round, user) ? 1 : 0;
        }
        there += cohort.size();
        const std::vector<UserId> few = some.cohort(round, 50, 0);
        CHECK(few.size() == 50);
        CHECK(std::ranges::includes(cohort, few));
    }
    CHECK(std::abs(double(there) - 6000) < 4 * 65);
    CHECK(std::abs(double(dropped) - 0.2 * double(there)) < 4 * 31);
    model.available = 1e-9;
    CHECK(Attendance(model, 5, 20).cohort(1, 20, 0).empty());
}

TEST_CASE("a trace says when, repeats by its period, and binds those whom it names alone") {
    AttendanceModel model;
    model.trace = {{1, 10, 20}, {1, 40, 50}};
    model.period_ns = 100;
    const Attendance traced(model, 1, 3);
    for (const std::int64_t time : {10, 19, 40, 110, 145})
        CHECK(traced.is_there(1, UserId{1}, time));
    for (const std::int64_t time : {0, 9, 20, 39, 50, 99, 120}) {
        CHECK_FALSE(traced.is_there(1, UserId{1}, time));
        CHECK(traced.is_there(1, UserId{0}, time));
    }
}

TEST_CASE("an upload arrives after its way down, the work and its way up") {
    LinkModel links;
    links.rows = {{8'000, 4'000, 1'000, 0, 0, 1}};
    links.compute_us = 5'000;
    VirtualClock clock(links, 1, 2);
    const std::int64_t down = 1'000'000 + 8 * (100 + 66) * 125'000,
                       up = 1'000'000 + 8 * (50 + 66) * 250'000;
    CHECK(clock.arrival_ns(7, UserId{0}, 1, 0, 100, 50) == 7 + down + 5'000'000 + up);
    // Later questions of a round are answered from what was computed for the first.
    CHECK(clock.arrival_ns(7, UserId{0}, 1, 1, 100, 50) == 7 + down + up);
    clock.advance_to(50);
    clock.advance_to(20);
    CHECK(clock.now_ns() == 50);
    const VirtualClock none({}, 1, 2);
    CHECK_FALSE(none.runs());
    CHECK(none.arrival_ns(7, UserId{0}, 1, 0, 100, 50) == 7);
}

TEST_CASE("stale uploads count less and less, and never nothing") {
    CHECK(staleness_weight(0, 65536) == 16);
    CHECK(staleness_weight(1, 65536) == 8);
    CHECK(staleness_weight(3, 32768) == 8);
    CHECK(staleness_weight(5, 0) == 16);
    CHECK(staleness_weight(100, 4 * 65536) == 1);
}

TEST_CASE("sums are scaled to the nearest integer, symmetrically") {
    Aggregate sum({2, 1, 0, false, 0});
    sum.users = 3;
    sum.rows = {7, -7};
    sum.counts = {3};
    sum.gram = {16, -16, 1, -1};
    sum.scale(8, 16);
    CHECK(sum.users == 2);
    CHECK(sum.rows == std::vector<std::int64_t>{4, -4});
    CHECK(sum.counts == std::vector<std::int64_t>{2});
    CHECK(sum.gram == std::vector<std::int64_t>{8, -8, 1, -1});
    const Aggregate before = sum;
    sum.scale(16, 16);
    CHECK(sum == before);
}

TEST_CASE("sizes have a mean, quantiles and what they tell") {
    Sizes sizes;
    CHECK(sizes.mean() == 0);
    CHECK(sizes.quantile(0.5) == 0);
    for (const std::size_t bytes : {10u, 10u, 20u, 40u}) sizes.add(bytes);
    CHECK(sizes.count() == 4);
    CHECK(sizes.mean() == 20);
    CHECK(sizes.quantile(0.5) == 10);
    CHECK(sizes.quantile(0.75) == 20);
    CHECK(sizes.quantile(1) == 40);
    CHECK(sizes.entropy_bits() == doctest::Approx(1.5));
    Sizes same;
    same.add(7);
    same.add(7);
    CHECK(same.entropy_bits() == 0);
    same += sizes;
    CHECK(same.count() == 6);
}

TEST_CASE("a device's round is its tables, requests and uploads, what was away counts none") {
    Ledger ledger(3);
    ledger.needed(UserId{0}, 1016, 20);
    ledger.needed(UserId{0}, 0, 20);
    ledger.said(UserId{0}, 116);
    ledger.needed(UserId{2}, 516, 0);  // took the tables and went
    const DeviceTraffic round = ledger.end_device_round();
    CHECK(round.tables.frames == 2);
    CHECK(round.tables.payload == 1500);
    CHECK(round.requests.frames == 2);
    CHECK(round.uploads.payload == 100);
    CHECK(round.down.count() == 2);
    CHECK(round.down.quantile(1) == 1056);
    CHECK(round.up.quantile(0.5) == 0);
    CHECK(ledger.end_device_round().down.empty());
    CHECK(ledger.devices().down.count() == 2);
    CHECK(ledger.user(UserId{0}).down == 1056);
    CHECK(ledger.user(UserId{1}).down == 0);
}
