// [sweep] of a scenario file.
#include <doctest/doctest.h>

#include "tests/scenarios/settings/scratch.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

TEST_CASE("a scenario's sweep has its axes in the file's order, values as after --set") {
    const Scratch scratch;
    const Loaded loaded = load_with(scratch.write("x.toml", R"([run]
rounds = 3
[sweep]
all = true
seeds = 3
[sweep.over]
method.name = ["dcf", "dcd-plus"]
method.bits = [8, 16]
method.relaxation = [0.5, 1.0]
method.weigh_users = [true, false]
eval.k = [[5, 10], [20]]
)"));
    REQUIRE(loaded.sweep);
    CHECK(loaded.sweep->all);
    CHECK(loaded.sweep->seeds == 3);
    std::string axes;
    for (const SweepSection::Axis& axis : loaded.sweep->over) {
        axes += axis.key + ":";
        for (const std::string& value : axis.values) axes += " " + value;
        axes += "\n";
    }
    CHECK(axes ==
          "method.name: dcf dcd-plus\nmethod.bits: 8 16\nmethod.relaxation: 0.5 1\n"
          "method.weigh_users: true false\neval.k: [5, 10] [20]\n");
    CHECK_FALSE(load_with(scratch.write("y.toml", "[run]\nrounds = 3\n")).sweep);
}

TEST_CASE("an empty [sweep] is one point, tuned") {
    const Scratch scratch;
    const Loaded loaded = load_with(scratch.write("x.toml", "[sweep]\n"));
    REQUIRE(loaded.sweep);
    CHECK_FALSE(loaded.sweep->all);
    CHECK_FALSE(loaded.sweep->seeds);
    CHECK(loaded.sweep->over.empty());
}

TEST_CASE("mistakes in [sweep] are told with their place") {
    CHECK(refusal("[sweep]\nall = 1\n") ==
          "x.toml:2:7: sweep.all: expected true or false, found 1");
    CHECK(refusal("[sweep]\nseeds = 0\n") ==
          "x.toml:2:9: sweep.seeds: expected a whole number between 1 and 1000, found 0");
    CHECK(refusal("[sweep]\nseed = 3\n") ==
          "x.toml:2:1: unknown key 'seed' in [sweep]; its keys: all, seeds, over; did you mean "
          "'seeds'?");
    CHECK(refusal("sweep = 3\n") == "x.toml:1:9: expected a section [sweep], found 3");
    CHECK(refusal("[sweep]\nover = 3\n") == "x.toml:2:8: expected a section [sweep.over], found 3");
    CHECK(refusal("[sweep.over]\nmethod.bits = 8\n") ==
          "x.toml:2:15: sweep.over.method.bits: expected a list of values, found 8");
    CHECK(refusal("[sweep.over]\nmethod.bits = []\n").find("expected a list of values") !=
          std::string::npos);
    CHECK(refusal("[sweep.over]\nmethod.bits = [2024-01-01]\n")
              .find("x.toml:2:15: no setting can be") == 0);
}

TEST_CASE("a method preset has no sweep") {
    const Scratch scratch;
    scratch.write("methods/mine.toml", "[method]\nbits = 8\n[sweep]\nseeds = 2\n");
    const auto file = scratch.write("x.toml", "[method]\nname = \"mine\"\n");
    std::string told;
    try {
        load_with(file);
    } catch (const UsageError& error) {
        told = error.what();
    }
    CHECK(told.find("mine.toml: a method preset has no [sweep]") != std::string::npos);
}
