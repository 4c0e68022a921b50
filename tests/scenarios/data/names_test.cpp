#include "scenarios/data/names.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include "scenarios/data/dataset.hpp"

using namespace fedhash::scenarios;

namespace {

std::string ordered(std::initializer_list<const char*> ids) {
    Names names;
    for (const char* id : ids) names.intern(id);
    std::string out;
    for (std::uint32_t i : names.fixed_order()) out += names.list()[i] + " ";
    return out;
}

}  // namespace

TEST_CASE("ids that are all integers are ordered by value, others by their bytes") {
    CHECK(ordered({"10", "9", "100", "1"}) == "1 9 10 100 ");
    CHECK(ordered({"10", "9", "100", "x"}) == "10 100 9 x ");
    CHECK(ordered({"3", "-20", "-3", "0"}) == "-20 -3 0 3 ");
    CHECK(ordered({"007", "7", "8", "06"}) == "06 007 7 8 ");
    CHECK(ordered({"36893488147419103233", "36893488147419103232", "5"}) ==
          "5 36893488147419103232 36893488147419103233 ");
    CHECK(ordered({"-0", "0", "-1"}) == "-1 -0 0 ");
}

TEST_CASE("an id keeps its number, and one in ISO-8859-1 is the same as in UTF-8") {
    Names names;
    CHECK(names.intern("a") == 0);
    CHECK(names.intern("Caf\xE9") == 1);
    CHECK(names.intern("Caf\xC3\xA9") == 1);
    CHECK(names.intern("a") == 0);
    CHECK(names.find("Caf\xE9") == 1U);
    CHECK_FALSE(names.find("b"));
    CHECK(names.size() == 2);
}

TEST_CASE("of repeated pairs the latest is kept, without times the last row") {
    std::vector<Interaction> rows{
        {1, 0, 5, no_time}, {0, 2, 1, no_time}, {0, 1, 2, no_time}, {0, 2, 3, no_time}};
    CHECK(keep_last_of_pairs(rows, 2) == 1);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].item == 1);
    CHECK(rows[1].item == 2);
    CHECK(rows[1].rating == 3);
    CHECK(rows[2].user == 1);

    std::vector<Interaction> timed{{0, 0, 1, 20}, {0, 0, 2, 10}};
    CHECK(keep_last_of_pairs(timed, 1) == 1);
    CHECK(timed[0].rating == 1);
}
