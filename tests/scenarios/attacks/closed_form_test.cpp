#include <doctest/doctest.h>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using scenarios::attacks::Claim;
using scenarios::attacks::closed_form;

// With s = 1/8, b = (+,-,+,+), d = (+,+,-,+), r = 1:  b.d = 0, e = 1/2,
// g = e b + s d = (5, -3, 3, 5) / 8.
TEST_CASE("a gradient of four numbers gives code and rating away") {
    MadeSight made(4, 2, "gradients");
    made.published.row(1)[0] = packed({+1, +1, -1, +1})[0];
    made.seen.push_back({1, UserId{7}, 40, ids({1}), {5, -3, 3, 5}, {0}});
    const std::vector<Claim> claims = closed_form(made.sight());
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].user == UserId{7});
    CHECK(claims[0].code == packed({+1, -1, +1, +1}));
    REQUIRE(claims[0].ratings.size() == 1);
    CHECK(claims[0].ratings[0] == doctest::Approx(1));
}

TEST_CASE("of one row below the middle the twin is claimed: the mean rating decides") {
    MadeSight made(4, 2, "gradients");
    made.published.row(1)[0] = packed({+1, +1, -1, +1})[0];
    // The same user with r = 0: e = -1/2.
    made.seen.push_back({1, UserId{7}, 40, ids({1}), {-3, 5, -5, -3}, {0}});
    const std::vector<Claim> claims = closed_form(made.sight());
    CHECK(claims[0].code == packed({-1, +1, -1, -1}));
    CHECK(claims[0].ratings[0] == doctest::Approx(1));
}

TEST_CASE("rows without a residual and rows of another form say nothing") {
    MadeSight made(4, 3, "gradients");
    for (std::size_t i = 0; i < 3; ++i) made.published.row(i)[0] = packed({+1, +1, -1, +1})[0];
    made.seen.push_back({1, UserId{0}, 40, ids({0}), {1, 1, -1, 1}, {0}});
    made.seen.push_back({1, UserId{1}, 40, ids({0, 2}), {5, -3, 3, 5, 9, 2, -1, 7}, {0, 0}});
    made.seen.push_back({2, UserId{2}, 40, ids({0}), {5, -3, 3, 5}, {0}});
    const std::vector<Claim> claims = closed_form(made.sight());
    REQUIRE(claims.size() == 2);  // nobody of another round
    CHECK(claims[0].code.empty());
    CHECK(claims[0].ratings.empty());
    CHECK(claims[1].items == ids({0}));
}

TEST_CASE("every uplink whose rows hold a residual gives every code and rating away") {
    for (const char* uplink : {"gradients", "residual", "statistics"}) {
        CAPTURE(uplink);
        for (const std::uint32_t bits : {8u, 64u, 100u, 256u}) {
            CAPTURE(bits);
            MadeSight made(bits, 50, uplink);
            Stream random = stream(1, Purpose::item_codes, bits);
            const std::vector<std::uint64_t> code = fill(made, random);
            server::Observation seen{1, UserId{3}, 100, {}, {}, {}};
            const std::int64_t weight = 16, user_weight = 24;
            std::vector<double> ratings;
            for (std::uint32_t i = 0; i < 50; i += 3) {
                const CodeView item = made.published.row(i);
                ratings.push_back(0.25 * static_cast<double>(1 + random() % 4));
                const auto k = static_cast<std::int64_t>(bits);
                const std::int64_t goal =
                    weight * static_cast<std::int64_t>(2 * ratings.back() * bits) - weight * k;
                const bool goals_alone = made.variant.uplink == "statistics";
                const bool gradients = made.variant.uplink == "gradients";
                const std::int64_t e = goals_alone ? goal : goal - weight * dot(code, item, bits);
                seen.items.push_back(ItemId{i});
                seen.weights.push_back(gradients ? 0 : weight);
                for (std::uint32_t a = 0; a < bits; ++a)
                    seen.rows.push_back(gradients ? user_weight *
                                                        (e * sign(code, a) + weight * sign(item, a))
                                                  : e * sign(code, a));
            }
            made.seen.push_back(seen);
            const Claim claim = closed_form(made.sight()).at(0);
            CHECK(claim.code == code);
            for (std::size_t j = 0; j < claim.items.size(); ++j) {
                const std::size_t place = index(claim.items[j]) / 3;
                CHECK(claim.ratings[j] == doctest::Approx(ratings[place]));
            }
            CHECK(claim.items.size() >= 10);
        }
    }
}
