#include <doctest/doctest.h>

#include <cmath>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using namespace fedhash::scenarios::attacks;

namespace {

/// Uploads of one round, one a user, of these rows alone.
void see_rows(MadeSight& made, std::uint32_t round,
              const std::vector<std::vector<std::uint32_t>>& rows) {
    for (std::uint32_t u = 0; u < rows.size(); ++u) {
        server::Observation seen{round, UserId{u}, 100, {}, {}, {}};
        for (const std::uint32_t item : rows[u]) seen.items.push_back(ItemId{item});
        made.seen.push_back(std::move(seen));
    }
}

}  // namespace

TEST_CASE("of rows among decoys the popular ones are taken, as many as there must be") {
    MadeSight made(4, 8, "residual");
    made.variant.privacy.decoys = "memoised";
    made.variant.privacy.decoys_q8 = 256;
    made.popularity = {9, 1, 8, 2, 7, 3, 6, 4};
    see_rows(made, 1, {{0, 1, 2, 3}, {5, 6}, {}});
    const std::vector<Claim> claims = popular_rows(made.sight());
    CHECK(claims[0].items == ids({0, 2}));
    CHECK(claims[1].items == ids({6}));
    CHECK(claims[2].items.empty());
}

TEST_CASE("of a unary set as many are taken as its length says") {
    MadeSight made(4, 100, "residual");
    made.variant.privacy.items = "unary";
    made.variant.privacy.items_lie_q32 = 1u << 30;  // 1/4
    made.popularity.resize(100);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 30; ++i) {
        rows.push_back(3 * i);
        made.popularity[3 * i] = 100 - i;
    }
    see_rows(made, 1, {rows});
    // (30 - 100 / 4) / (1 / 2 - 1 / 4) = 20
    CHECK(popular_rows(made.sight())[0].items.size() == 20);
    CHECK(popular_rows(made.sight())[0].items.back() == ItemId{57});
}

TEST_CASE("a row tells of membership, drawn anew, rows tell more round by round") {
    MadeSight made(4, 50, "votes");
    made.asked = {{UserId{0}, ItemId{1}},
                  {UserId{0}, ItemId{2}},
                  {UserId{1}, ItemId{1}},
                  {UserId{7}, ItemId{1}}};
    see_rows(made, 1, {{1, 3}, {2}});
    const std::vector<Claim> clear = membership(made.sight());
    REQUIRE(clear.size() == 4);
    CHECK(clear[0].belief[0] > 0);
    CHECK(clear[1].belief[0] < 0);
    CHECK(clear[2].belief[0] < 0);
    CHECK(clear[3].belief[0] == 0);  // it was not there
    made.variant.privacy.decoys = "resampled";
    see_rows(made, 2, {{1, 9}, {2, 1}});
    const std::vector<Claim> both = membership(made.sight(2));
    CHECK(both[0].belief[0] > 0);
    CHECK(both[2].belief[0] < 0);  // in one of two alone
    made.variant.privacy.decoys = "memoised";
    CHECK(membership(made.sight(2))[2].belief[0] > 0);
}

TEST_CASE("of unary items a row is worth log(1/2q), and none log(1/2(1 - q))") {
    MadeSight made(4, 10, "votes");
    made.variant.privacy.items = "unary";
    made.variant.privacy.items_lie_q32 = 1u << 30;
    made.asked = {{UserId{0}, ItemId{1}}, {UserId{0}, ItemId{2}}};
    see_rows(made, 1, {{1}});
    const std::vector<Claim> claims = membership(made.sight());
    CHECK(claims[0].belief[0] == doctest::Approx(std::log(2.0)));
    CHECK(claims[1].belief[0] == doctest::Approx(std::log(2.0 / 3)));
}

TEST_CASE("where one user alone has an item, the sum is that user's row") {
    MadeSight made(8, 3, "residual");
    Stream random(4);
    const std::vector<std::uint64_t> code = fill(made, random);
    made.sum.sum = Aggregate(AggregateShape{8, 3, 0, false});
    made.sum.sum.counts = {2, 1, 0};
    made.sum.sum.weights = {32, 16, 0};
    for (std::uint32_t a = 0; a < 8; ++a) {
        made.sum.sum.rows[a] = 77;
        made.sum.sum.rows[8 + a] = -40 * sign(code, a);
    }
    const std::vector<Claim> claims = small_sums(made.sight());
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].items == ids({1}));
    const std::int32_t right = dot(claims[0].code, code, 8);
    CHECK(std::abs(right) == 8);
}

TEST_CASE("uploads are linked to the most alike ones of the round before, ties to all of them") {
    MadeSight made(4, 50, "votes");
    see_rows(made, 1, {{1, 2, 3}, {7, 8}, {20, 21}, {20, 21}});
    see_rows(made, 2, {{1, 2, 4}, {7, 8}, {20, 22}});
    const std::vector<Claim> claims = linking(made.sight(2));
    REQUIRE(claims.size() == 3);
    CHECK(claims[0].suspects == std::vector{UserId{0}});
    CHECK(claims[1].suspects == std::vector{UserId{1}});
    CHECK(claims[2].suspects == std::vector{UserId{2}, UserId{3}});
    CHECK(linking(made.sight(1))[0].suspects.empty());  // there is none before
}

TEST_CASE("a record without a name is that of who has the known items and least beside them") {
    MadeSight made(4, 50, "votes");
    made.variant.exchange = "shuffled";
    see_rows(made, 1, {{1, 2, 3, 9}, {1, 2, 3}, {1, 20}, {7}});
    scenarios::attacks::Sight sight = made.sight(1);
    const std::vector<scenarios::attacks::Hint> hints{{UserId{40}, ids({1, 2, 3})},
                                                      {UserId{41}, ids({20, 7, 1})}};
    sight.hints = hints;
    const std::vector<Claim> claims = known_items(sight);
    REQUIRE(claims.size() == 2);
    CHECK(claims[0].user == UserId{40});
    CHECK(claims[0].items == ids({1, 2, 3}));
    CHECK(claims[1].items == ids({1, 20}));
}

TEST_CASE("a code that is said anew is the majority of what was said") {
    MadeSight made(64, 2, "residual");
    made.variant.privacy.code = "fresh";
    Stream random(9);
    const std::vector<std::uint64_t> code = fill(made, random);
    std::vector<std::uint64_t> last;
    for (std::uint32_t round = 1; round <= 5; ++round) {
        last = code;
        for (std::uint32_t k = round; k < 64; k += 7) flip(last, k);  // every bit at most once
        server::Observation seen{round, UserId{0}, 100, ids({0}), {}, {16}};
        for (std::uint32_t a = 0; a < 64; ++a) seen.rows.push_back(24 * sign(last, a));
        made.seen.push_back(seen);
    }
    const std::vector<Claim> claims = code_of_rounds(made.sight(5));
    REQUIRE(claims.size() == 1);
    CHECK(std::abs(dot(claims[0].code, code, 64)) == 64);
    CHECK(std::abs(dot(closed_form(made.sight(5))[0].code, code, 64)) < 64);
}
