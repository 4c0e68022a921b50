#include "client/learner.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "common/errors.hpp"
#include "common/quadratic.hpp"
#include "tests/client/made_users.hpp"
#include "tests/reference.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

Shared published(std::uint32_t bits, std::size_t items, std::uint64_t seed) {
    Stream random(seed);
    Shared shared;
    shared.items = reference::random_codes(bits, items, random);
    shared.items_changed(1);
    shared.derive();
    return shared;
}

/// A and c of the user's problem, in units of 1/16, straight from the objective.
struct Lowered {
    std::vector<std::int64_t> A, c, h;
};
Lowered lower(const UserData& user, const Shared& shared, const Variant& variant,
              std::int64_t target) {
    const std::uint32_t k = variant.bits;
    Lowered result{std::vector<std::int64_t>(k * k), std::vector<std::int64_t>(k),
                   std::vector<std::int64_t>(k)};
    for (std::size_t i = 0; i < shared.items.rows; ++i) {
        const auto d = reference::signs(shared.items.row(i), k);
        const auto rated = std::find_if(user.train.begin(), user.train.end(),
                                        [i](const Rating& r) { return index(r.item) == i; });
        const std::int64_t weight =
            variant.interaction + (rated != user.train.end() ? variant.weight : 0);
        std::int64_t wanted = target;
        if (rated != user.train.end() && variant.objective == "explicit")
            wanted =
                std::lround(16.0 * variant.bits * (2.0 * static_cast<double>(rated->value) - 1.0));
        for (std::uint32_t a = 0; a < k; ++a) {
            for (std::uint32_t b = 0; b < k; ++b) result.A[a * k + b] += 16 * weight * d[a] * d[b];
            if (rated == user.train.end()) continue;
            result.c[a] += std::int64_t{variant.weight} * wanted * d[a];
            result.h[a] += d[a];
        }
    }
    for (auto& entry : result.A) entry += variant.balance_units;
    return result;
}

}  // namespace

TEST_CASE(
    "a user's code is what plain sweeps over the plainly written problem give, and the target is "
    "refitted to it") {
    for (const char* objective : {"implicit", "explicit"}) {
        for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
            const auto made = tests::make_users(bits, 6, 70);
            const Shared shared = published(bits, 70, bits);
            Variant variant = tests::busy_variant(bits);
            variant.objective = objective;
            const Learner learner(variant, 3);
            Workspace work;
            for (const UserData& user : made.users) {
                CAPTURE(std::string(objective));
                CAPTURE(bits);
                CAPTURE(index(user.user));
                const Learnt from = learner.start(user).counted;
                const Learnt learnt = learner.solve(user, shared, from, variant.sweeps, work);
                const Lowered problem = lower(user, shared, variant, from.target);
                REQUIRE(
                    std::equal(work.A.begin(), work.A.end(), problem.A.begin(), problem.A.end()));
                REQUIRE(work.c == problem.c);
                auto x = reference::signs(CodeView(from.code).first(words_for(bits)), bits);
                for (std::uint32_t s = 0; s < variant.sweeps; ++s)
                    reference::sweep(1, problem.A, problem.c, 64, x);
                REQUIRE(reference::signs(CodeView(learnt.code).first(words_for(bits)), bits) == x);

                std::int64_t along = 0;
                for (std::uint32_t a = 0; a < bits; ++a)
                    along += variant.weight * problem.h[a] * x[a];
                if (variant.objective == "implicit" && along > 0) {
                    const std::int64_t energy =
                        reference::objective(1, problem.A, std::vector<std::int64_t>(bits), x);
                    CHECK(learnt.target ==
                          std::clamp<std::int64_t>(energy / along, 1, max_target(bits)));
                } else {
                    CHECK(learnt.target == from.target);
                }
            }
        }
    }
}

TEST_CASE("the derived tables of what is published are the obvious sums") {
    const Shared shared = published(65, 130, 2);
    std::vector<std::uint32_t> all(130);
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto slow = reference::gram(shared.items, all);
    CHECK(std::equal(shared.gram.begin(), shared.gram.end(), slow.begin(), slow.end()));
    CHECK(shared.version == 1);
}

TEST_CASE(
    "a device starts with a code of its own and the target that its number of ratings gives") {
    Variant variant = tests::busy_variant(64);
    const Learner learner(variant, 9);
    UserData user;
    std::int64_t previous = max_target(64) + 1;
    for (std::size_t count : {1, 2, 5, 10, 40, 160, 1000}) {
        CAPTURE(count);
        user.train.resize(count);
        const UserState state = learner.start(user);
        CHECK(state.counted == state.newest);
        const double real = 16 * 0.5 * 64 * std::pow(static_cast<double>(count) / 10, -0.25);
        CHECK(std::abs(static_cast<double>(state.counted.target) - real) <= 1.0);
        CHECK(state.counted.target < previous);
        previous = state.counted.target;
    }
    variant.exponent_q16 = 0;
    CHECK(Learner(variant, 9).start(user).counted.target == 512);  // T k in 1/16, exactly
    variant.target_q16 = 0;
    CHECK(Learner(variant, 9).start(user).counted.target ==
          1);  // never 0, which the uplink would refuse
    UserData other = user;
    other.user = UserId{1};
    CHECK(learner.start(user).counted.code == learner.start(user).counted.code);
    CHECK(learner.start(user).counted.code != learner.start(other).counted.code);
    CHECK(learner.start(user).counted.code != Learner(variant, 10).start(user).counted.code);
}

