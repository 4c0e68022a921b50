#include <doctest/doctest.h>

#include <cmath>

#include "common/noise.hpp"
#include "scenarios/exposure/score_answers.hpp"
#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using namespace fedhash::scenarios::attacks;
using scenarios::Exposure;

namespace {

server::Observation upload(std::uint32_t user, std::initializer_list<std::uint32_t> items,
                           std::vector<std::int64_t> rows = {}) {
    server::Observation seen{1, UserId{user}, 0, ids(items), std::move(rows), {}};
    seen.weights.resize(seen.items.size());
    return seen;
}

}  // namespace

TEST_CASE("ballots are read on the items that the user is known to have, one at a time") {
    MadeSight made(4, 50, "ballots");
    made.seen.push_back(upload(0, {3, 7}, {1, 0, -1, 0, 0, 0, 0, 1}));
    made.seen.push_back(upload(1, {7}, {2, 0, 0, -1}));  // two ballots on one bit
    made.seen.push_back(upload(2, {9}, {1, 1, 1, 1}));   // nothing of its own
    Sight sight = made.sight();
    const std::vector<Hint> sets{
        {UserId{0}, ids({3})}, {UserId{1}, ids({7})}, {UserId{2}, ids({1, 2})}, {UserId{5}, {}}};
    sight.sets = sets;
    const std::vector<Claim> claims = ballots_said(sight);
    REQUIRE(claims.size() == 3);
    using Bits = std::vector<std::pair<std::uint32_t, bool>>;
    CHECK(claims[0].bits == Bits{{0, true}, {2, false}});
    CHECK(claims[1].bits == Bits{{3, false}});
    CHECK(claims[2].bits.empty());

    const scenarios::Truth truth{nullptr, {packed({1, 1, 1, 1}), packed({1, 1, 1, -1}), {}}};
    const Exposure figure = scenarios::score_bits(claims, truth).at(0);
    CHECK(figure.trials == 3);
    CHECK(figure.value == doctest::Approx(2.0 / 3));
    CHECK(figure.of == "ballots");
}

TEST_CASE("of two items a row tells which one is there, and two rows or none tell nothing") {
    MadeSight made(4, 50, "residual");
    made.seen.push_back(upload(0, {3, 7}));
    made.seen.push_back(upload(1, {7}));
    made.seen.push_back(upload(2, {9}));
    const auto ask = [&](std::uint32_t user, std::uint32_t has, std::uint32_t other) {
        made.asked.emplace_back(UserId{user}, ItemId{has});
        made.asked.emplace_back(UserId{user}, ItemId{other});
    };
    ask(0, 3, 4);  // right
    ask(0, 3, 7);  // both
    ask(1, 8, 9);  // neither
    ask(1, 8, 7);  // wrong
    ask(4, 1, 2);  // did not upload
    const Exposure figure = scenarios::score_pairs(row_of_two(made.sight())).at(0);
    CHECK(figure.trials == 2);
    CHECK(figure.value == 0.5);
}

TEST_CASE("who knows all others sees whether a user is in a sum, as far as noise lets it") {
    MadeSight made(4, 50, "residual");
    made.variant.privacy.row_cap = 4;
    made.variant.privacy.noise_clip = 100;
    made.variant.privacy.noise_users = 1;
    made.variant.privacy.noise_q8 = 64;
    made.sum.users = {UserId{0}};
    const double deviation = std::sqrt(double(noise_of(made.variant)[0].variance));
    const auto large = static_cast<std::int64_t>(std::ceil(4 * deviation));
    const std::vector<Candidate> candidates{
        {UserId{0}, {large}, {1}, {0}, {large + 3}, {1}, {0}},  // there, and a little noise
        {UserId{1}, {large}, {1}, {0}, {5}, {0}, {0}},          // not there
        {UserId{2}, {1}, {0}, {0}, {-large}, {0}, {0}}};        // noise says no
    Sight sight = made.sight();
    sight.candidates = candidates;
    const std::vector<Claim> claims = taking_part(sight);
    REQUIRE(claims.size() == 3);
    CHECK(claims[0].belief[0] == doctest::Approx(8).epsilon(0.05));  // (4 deviations)^2 / 2
    CHECK(claims[1].belief[0] == doctest::Approx(-8).epsilon(0.05));
    scenarios::Truth truth;
    truth.present = {true, false, true};
    const Exposure figure = scenarios::score_presence(claims, truth).at(0);
    CHECK(figure.value == doctest::Approx(2.0 / 3));
    CHECK(figure.trials == 3);
}
