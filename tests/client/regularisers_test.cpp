#include "client/regulariser.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "client/ridge.hpp"
#include "common/random.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

struct World {
    Variant variant;
    UserData user;
    Shared shared;
    Learnt learnt;
    Workspace work;

    World(std::uint64_t seed, std::uint32_t bits) {
        variant.bits = bits;
        variant.strength_units = 3 * 16;
        Stream random = stream(seed, Purpose::generator);
        shared.tables.codes = initial_item_codes(seed, bits, 40);
        shared.tables.version = 1;
        shared.derive();
        for (std::uint32_t i = 0; i < 40; i += 3) user.train.push_back({ItemId{i}, 1});
        randomise(std::span(learnt.code).first(words_for(bits)), bits, random);
        work.A.assign(std::size_t{bits} * bits, 5);
        work.c.assign(bits, -7);
    }
    void add(const char* name) { find_regulariser(name).add(variant, user, shared, learnt, work); }
};

}  // namespace

TEST_CASE("decorrelation adds strength times the whitened code") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        World world(seed, 65);
        Stream random = stream(seed, Purpose::baseline);
        std::vector<double> reals;
        for (std::uint32_t j = 0; j < 65 * 66; ++j)
            reals.push_back((double(random() % 2001) - 1000) / 1000);
        const Plane plane = quantise(reals, 65, 66, 12, 16, false);
        world.shared.tables.plane(PlaneId::whitening) = plane;
        world.add("decorrelate");
        for (std::uint32_t a = 0; a < 65; ++a) {
            double x = 0;
            for (std::uint32_t b = 0; b < 65; ++b)
                x += plane.at(a, b) * (sign(world.learnt.code, b) - plane.at(b, 65));
            CHECK(std::abs(double(world.work.c[a] + 7) - 3 * 16 * x) <= 0.6);
        }
        for (std::int32_t entry : world.work.A) REQUIRE(entry == 5);
    }
}

TEST_CASE("decorrelation waits for a published whitening") {
    World world(1, 16);
    world.add("decorrelate");
    for (std::int64_t entry : world.work.c) CHECK(entry == -7);
}

TEST_CASE("the anchor is the ridge vector at unit mean square") {
    World world(4, 63);
    World other(4, 63);
    world.add("anchor");
    const double a0 = world.variant.scoring_interaction;
    lower_on_codes(other.user, other.shared, other.learnt,
                   {a0, 0, code_ridge(other.user.train.size(), a0, 40)}, false, other.work);
    const std::vector<double> p = solve_ridge(other.work);
    double square = 0, added = 0;
    for (double entry : p) square += entry * entry;
    for (std::uint32_t a = 0; a < 63; ++a) {
        const double pull = double(world.work.c[a] + 7);
        CHECK(std::abs(pull - 48 * p[a] / std::sqrt(square / 63)) <= 0.5);
        added += pull * pull;
    }
    CHECK(std::sqrt(added / 63) == doctest::Approx(48).epsilon(0.01));
    // A user without a direction has no anchor.
    World empty(4, 63);
    empty.user.train.clear();
    empty.add("anchor");
    for (std::int64_t entry : empty.work.c) CHECK(entry == -7);
}
