#include "client/ballots.hpp"

#include <doctest/doctest.h>

#include "common/random.hpp"
#include "common/uplinks/uplinks.hpp"
#include "tests/reference.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t code_bits = 8, catalogue = 6;

/// A user of code 0b00001111 with a positive residual on item 2 and a negative one on item 4.
struct Voter {
    Variant variant;
    Tables tables;
    std::vector<std::uint64_t> code{0x0f};
    std::vector<ItemId> listed{ItemId{2}, ItemId{4}};
    std::vector<std::int32_t> pulls{1000, -1000}, weights{0, 0};
    Workspace work;

    Voter() {
        variant.bits = code_bits;
        variant.uplink = "ballots";
        variant.privacy.ballots = 96;
        tables.codes = Codes(code_bits, catalogue);
    }
    Said cast(std::uint32_t user, std::uint32_t round) {
        Said said;
        said.code = code;
        said.items = listed;
        said.pulls = pulls;
        said.weights = weights;
        cast_ballots(variant, 5, UserId{user}, round, 0, tables, said, work);
        return said;
    }
};

}  // namespace

TEST_CASE("ballots are on bits of any items, without lies a vote is the user's, or a coin's") {
    Voter voter;
    std::size_t own = 0, others = 0, coins = 0;
    for (std::uint32_t user = 0; user < 200; ++user) {
        const Said said = voter.cast(user, 1);
        REQUIRE(said.ballots.size() == 96);
        const auto drawn = drawn_ballots(said.salt, 96, catalogue, code_bits);
        for (std::size_t j = 0; j < drawn.size(); ++j) {
            const int psi = drawn[j].bit < 4 ? 1 : -1;
            if (drawn[j].item == 2 || drawn[j].item == 4) {
                ++own;
                CHECK(said.ballots[j] == (drawn[j].item == 2 ? psi : -psi));
            } else {
                ++others;
                coins += said.ballots[j] > 0 ? 1 : 0;
            }
        }
    }
    CHECK(static_cast<double>(own) / (200 * 96) == doctest::Approx(1.0 / 3).epsilon(0.05));
    CHECK(static_cast<double>(coins) / static_cast<double>(others) ==
          doctest::Approx(0.5).epsilon(0.03));
}

TEST_CASE("votes lie as often as they are to, anew in every round and for every user") {
    Voter voter;
    voter.variant.privacy.ballot_lie_q32 = 1u << 30;  // 1/4
    std::size_t own = 0, lies = 0;
    for (std::uint32_t user = 0; user < 400; ++user) {
        const Said said = voter.cast(user, 2);
        const auto drawn = drawn_ballots(said.salt, 96, catalogue, code_bits);
        for (std::size_t j = 0; j < drawn.size(); ++j) {
            if (drawn[j].item != 2) continue;
            ++own;
            lies += (said.ballots[j] > 0) != (drawn[j].bit < 4) ? 1 : 0;
        }
    }
    CHECK(static_cast<double>(lies) / static_cast<double>(own) ==
          doctest::Approx(0.25).epsilon(0.06));
    const std::uint64_t salt = voter.cast(3, 1).salt;
    CHECK(voter.cast(3, 1).salt == salt);
    CHECK(voter.cast(3, 2).salt != salt);
    CHECK(voter.cast(4, 1).salt != salt);
}
