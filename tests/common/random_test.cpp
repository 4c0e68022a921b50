#include "common/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "common/codes.hpp"
#include "common/population.hpp"

using namespace fedhash;

TEST_CASE("a stream is SplitMix64: it gives the published numbers") {
    Stream random(
        1234567);  // the test vector of the reference implementation (Vigna, prng.di.unimi.it)
    CHECK(random() == 6457827717110365317ULL);
    CHECK(random() == 3203168211198807973ULL);
    CHECK(random() == 9817491932198370423ULL);
}

TEST_CASE(
    "a stream is a pure function of its four keys, and different keys give different streams") {
    std::set<std::uint64_t> first_draws;
    std::size_t streams = 0;
    for (std::uint64_t seed : {0, 1, 2, 1000})
        for (std::uint64_t purpose = 1; purpose <= 8; ++purpose)
            for (std::uint64_t a = 0; a < 12; ++a)
                for (std::uint64_t b = 0; b < 12; ++b, ++streams) {
                    Stream one = stream(seed, Purpose{purpose}, a, b);
                    Stream same = stream(seed, Purpose{purpose}, a, b);
                    const std::uint64_t draw = one();
                    REQUIRE(draw == same());
                    first_draws.insert(draw);
                }
    CHECK(first_draws.size() == streams);
}

TEST_CASE("streams of neighbouring keys agree in about half of their bits") {
    std::uint64_t agreeing = 0, bits = 0;
    for (std::uint64_t user = 0; user < 1000; ++user) {
        Stream here = stream(7, Purpose::user_code, user),
               there = stream(7, Purpose::user_code, user + 1);
        agreeing += static_cast<std::uint64_t>(std::popcount(~(here() ^ there())));
        bits += 64;
    }
    // 64,000 fair coins: sd 126.5; fixed seed, so this either holds for ever or never.
    CHECK(std::abs(static_cast<double>(agreeing) - 32'000.0) < 6 * 126.5);
}

TEST_CASE("first item codes are made from the seed alone and leave the bits past the last at 0") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u, 256u}) {
        CAPTURE(bits);
        const Codes codes = initial_item_codes(9, bits, 50);
        CHECK(codes == initial_item_codes(9, bits, 50));
        CHECK(codes.words != initial_item_codes(10, bits, 50).words);
        for (std::size_t i = 0; i < codes.rows; ++i)
            REQUIRE((codes.row(i).back() & ~word_mask(bits, codes.stride() - 1)) == 0);
    }
}

TEST_CASE("dealing users to clients round-trips and leaves nobody out") {
    for (std::uint32_t users = 1; users <= 40; ++users) {
        for (std::uint32_t clients = 1; clients <= users; ++clients) {
            std::uint32_t dealt = 0;
            for (std::uint32_t client = 0; client < clients; ++client) {
                const std::uint32_t hosted = users_of(client, clients, users);
                dealt += hosted;
                for (std::uint32_t j = 0; j < hosted; ++j) {
                    const UserId user = hosted_user(client, clients, j);
                    REQUIRE(index(user) < users);
                    REQUIRE(client_of(user, clients) == client);
                    REQUIRE(position_of(user, clients) == j);
                }
            }
            REQUIRE(dealt == users);
        }
    }
}

TEST_CASE("a cohort has the size that participation gives, rounded, and at least one user") {
    CHECK(cohort_size(1.0, 943) == 943);
    CHECK(cohort_size(0.5, 943) == 472);
    CHECK(cohort_size(0.1, 4) == 1);
    CHECK(cohort_size(1e-9, 1000) == 1);
    CHECK(cohort_size(0.25, 10) == 3);
}

TEST_CASE("a cohort is drawn without replacement, ascending, and depends on seed and round alone") {
    for (std::uint32_t round = 1; round < 50; ++round) {
        CAPTURE(round);
        const auto cohort = sample_cohort(3, Round{round}, 20, 77);
        REQUIRE(cohort.size() == 20);
        REQUIRE(std::is_sorted(cohort.begin(), cohort.end()));
        REQUIRE(std::adjacent_find(cohort.begin(), cohort.end()) == cohort.end());
        REQUIRE(index(cohort.back()) < 77);
        REQUIRE(cohort == sample_cohort(3, Round{round}, 20, 77));
        REQUIRE(cohort != sample_cohort(3, Round{round + 1}, 20, 77));
        REQUIRE(cohort != sample_cohort(4, Round{round}, 20, 77));
    }
    const auto everyone = sample_cohort(3, Round{1}, 5, 5);
    for (std::size_t u = 0; u < 5; ++u) CHECK(index(everyone[u]) == u);
}

TEST_CASE("over many rounds every user is drawn about equally often") {
    constexpr std::uint32_t rounds = 4000, users = 50, size = 10;
    std::vector<int> drawn(users);
    for (std::uint32_t round = 1; round <= rounds; ++round)
        for (UserId user : sample_cohort(11, Round{round}, size, users)) ++drawn[index(user)];
    const double mean = rounds * 0.2, sd = std::sqrt(rounds * 0.2 * 0.8);
    double chi2 = 0;
    for (std::uint32_t u = 0; u < users; ++u) {
        CAPTURE(u);
        CHECK(std::abs(drawn[u] - mean) < 5 * sd);
        chi2 += (drawn[u] - mean) * (drawn[u] - mean) / (sd * sd);
    }
    CHECK(chi2 < 95);  // 49 degrees of freedom: the 0.9999 point is 94.1 (counts of a cohort are a
                       // little less spread)
}