TEST_CASE("learning is a function of the counted state alone, and only the newest changes") {
    const auto made = tests::make_users(4, 8, 70);
    const Shared shared = published(32, 70, 4);
    const Learner learner(tests::busy_variant(32), 4);
    for (const UserData& user : made.users) {
        CAPTURE(index(user.user));
        Workspace one, other;
        UserState state = learner.start(user);
        const UserState before = state;
        const Said said = learner.learn(user, shared, state, one);
        CHECK(state.counted == before.counted);
        CHECK(std::equal(said.code.begin(), said.code.end(), state.newest.code.begin()));
        CHECK(said.target == state.newest.target);
        CHECK(said.target >= 1);
        CHECK(said.target <= max_target(32));
        REQUIRE(said.items.size() == user.train.size());
        CHECK(said.targets.size() == user.train.size());
        for (std::size_t j = 0; j < said.items.size(); ++j)
            CHECK(said.items[j] == user.train[j].item);

        UserState again = before;  // whatever was in the workspace, and in `newest`
        again.newest.code.fill(~std::uint64_t{0});
        learner.learn(made.users.front(), shared, again, other);
        again = before;
        learner.learn(user, shared, again, other);
        CHECK(again.newest == state.newest);
        const UserState untouched = state;
        CHECK(learner.measured(user, shared, state, other) ==
              learner.measured(user, shared, before, one));
        CHECK(state.newest == untouched.newest);
    }
}

TEST_CASE(
    "a refitted target stays positive and within the cap over many rounds on changing tables") {
    const auto made = tests::make_users(5, 10, 40);
    for (std::uint32_t bits : {8u, 256u}) {
        CAPTURE(bits);
        const Learner learner(tests::busy_variant(bits), 5);
        Workspace work;
        for (const UserData& user : made.users) {
            UserState state = learner.start(user);
            for (std::uint64_t round = 0; round < 15; ++round) {
                const Shared shared = published(bits, 40, 100 + round);
                learner.learn(user, shared, state, work);
                REQUIRE(state.newest.target >= 1);
                REQUIRE(state.newest.target <= max_target(bits));
                state.counted = state.newest;
            }
        }
    }
}

TEST_CASE(
    "a user's weight is its number of ratings over the mean, in sixteenths, when users are "
    "weighed") {
    const auto made = tests::make_users(6, 4, 70);
    const Shared shared = published(16, 70, 6);
    Variant variant = tests::busy_variant(16);
    Workspace work;
    for (const UserData& user : made.users) {
        variant.weigh_users = false;
        UserState state = Learner(variant, 1).start(user);
        CHECK(Learner(variant, 1).learn(user, shared, state, work).weight == 16);
        variant.weigh_users = true;
        CHECK(Learner(variant, 1).learn(user, shared, state, work).weight ==
              std::max<std::int64_t>(1, 16 * static_cast<std::int64_t>(user.train.size()) / 10));
    }
}

TEST_CASE("without an objective to learn, codes and targets stay what they were") {
    const auto made = tests::make_users(8, 4, 70);
    const Shared shared = published(16, 70, 8);
    Variant variant = tests::busy_variant(16);
    variant.objective = "none";
    const Learner learner(variant, 8);
    Workspace work;
    for (const UserData& user : made.users) {
        UserState state = learner.start(user);
        const Learnt before = state.newest;
        learner.learn(user, shared, state, work);
        CHECK(state.newest == before);
        CHECK(learner.measured(user, shared, state, work) == before);
    }
}

TEST_CASE("every objective of the table sets a target for every rated item, within the cap") {
    const auto made = tests::make_users(7, 5, 70);
    for (const Objective& objective : objectives()) {
        CAPTURE(std::string(objective.name));
        CHECK(&find_objective(objective.name) == &objective);
        if (objective.targets == nullptr) continue;  // learns nothing
        for (const UserData& user : made.users) {
            std::vector<std::int32_t> targets(user.train.size(), 1 << 30);
            objective.targets(user, tests::busy_variant(64), 77, targets);
            for (std::int32_t target : targets) {
                CHECK(std::abs(target) <= max_target(64));
                if (objective.one_target) CHECK(target == 77);
            }
        }
    }
    CHECK_THROWS_WITH_AS(find_objective("karma"), doctest::Contains("implicit"), UsageError);
}
