#include "common/links.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fedhash;

namespace {

Link plain(std::int64_t bps) { return {{bps, bps, 0, 0, 0, 1}, 0}; }

}  // namespace

TEST_CASE("a transfer takes its bits with headers by the rate, after the latency") {
    // 1448 bytes are one segment of 1514 on the link: 12112 bits.
    CHECK(transfer_ns(plain(1'000'000), Way::down, 1448, 0) == 12'112'000);
    CHECK(transfer_ns(plain(12'112), Way::up, 1448, 0) == 1'000'000'000);
    CHECK(with_headers(1449) == 1449 + 2 * 66);
    CHECK(transfer_ns(plain(1'000), Way::up, 0, 0) == 0);
    Link late = plain(1'000'000);
    late.row.latency_us = 30'000;
    late.row.jitter_us = 1'024;
    CHECK(transfer_ns(late, Way::down, 1448, 0) == 42'112'000);
    // The jitter is the draw's share.
    CHECK(transfer_ns(late, Way::down, 1448, 1u << 31) == 42'112'000 + 512'000);
    // Losing half means sending twice.
    Link lossy = plain(1'000'000);
    lossy.row.loss_ppm = 500'000;
    CHECK(transfer_ns(lossy, Way::down, 1448, 0) == 2 * 12'112'000);
}

TEST_CASE("the largest message on the slowest link does not overflow") {
    Link slow = plain(1'000);
    slow.row.loss_ppm = 900'000;
    const std::int64_t ns = transfer_ns(slow, Way::down, std::size_t{64} << 20, 0);
    CHECK(ns > std::int64_t{5'000'000} * 1'000'000'000);
    CHECK(ns < std::int64_t{6'500'000} * 1'000'000'000);
}

TEST_CASE("a user's link follows from the seed, and links are dealt by their shares") {
    LinkModel model;
    for (const NamedLinks& named : named_links())
        if (named.name == "mixed") model.rows = named.rows;
    model.compute_us = 100;
    model.devices = {{256, 3}, {1024, 1}};
    std::size_t fibre = 0, slow = 0;
    for (std::uint32_t u = 0; u < 10'000; ++u) {
        const Link link = link_of(model, 7, UserId{u}), again = link_of(model, 7, UserId{u});
        REQUIRE(link.row.down_bps == again.row.down_bps);
        REQUIRE(link.compute_us == again.compute_us);
        fibre += link.row.down_bps == 20'000'000 ? 1 : 0;
        slow += link.compute_us == 400 ? 1 : 0;
    }
    // Four standard deviations of a binomial.
    CHECK(std::abs(double(fibre) - 4000) < 196);
    CHECK(std::abs(double(slow) - 2500) < 174);
}

TEST_CASE("rates are spread over so many octaves, about the link's own") {
    LinkModel model;
    model.rows = {{1'000'000, 2'000'000, 0, 0, 0, 1}};
    model.spread_q8 = 256;  // one octave: from a half to twice
    std::vector<std::int64_t> rates;
    for (std::uint32_t u = 0; u < 4000; ++u)
        rates.push_back(link_of(model, 1, UserId{u}).row.down_bps);
    std::ranges::sort(rates);
    CHECK(rates.front() >= 500'000);
    CHECK(rates.front() < 510'000);
    CHECK(rates.back() <= 2'000'000);
    CHECK(rates.back() > 1'960'000);
    CHECK(double(rates[2000]) == doctest::Approx(1e6).epsilon(0.05));
}
