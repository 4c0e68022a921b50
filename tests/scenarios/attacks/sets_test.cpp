#include <doctest/doctest.h>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;

TEST_CASE("sets: all rows of the round, and what comes every time") {
    MadeSight made(8, 9, "items");
    made.seen = {{1, UserId{0}, 30, ids({1, 2, 5}), {}, {}},
                 {1, UserId{1}, 20, ids({4}), {}, {}},
                 {2, UserId{0}, 31, ids({2, 3, 5, 8}), {}, {}},
                 {3, UserId{0}, 10, ids({}), {}, {}}};
    const auto rows = scenarios::attacks::row_set(made.sight(2));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].items == ids({2, 3, 5, 8}));
    made.seen.pop_back();
    const auto common = scenarios::attacks::intersection(made.sight(2));
    REQUIRE(common.size() == 2);
    CHECK(common[0].items == ids({2, 5}));
    CHECK(common[1].items == ids({4}));
    const auto sizes = scenarios::attacks::length(made.sight(1));
    REQUIRE(sizes.size() == 2);
    CHECK(sizes[0].size > sizes[1].size);
}
