#include <doctest/doctest.h>

#include <cmath>

#include "scenarios/exposure/score.hpp"
#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using scenarios::Exposure;
using scenarios::attacks::About;
using scenarios::attacks::Claim;

namespace {

/// Two users with two ratings each of four items; the most popular item is 1.
scenarios::Prepared made_data() {
    scenarios::Prepared data;
    data.users.resize(2);
    data.users[0] = {UserId{0}, {{ItemId{0}, 1.0f}, {ItemId{1}, 0.5f}}, {}, {}};
    data.users[1] = {UserId{1}, {{ItemId{1}, 1.0f}, {ItemId{3}, 0.0f}}, {}, {}};
    data.item_counts = {1, 2, 0, 1};
    data.ranking.items = 4;
    return data;
}

std::vector<Exposure> scored(About about, const std::vector<Claim>& claims,
                             const scenarios::Truth& truth, std::uint32_t bits = 8) {
    const scenarios::attacks::Attack attack{"A0", "made", about, nullptr, nullptr};
    return scenarios::score(attack, claims, truth, bits);
}

Claim claim_of(std::uint32_t user) {
    Claim claim;
    claim.user = UserId{user};
    return claim;
}

}  // namespace

TEST_CASE("item sets are scored by F1, against who guesses the popular ones") {
    const scenarios::Prepared data = made_data();
    Claim right = claim_of(0), half = claim_of(1);
    right.items = ids({0, 1});
    half.items = ids({1, 2});
    const auto figures = scored(About::items, {right, half}, {&data, {}});
    CHECK(figures[0].value == doctest::Approx(0.75));
    CHECK(figures[0].chance == doctest::Approx(0.75));  // items 1 and 0, of two each
    CHECK(figures[1].value == doctest::Approx(0.5));
    CHECK(figures[1].trials == 2);
}

TEST_CASE("uploads without names are linked where they are really one user's") {
    const scenarios::Prepared data = made_data();
    Claim claim = claim_of(0);
    claim.suspects = {UserId{0}};
    scenarios::Truth truth{&data};
    CHECK(scored(About::identity, {claim}, truth)[0].value == 1);  // everybody is who it says
    truth.now = {{UserId{0}, UserId{1}}, {UserId{1}, UserId{0}}};
    CHECK(scored(About::identity, {claim}, truth)[0].value == 0);
    truth.before = truth.now;
    CHECK(scored(About::identity, {claim}, truth)[0].value == 1);
    claim.suspects = {UserId{0}, UserId{1}};
    CHECK(scored(About::identity, {claim}, truth)[0].value == doctest::Approx(0.5));
}

TEST_CASE("codes: a silent claim is a guess, a sign may be given away for nothing") {
    const scenarios::Prepared data = made_data();
    const auto code = packed({+1, +1, -1, +1, -1, -1, +1, +1});
    const scenarios::Truth truth{&data, {code, code}};
    Claim twin = claim_of(0);
    twin.code = packed({-1, -1, +1, -1, +1, +1, -1, -1});
    const auto strict = scored(About::code, {twin, claim_of(1)}, truth);
    CHECK(strict[0].value == 0);
    CHECK(strict[2].value == doctest::Approx(0.25));
    const auto lenient = scored(About::code_up_to_sign, {twin}, truth);
    CHECK(lenient[0].value == 1);
    CHECK(lenient[1].value == 1);
    // E max(x, 1 - x): 0.569 at 32 bits, 0.549 at 64, as attacks on random codes find.
    CHECK(scored(About::code_up_to_sign, {}, truth, 32)[2].chance ==
          doctest::Approx(0.5700).epsilon(0.001));
    CHECK(scored(About::code_up_to_sign, {}, truth, 64)[2].chance ==
          doctest::Approx(0.5497).epsilon(0.001));
}

TEST_CASE("labels by AUC, ties half, ratings by exactness and error, sizes by pairs") {
    const scenarios::Prepared data = made_data();
    const scenarios::Truth truth{&data, {}};
    Claim claim = claim_of(0);
    claim.items = ids({0, 1, 2, 3});
    claim.belief = {3, 1, 1, 0};
    CHECK(scored(About::labels, {claim}, truth)[0].value == doctest::Approx(3.5 / 4));

    claim.items = ids({0, 1});
    claim.ratings = {1.0, 0.9};
    const auto ratings = scored(About::ratings, {claim}, truth);
    CHECK(ratings[0].value == doctest::Approx(0.5));
    CHECK(ratings[0].chance == doctest::Approx(0.5));
    CHECK(ratings[1].value == doctest::Approx(0.4 / std::sqrt(2.0)));

    scenarios::Prepared uneven = made_data();
    uneven.users[1].train.pop_back();
    Claim longer = claim_of(0), shorter = claim_of(1);
    longer.size = 20;
    shorter.size = 10;
    CHECK(scored(About::size, {longer, shorter}, {&uneven, {}})[0].value == 1);
    std::swap(longer.size, shorter.size);
    CHECK(scored(About::size, {longer, shorter}, {&uneven, {}})[0].value == 0);
}
