#include <doctest/doctest.h>

#include <algorithm>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using namespace fedhash::scenarios::attacks;

namespace {

/// Users of three kinds, each with items of its kind more often than others; every second one's
/// kind is not known.
struct Kinds {
    MadeSight made{16, 90, "residual"};
    Trait trait{"kind", {"a", "b", "c"}, {}};
    std::vector<int> truth;

    explicit Kinds(double own) {
        Stream random(3);
        for (std::uint32_t u = 0; u < 300; ++u) {
            const auto kind = static_cast<int>(random() % 3);
            server::Observation seen{1, UserId{u}, 100, {}, {}, {}};
            for (std::uint32_t i = 0; i < 90; ++i) {
                const double share = static_cast<int>(i / 30) == kind ? own : 0.1;
                if (static_cast<double>(random() >> 11) < share * 9007199254740992.0)
                    seen.items.push_back(ItemId{i});
            }
            made.seen.push_back(std::move(seen));
            truth.push_back(kind);
            trait.known.push_back(u % 2 == 0 ? kind : -1);
        }
    }

    double right() {
        Sight sight = made.sight();
        sight.trait = &trait;
        const std::vector<Claim> claims = trait_of_rows(sight);
        CHECK(claims.size() == 150);
        double sum = 0;
        for (const Claim& claim : claims) {
            REQUIRE(claim.classes.size() == 3);
            CHECK(index(claim.user) % 2 == 1);
            const auto best = std::ranges::max_element(claim.classes) - claim.classes.begin();
            sum += best == truth[index(claim.user)] ? 1 : 0;
        }
        return sum / 150;
    }
};

}  // namespace

TEST_CASE("what rows tell of a trait is learnt from others, and nothing where they tell nothing") {
    CHECK(Kinds(0.4).right() > 0.9);
    CHECK(Kinds(0.1).right() < 0.5);
}

TEST_CASE("of two classes the scores are opposite, with nobody known nothing is") {
    Kinds kinds(0.4);
    kinds.trait.names = {"a", "other"};
    for (int& known : kinds.trait.known) known = known > 0 ? 1 : known;
    Sight sight = kinds.made.sight();
    sight.trait = &kinds.trait;
    double right = 0;
    for (const Claim& claim : trait_of_rows(sight)) {
        REQUIRE(claim.classes.size() == 2);
        CHECK(claim.classes[0] == -claim.classes[1]);
        right += (claim.classes[1] > 0) == (kinds.truth[index(claim.user)] > 0) ? 1 : 0;
    }
    CHECK(right > 135);
    std::ranges::fill(kinds.trait.known, -1);
    for (const Claim& claim : trait_of_rows(sight)) CHECK(claim.classes[1] == 0);
}
