#include "scenarios/experiments/axes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "tests/scenarios/experiments/made_runs.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using fedhash::tests::contains;

namespace {

using Values = std::vector<std::string>;

Loaded resolve(const std::vector<Override>& more) {
    return load({}, tests::presets, more, tests::no_environment());
}

std::string refused(const std::vector<std::string>& words) {
    return tests::refusal_of([&words] {
        std::vector<Axis> axes;
        for (const std::string& word : words) axes.push_back(parse_axis(word));
        checked(axes, resolve);
    });
}

}  // namespace

TEST_CASE("commas separate values, but not within brackets and quotes") {
    CHECK(parse_axis("method.bits=32,64, 128").values == Values{"32", "64", "128"});
    CHECK(parse_axis("method.bits=32").values == Values{"32"});
    CHECK(parse_axis("eval.k=[5,10],[10, 20],3").values == Values{"[5,10]", "[10, 20]", "3"});
    CHECK(parse_axis("method.name=\"a,b\",'c,d',e=f").values == Values{"\"a,b\"", "'c,d'", "e=f"});
    CHECK(parse_axis(R"(method.name="a\",b",c)").values == Values{R"("a\",b")", "c"});
}

TEST_CASE("what is not key=value,value is refused with an example") {
    for (const char* text : {"method.bits", "=3", "method.bits=", "method.bits=3,",
                             "method.bits=,3", "eval.k=[5,10", "eval.k=5]", "method.name=\"a"}) {
        CAPTURE(text);
        CHECK(contains(refused({text}), "for example method.bits=32,64"));
    }
}

TEST_CASE("axes have their values as the table of settings writes them") {
    const auto axes = checked({parse_axis("run.clients=4,users"), parse_axis("eval.k=[10,5],20"),
                               parse_axis("run.participation=.5,1")},
                              resolve);
    CHECK(axes[0].values == Values{"4", "\"users\""});
    CHECK(axes[1].values == Values{"[5, 10]", "[20]"});
    CHECK(axes[2].values == Values{"0.5", "1.0"});
}

TEST_CASE("an axis must be a setting that a sweep can choose, with values that are allowed") {
    CHECK(contains(refused({"method.bitz=3"}), "did you mean 'bits'"));
    CHECK(contains(refused({"method.bits=3"}), "a whole number between 8 and 256"));
    CHECK(contains(refused({"method.name=dcb"}), "did you mean 'dcf'"));
    CHECK(contains(refused({"method.bits=32", "method.bits=64"}), "given twice"));
    CHECK(contains(refused({"method.bits=32,64,0x20"}), "the value 32 twice"));
    CHECK(contains(refused({"run.seed=1,2"}), "--seeds"));
    CHECK(contains(refused({"eval.test=true,false"}), "validation"));
    CHECK(contains(refused({"run.threads=1,2"}), "no figure depends on it"));
    CHECK(contains(refused({"run.transport=tcp,unix"}), "no figure depends on it"));
    CHECK(contains(refused({"data.seed=1,2"}), "different data"));
    CHECK(contains(refused({"data.columns.user=1"}), "different data"));
    CHECK(contains(refused({"eval.negatives=0,99"}), "candidates"));
    CHECK(contains(refused({"output.dir=a,b"}), "--out"));
    CHECK(contains(refused({"expect.HR@10=>= 0.1"}), "not a setting"));
}

TEST_CASE("a grid is the product of its axes, the last one moving fastest") {
    const std::vector<Axis> axes{{"a", {"1", "2"}}, {"b", {"x", "y", "z"}}};
    REQUIRE(grid_size(axes) == 6);
    std::string seen;
    for (std::uint64_t number = 0; number < 6; ++number)
        for (const Override& one : point(axes, number)) seen += one.key + one.value + " ";
    CHECK(seen == "a1 bx a1 by a1 bz a2 bx a2 by a2 bz ");
    CHECK(grid_size({}) == 1);
    CHECK(point({}, 0).empty());
    CHECK(grid_size(std::vector<Axis>(64, {"a", {"1", "2"}})) ==
          std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a draw is without repeats, seeded, and the beginning of every longer one") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        const auto many = draw(1000, 400, seed), few = draw(1000, 30, seed);
        CHECK(std::set<std::uint64_t>(many.begin(), many.end()).size() == 400);
        CHECK(*std::ranges::max_element(many) < 1000);
        CHECK(std::equal(few.begin(), few.end(), many.begin()));
        CHECK(draw(1000, 400, seed) == many);
        CHECK(draw(1000, 400, seed + 1) != many);
    }
    CHECK(draw(3, 5, 1) == std::vector<std::uint64_t>{0, 1, 2});
    CHECK(draw(1, 1, 1) == std::vector<std::uint64_t>{0});
}
