#include <doctest/doctest.h>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;

TEST_CASE("rows that add up to what is taken off are decoys") {
    MadeSight made(2, 9, "residual");
    // Users 0 and 1 both say item 5; user 1 alone has it. Item 2 is a decoy of all who say it.
    made.seen = {{1, UserId{0}, 30, ids({1, 2, 5}), {4, -4, 3, -3, 2, -2}, {0, 0, 0}},
                 {1, UserId{1}, 20, ids({4, 5}), {6, 6, 7, 7}, {0, 0}},
                 {1, UserId{2}, 20, ids({5, 7}), {9, 8, 7, 7}, {0, 0}}};
    server::ObservedDecoys taken{1, {UserId{0}, UserId{1}}, {}};
    taken.decoys.items = ids({2, 5});
    taken.decoys.counts = {1, 1};
    taken.decoys.weights = {0, 0};
    taken.decoys.rows = {3, -3, 2, -2};
    made.decoys = {taken};
    const auto claims = scenarios::attacks::without_decoys(made.sight());
    REQUIRE(claims.size() == 3);
    CHECK(claims[0].items == ids({1}));
    CHECK(claims[1].items == ids({4, 5}));
    CHECK(claims[2].items == ids({5, 7}));  // of another group
}

TEST_CASE("what no rows add up to is left as it is said") {
    MadeSight made(2, 9, "residual");
    made.seen = {{1, UserId{0}, 30, ids({5}), {4, -4}, {0}},
                 {1, UserId{1}, 20, ids({5}), {6, 6}, {0}}};
    server::ObservedDecoys taken{1, {UserId{0}, UserId{1}}, {}};
    taken.decoys.items = ids({5});
    taken.decoys.counts = {1};
    taken.decoys.weights = {0};
    taken.decoys.rows = {1, 1};
    made.decoys = {taken};
    for (const auto& claim : scenarios::attacks::without_decoys(made.sight()))
        CHECK(claim.items == ids({5}));
}
