// Secure aggregation, both halves: what comes out is the sum of those who said something, or
// nothing.
#include <doctest/doctest.h>

#include <set>

#include "tests/server/masked_cohort.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using client::Identity;
using client::SecureUser;
using secure::Key;
using server::SecureSum;

TEST_CASE("every dropout pattern of up to eight users: the sum of those who said it, or nothing") {
    std::size_t sums = 0, aborts = 0;
    for (std::uint32_t n = 3; n <= (FEDHASH_SANITIZED ? 5 : 8); ++n) {
        Cohort cohort(n, 20, n);
        // All four endings of everyone.
        for (std::size_t p = 0; p < std::size_t{1} << (2 * n); ++p) {
            std::vector<Gone> gone;
            for (std::uint32_t u = 0; u < n; ++u)
                gone.push_back(static_cast<Gone>(2 + ((p >> (2 * u)) & 3)));
            const auto expected = cohort.expected(gone);
            CHECK(cohort.finish(gone) == expected);
            ++(expected ? sums : aborts);
        }
    }
    CHECK(sums > (FEDHASH_SANITIZED ? 20u : 400u));
    CHECK(aborts > (FEDHASH_SANITIZED ? 100u : 400u));
}

TEST_CASE("random dropouts of random cohorts of up to 64") {
    const int cohorts = FEDHASH_SANITIZED ? 3 : 100, patterns = FEDHASH_SANITIZED ? 20 : 100;
    std::size_t sums = 0;
    Stream random(11);
    for (int c = 0; c < cohorts; ++c) {
        const auto n = static_cast<std::uint32_t>(3 + random() % 62);
        Cohort cohort(n, static_cast<std::uint32_t>(2 * (2 + random() % 4)), random());
        for (int p = 0; p < patterns; ++p) {
            const std::uint64_t stay = random() % 100;
            std::vector<Gone> gone(n, never);
            for (Gone& when : gone)
                if (random() % 100 >= stay) when = static_cast<Gone>(2 + random() % 3);
            if (p % 2 == 0)
                for (Gone& when : gone)
                    when = random() % 20 == 0 ? static_cast<Gone>(2 + random() % 3) : never;
            const auto expected = cohort.expected(gone);
            CHECK(cohort.finish(gone) == expected);
            sums += expected ? 1 : 0;
        }
    }
    CHECK(sums > (FEDHASH_SANITIZED ? 10u : 3000u));
}

TEST_CASE("a thousand users with forty neighbours each, a fifth of whom go") {
    const std::uint32_t n = FEDHASH_SANITIZED ? 100 : 1000;
    Cohort cohort(n, 40, 4);
    Stream random(12);
    for (int p = 0; p < (FEDHASH_SANITIZED ? 2 : 20); ++p) {
        std::vector<Gone> gone(n, never);
        for (Gone& when : gone)
            if (random() % 5 == 0) when = static_cast<Gone>(2 + random() % 3);
        const auto expected = cohort.expected(gone);
        CHECK(expected.has_value());
        CHECK(cohort.finish(gone) == expected);
    }
}

TEST_CASE("the coordinator sees nothing of a value in what one user says") {
    // Equal sums of different values unmask to the same, from inputs that have nothing in common.
    Cohort a(4, 20, 9), b(4, 20, 9);
    b.values[0][0] += 5;
    b.values[1][0] -= 5;
    const std::vector<Gone> all(4, never);
    CHECK(a.finish(all) == b.finish(all));
    const auto masked = [](Cohort& cohort) {
        SecureSum server = cohort.sum;
        for (std::uint32_t u = 0; u < 4; ++u) server.take_shares(UserId{u}, cohort.said[u]);
        SecureUser device = cohort.users[0];
        device.keep(server.shares_for(UserId{0}));
        return device.mask(cohort.values[0]);
    };
    const auto of_a = masked(a), of_b = masked(b);
    CHECK(of_a[0] != a.round.ring.of(a.values[0][0]));
    // The same masks here, so that the difference is that of the values: fresh ones hide it.
    CHECK(a.round.ring.lift((of_b[0] - of_a[0]) & a.round.ring.mask()) == 5);
}

TEST_CASE("a server that shows one user other tables is found out before anything is said") {
    const std::vector<Key> known = Cohort(6, 4, 1).known;
    for (std::uint32_t victim = 0; victim < 6; ++victim) {
        CAPTURE(victim);
        const secure::Terms round{numbered(1), secure::ring_for(6, clip), cells};
        secure::Terms other = round;
        other.context = numbered(2);
        std::vector<SecureUser> users;
        SecureSum server(round, 4, victim);
        for (std::uint32_t u = 0; u < 6; ++u) {
            users.emplace_back(UserId{u}, u == victim ? other : round, numbered(50 + u),
                               Identity{Cohort::secret_of(u), known});
            server.advertise(users.back().advertise());
        }
        server.lay_graph();
        std::set<std::uint32_t> refused;
        for (std::uint32_t u = 0; u < 6; ++u) {
            try {
                users[u].share(server.neighbours_of(UserId{u}));
            } catch (const secure::Refusal& refusal) {
                refused.insert(u);
                if (u != victim)
                    CHECK(std::string(refusal.what())
                              .find("the keys of user " + std::to_string(victim) +
                                    " are not signed by it for this round") != std::string::npos);
            }
        }
        CHECK(refused.contains(victim));
        CHECK(refused.size() == 5);  // the victim and its four neighbours
    }
}

