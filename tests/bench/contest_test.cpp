// Speed is compared only where the work is the same: on every set of kernels, at every length of a
// code, our learner and the plain versions in doubles come to the same codes.
#include "tests/bench/contest.hpp"

#include <doctest/doctest.h>

#include "common/kernels/kernels.hpp"
#include "tests/client/made_users.hpp"

using namespace fedhash;
using bench::Contest;
using bench::Contestant;

namespace {

std::uint32_t codes_of(Contest& contest, Contestant who) {
    contest.pass(who);
    return contest.hash();
}

template <class Check>
void everywhere(Check check) {
    for (const Kernels* set : supported_kernels()) {
        CAPTURE(std::string(set->name));
        choose_kernels(set->name);
        CHECK(std::string(peers::peers_for(set->name).name) == set->name);
        for (std::uint32_t bits : {8u, 63u, 64u, 65u, 128u, 256u}) {
            for (std::uint32_t items : {3u, 64u, 300u}) {
                CAPTURE(bits);
                CAPTURE(items);
                check(tests::make_users(bits + items, 12, items).users, items, bits);
            }
        }
    }
    choose_kernels("auto");
}

}  // namespace

TEST_CASE("on explicit ratings, Gram matrices and residual sweeps in doubles give our codes") {
    everywhere(
        [](const std::vector<client::UserData>& users, std::uint32_t items, std::uint32_t bits) {
            Contest contest(users, items, bits, "square");
            const std::uint32_t ours = codes_of(contest, Contestant::ours);
            CHECK(codes_of(contest, Contestant::by_gram) == ours);
            CHECK(codes_of(contest, Contestant::by_blocked_gram) == ours);
            CHECK(codes_of(contest, Contestant::by_residuals) == ours);
        });
}

TEST_CASE("with uniform weights, the shared Gram matrix in doubles gives our codes") {
    everywhere(
        [](const std::vector<client::UserData>& users, std::uint32_t items, std::uint32_t bits) {
            Contest contest(users, items, bits, "linear");
            const std::uint32_t ours = codes_of(contest, Contestant::ours);
            CHECK(codes_of(contest, Contestant::uniform) == ours);
            CHECK(codes_of(contest, Contestant::uniform_scalar) == ours);
        });
}
