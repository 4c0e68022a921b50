#include "scenarios/settings/nearest.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace fedhash::scenarios::settings;

TEST_CASE("edit distance counts insertions, deletions, replacements and swaps, ignoring case") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("bits", "bits") == 0);
    CHECK(edit_distance("Bits", "bITS") == 0);
    CHECK(edit_distance("bit", "bits") == 1);
    CHECK(edit_distance("bits", "its") == 1);
    CHECK(edit_distance("epsilom", "epsilon") == 1);
    CHECK(edit_distance("btis", "bits") == 1);
    CHECK(edit_distance("", "bits") == 4);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest name is suggested only when it is near") {
    const std::vector<std::string> names{"k", "negatives", "clean_candidates", "ials_factors",
                                         "ials_epochs"};
    CHECK(nearest("negative", names) == "negatives");
    CHECK(nearest("NEGATIVES", names) == "negatives");
    CHECK_FALSE(nearest("x", names).has_value());
    CHECK_FALSE(nearest("temperature", names).has_value());
    CHECK_FALSE(nearest("", names).has_value());
    CHECK_FALSE(nearest("anything", {}).has_value());
}

TEST_CASE("part of one name suggests it, part of two does not") {
    const std::vector<std::string> names{"k", "clean_candidates", "ials_factors", "ials_epochs"};
    CHECK(nearest("clean", names) == "clean_candidates");
    CHECK(nearest("factors", names) == "ials_factors");
    CHECK_FALSE(nearest("ials", names).has_value());
}
