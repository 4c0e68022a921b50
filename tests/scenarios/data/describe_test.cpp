#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using test::contains;

TEST_CASE("a data set's description has the facts that were asked for") {
    const test::Folder folder;
    folder.write("ratings.dat",
                 "1::10::5::978300760\n1::20::1::978300761\n1::30::3::978300762\n2::10::4::"
                 "978300763\n2::10::5::978300764\n");
    folder.write("movies.dat", "10::A::X\n");
    const std::string text = describe(folder.settings());
    CAPTURE(text);
    CHECK(contains(text, "MovieLens ratings.dat"));
    CHECK(contains(text, "ratings.dat: 5 rows"));
    CHECK(contains(text, "time = column 4"));
    CHECK(contains(text, "users         2\n"));
    CHECK(contains(text, "items         3\n"));
    CHECK(contains(text, "4 distinct; 1 repeated training rows"));
    CHECK(contains(text, "density       66.6667 %"));
    CHECK(contains(text, "Gini of items 0.167"));  // popularity 1, 1, 2
    CHECK(contains(text, "min 1, median 2, mean 2.0, max 3"));
    CHECK(contains(text, "ratings       1 to 5"));
    CHECK(contains(text, "5           2  ####"));
    CHECK(contains(text, "2000-12-31 22:12 UTC to 2000-12-31 22:12 UTC"));
    CHECK(contains(text, "titles        of 1 items"));
}

TEST_CASE("the description of a given split counts its parts and candidates") {
    const test::Folder folder;
    folder.write("a.train.rating", "0\t1\t1\n0\t2\t1\n");
    folder.write("a.test.rating", "0\t3\t1\n");
    folder.write("a.test.negative", "(0,3)\t7\t8\n");
    const std::string text = describe(folder.settings());
    CHECK(contains(text, "training 2, validation none, test 1"));
    CHECK(contains(text, "given: none of their own for validation, 2 for test"));
}

TEST_CASE("synthetic data can be described") {
    DataSettings settings;
    settings.format = "synthetic";
    CHECK(contains(describe(settings), "planted 64-bit codes of 16 groups"));
}