TEST_CASE("shares that somebody changed on the way do not open") {
    Cohort cohort(4, 20, 6);
    SecureSum server = cohort.sum;
    for (std::uint32_t u = 0; u < 4; ++u) server.take_shares(UserId{u}, cohort.said[u]);
    auto shares = server.shares_for(UserId{0});
    shares[1].sealed[5] ^= 1;
    CHECK_THROWS_WITH_AS(cohort.users[0].keep(shares),
                         "the shares of user 2 do not open: they were changed on the way",
                         secure::Refusal);
}

TEST_CASE("a server that asks for both secrets of somebody gets none") {
    Cohort cohort(6, 20, 3);
    SecureSum server = cohort.sum;
    for (std::uint32_t u = 0; u < 6; ++u) server.take_shares(UserId{u}, cohort.said[u]);
    for (std::uint32_t u = 0; u < 6; ++u) cohort.users[u].keep(server.shares_for(UserId{u}));
    const auto refuses = [&](const secure::Question& question, const std::string& reason) {
        SecureUser device = cohort.users[0];
        try {
            device.reveal(question);
            FAIL("revealed");
        } catch (const secure::Refusal& refusal) {
            CHECK(std::string(refusal.what()).find(reason) != std::string::npos);
        }
    };
    refuses({{UserId{1}, UserId{2}}, {UserId{2}}}, "both secrets of user 2");
    refuses({{UserId{1}, UserId{1}}, {}}, "both secrets of user 1");
    refuses({{UserId{0}}, {}}, "its own");
    refuses({{UserId{77}}, {}}, "user 77, which it has not got");
    SecureUser device = cohort.users[0];
    device.reveal({{UserId{1}}, {UserId{2}}});
    CHECK_THROWS_AS(device.reveal({{UserId{2}}, {UserId{1}}}), secure::Refusal);
}

TEST_CASE("devices refuse what cannot be right, the coordinator too") {
    Cohort cohort(5, 20, 8);
    const Key secret = numbered(1);
    const auto adverts = cohort.sum.neighbours_of(UserId{0});
    SecureUser device(UserId{0}, cohort.round, secret, {Cohort::secret_of(0), cohort.known});
    CHECK_THROWS_AS(SecureUser(device).share(std::span(adverts).first(1)), secure::Refusal);
    auto twice = adverts;
    twice[1] = twice[0];
    CHECK_THROWS_AS(SecureUser(device).share(twice), secure::Refusal);
    auto itself = adverts;
    itself[0].user = UserId{0};
    CHECK_THROWS_AS(SecureUser(device).share(itself), secure::Refusal);
    auto weak = adverts;
    weak[0].masking = Key{};
    weak[0].signature =
        secure::sign(Cohort::secret_of(1), secure::signed_part(weak[0], cohort.round));
    CHECK_THROWS_WITH_AS(SecureUser(device).share(weak),
                         "user 1 has a key that agrees with everybody's", secure::Refusal);
    auto stranger = adverts;
    stranger[0].user = UserId{77};
    CHECK_THROWS_AS(SecureUser(device).share(stranger), secure::Refusal);
    auto unsigned_one = adverts;
    unsigned_one[0].signature[9] ^= 1;
    CHECK_THROWS_AS(SecureUser(device).share(unsigned_one), secure::Refusal);
    CHECK_THROWS_AS(cohort.users[0].mask(Values(3)), std::invalid_argument);
    CHECK_THROWS_AS(cohort.users[0].mask(Values(cells, std::int64_t{1} << 40)),
                    std::invalid_argument);

    SecureSum server = cohort.sum;
    CHECK_THROWS_AS(server.advertise(cohort.users[0].advertise()), std::invalid_argument);
    CHECK_THROWS_AS(server.take_shares(UserId{99}, {}), std::invalid_argument);
    auto few = cohort.said[0];
    few.pop_back();
    CHECK_THROWS_AS(server.take_shares(UserId{0}, few), std::invalid_argument);
    auto wrong = cohort.said[0];
    wrong[0].to = UserId{0};
    CHECK_THROWS_AS(server.take_shares(UserId{0}, wrong), std::invalid_argument);
    const std::vector<std::uint64_t> zeros(cells);
    CHECK_THROWS_AS(server.take_masked(UserId{0}, zeros), std::invalid_argument);  // no shares yet
    for (std::uint32_t u = 0; u < 5; ++u) server.take_shares(UserId{u}, cohort.said[u]);
    CHECK_THROWS_AS(server.take_shares(UserId{0}, cohort.said[0]), std::invalid_argument);
    const std::vector<std::uint64_t> large(cells, ~std::uint64_t{0});
    CHECK_THROWS_AS(server.take_masked(UserId{0}, large), std::invalid_argument);
    CHECK_THROWS_AS(server.take_masked(UserId{0}, std::span(zeros).first(2)),
                    std::invalid_argument);
    CHECK_THROWS_AS(server.take_revealed({UserId{0}, {}, {}}), std::invalid_argument);
    CHECK_FALSE(server.sum());  // nobody said anything
}
