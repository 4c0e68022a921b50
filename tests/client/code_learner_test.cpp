#include "client/code_learner.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "client/feedback.hpp"
#include "client/objective.hpp"
#include "common/errors.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

Shared published(const Variant& variant, std::size_t items, std::uint64_t seed) {
    Stream random(seed);
    Shared shared;
    shared.tables = tests::random_tables(variant, items, random);
    shared.derive();
    return shared;
}

Learnt started(const Learner& learner, const UserData& user) {
    Learnt learnt;
    learner.start(user, learnt);
    return learnt;
}

CodeView code_of(const Learnt& learnt, std::uint32_t bits) {
    return CodeView(learnt.code).first(words_for(bits));
}

/// What this user lists in this round.
Listed listed_by(const UserData& user, const Variant& variant, std::size_t items,
                 std::int64_t target, std::uint64_t seed, std::uint32_t round) {
    Listed listed;
    find_feedback(variant.feedback)
        .list(user, static_cast<std::uint32_t>(items), variant, target,
              stream(seed, Purpose::user_negatives, index(user.user), round), listed);
    return listed;
}

/// A and c of the user's problem, in 1/16, straight from the loss: sums over all items of what the
/// definition of the score says, one item after the other.
struct Lowered {
    std::vector<std::int64_t> A, c;
    std::vector<std::int64_t> along;  // w sum over listed items of phi
};
Lowered lower(const Listed& listed, const Shared& shared, const Variant& variant) {
    const std::uint32_t k = variant.bits;
    const Codes& items = shared.tables.codes;
    const auto& v = shared.tables.plane(PlaneId::bit_weights).values;
    Lowered result{std::vector<std::int64_t>(k * k), std::vector<std::int64_t>(k),
                   std::vector<std::int64_t>(k)};
    for (std::size_t i = 0; i < items.rows; ++i) {
        // s(x) = phi.x + shift, by probing: all bits -1, then one of them +1.
        Codes probe(k, 1);
        const std::int64_t none =
            reference::score(variant.similarity, probe.row(0), items.row(i), k, v);
        std::vector<std::int64_t> phi(k);
        std::int64_t shift = none;
        for (std::uint32_t a = 0; a < k; ++a) {
            flip(probe.row(0), a);
            phi[a] =
                (reference::score(variant.similarity, probe.row(0), items.row(i), k, v) - none) / 2;
            flip(probe.row(0), a);
            shift += phi[a];
        }
        const auto found = std::find(listed.items.begin(), listed.items.end(),
                                     ItemId{static_cast<std::uint32_t>(i)});
        const bool lists = found != listed.items.end();
        const bool bends = variant.objective == "square";
        const std::int64_t weight =
            variant.interaction + (lists && bends ? std::int64_t{variant.weight} : 0);
        std::int64_t right = -16 * std::int64_t{variant.interaction} * shift;
        if (lists) {
            const std::int64_t goal =
                listed.goals[static_cast<std::size_t>(found - listed.items.begin())];
            right += bends ? variant.weight * (goal - 16 * shift) : goal;
        }
        for (std::uint32_t a = 0; a < k; ++a) {
            for (std::uint32_t b = 0; b < k; ++b)
                result.A[a * k + b] += 16 * weight * phi[a] * phi[b];
            result.c[a] += right * phi[a];
            if (lists) result.along[a] += variant.weight * phi[a];
        }
    }
    if (variant.regulariser == "balance")
        for (auto& entry : result.A) entry += variant.balance_units;
    return result;
}

// Sum of w s over listed items, and in `energy` 16 (sum of w s^2 over them + c0 s^2 over all).
std::int64_t lifted(const Listed& listed, const Shared& shared, const Variant& variant,
                    CodeView code, std::int64_t& energy) {
    std::int64_t along = 0;
    for (std::uint32_t i = 0; i < shared.tables.codes.rows; ++i) {
        const std::int64_t s = reference::score(variant.similarity, code,
                                                shared.tables.codes.row(i), variant.bits, {});
        energy += 16 * std::int64_t{variant.interaction} * s * s;
        if (std::find(listed.items.begin(), listed.items.end(), ItemId{i}) == listed.items.end())
            continue;
        energy += 16 * std::int64_t{variant.weight} * s * s;
        along += variant.weight * s;
    }
    return along;
}

}  // namespace

TEST_CASE(
    "a user's code is what plain sweeps over the plainly written problem give, for every "
    "similarity, feedback and exact objective") {
    for (const Similarity& similarity : similarities()) {
        for (const char* feedback : {"implicit", "explicit", "liked", "shown", "sampled"}) {
            for (const char* objective : {"square", "linear"}) {
                for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
                    const auto made = tests::make_users(bits, 4, 70);
                    Variant variant = tests::busy_variant(bits);
                    variant.similarity = similarity.name;
                    variant.feedback = feedback;
                    variant.objective = objective;
                    variant.negatives = 2;
                    const Shared shared = published(variant, 70, bits);
                    const auto learner = make_code_learner(variant, 3);
                    Workspace work;
                    for (const UserData& user : made.users) {
                        CAPTURE(std::string(similarity.name));
                        CAPTURE(std::string(feedback));
                        CAPTURE(std::string(objective));
                        CAPTURE(bits);
                        CAPTURE(index(user.user));
                        const Learnt from = started(*learner, user);
                        Learnt learnt = from;
                        learner->learn(user, shared, 5, learnt, work);
                        const Listed listed = listed_by(user, variant, 70, from.target, 3, 5);
                        if (listed.items.empty()) {
                            CHECK(learnt.code == from.code);
                            continue;
                        }
                        const Lowered problem = lower(listed, shared, variant);
                        REQUIRE(std::equal(work.A.begin(), work.A.end(), problem.A.begin(),
                                           problem.A.end()));
                        REQUIRE(work.c == problem.c);
                        auto x = reference::signs(code_of(from, bits), bits);
                        for (std::uint32_t s = 0; s < variant.sweeps; ++s)
                            reference::sweep(1, problem.A, problem.c, 64, x);
                        REQUIRE(reference::signs(code_of(learnt, bits), bits) == x);

                        std::int64_t along = 0, energy = 0;
                        for (std::uint32_t a = 0; a < bits; ++a) along += problem.along[a] * x[a];
                        if (similarity.lift_item == 0)
                            energy = reference::objective(1, problem.A,
                                                          std::vector<std::int64_t>(bits), x);
                        else
                            along = lifted(listed, shared, variant, code_of(learnt, bits), energy);
                        if (std::string_view(feedback) == "implicit" &&
                            std::string_view(objective) == "square" && along > 0) {
                            CHECK(learnt.target ==
                                  std::clamp<std::int64_t>(energy / along, 1, max_target(variant)));
                        } else {
                            CHECK(learnt.target == from.target);
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("the derived tables of what is published are the obvious sums") {
    Variant variant;
    variant.bits = 65;
    Stream random(2);
    Shared shared;
    shared.tables = tests::random_tables(variant, 130, random);
    Plane& weights = shared.tables.plane(PlaneId::item_weights);
    weights = {130, 1, 6, 9, {1}, {}};
    for (int i = 0; i < 130; ++i)
        weights.values.push_back(static_cast<std::int16_t>(tests::between(0, 255, random)));
    shared.derive();
    std::vector<std::uint32_t> all(130);
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto slow = reference::gram(shared.tables.codes, all);
    CHECK(std::equal(shared.code_gram.begin(), shared.code_gram.end(), slow.begin(), slow.end()));
    CHECK(shared.derived == 1);
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    for (std::uint32_t a = 0; a < 65; ++a) {
        std::int64_t sum = 0;
        for (std::uint32_t i : all) sum += sign(shared.tables.codes.row(i), a);
        CHECK(shared.code_sum[a] == sum);
        for (std::uint32_t b = 0; b < 65; ++b) {
            double plain = 0;
            for (std::uint32_t i : all)
                plain += weights.at(i, 0) * factors.at(i, a) * factors.at(i, b);
            // All of it sums of few binary digits: exact in any order.
            CHECK(shared.factor_gram[a * 65 + b] == plain);
        }
    }
}

TEST_CASE(
    "a device starts with a code of its own and the target that its number of ratings gives") {
    Variant variant = tests::busy_variant(64);
    const auto target_of = [&variant](const UserData& user) {
        return started(*make_code_learner(variant, 9), user).target;
    };
    const auto learner = make_code_learner(variant, 9);
    UserData user;
    std::int64_t previous = max_target(variant) + 1;
    for (std::size_t count : {1, 2, 5, 10, 40, 160, 1000}) {
        CAPTURE(count);
        user.train.resize(count);
        const Learnt state = started(*learner, user);
        const double real = 16 * 0.5 * 64 * std::pow(static_cast<double>(count) / 10, -0.25);
        CHECK(std::abs(static_cast<double>(state.target) - real) <= 1.0);
        CHECK(state.target < previous);
        CHECK_FALSE(state.learnt);
        previous = state.target;
    }
    variant.exponent_q16 = 0;
    CHECK(target_of(user) == 512);  // T k in 1/16, exactly
    variant.target_q16 = 0;
    CHECK(target_of(user) == 1);  // never 0, which the uplink would refuse
    UserData other = user;
    other.user = UserId{1};
    CHECK(started(*learner, user).code == started(*learner, user).code);
    CHECK(started(*learner, user).code != started(*learner, other).code);
    CHECK(started(*learner, user).code != started(*make_code_learner(variant, 10), user).code);
}

TEST_CASE("learning is a function of what was learnt before, the tables and the round alone") {
    for (const char* feedback : {"implicit", "explicit", "sampled"}) {
        const auto made = tests::make_users(4, 8, 70);
        Variant variant = tests::busy_variant(32);
        variant.feedback = feedback;
        const Shared shared = published(variant, 70, 4);
        const auto learner = make_code_learner(variant, 4);
        for (const UserData& user : made.users) {
            CAPTURE(std::string(feedback));
            CAPTURE(index(user.user));
            Workspace one, other;
            Learnt learnt = started(*learner, user);
            const Learnt before = learnt;
            const Said said = learner->learn(user, shared, 2, learnt, one);
            CHECK(learnt.learnt);
            CHECK(std::equal(said.code.begin(), said.code.end(), learnt.code.begin()));
            CHECK(said.target == learnt.target);
            CHECK(said.target >= 1);
            CHECK(said.target <= max_target(variant));
            const Listed listed = listed_by(user, variant, 70, learnt.target, 4, 2);
            REQUIRE(std::equal(said.items.begin(), said.items.end(), listed.items.begin(),
                               listed.items.end()));
            const bool implied = std::string_view(feedback) == "implicit";
            CHECK(said.pulls.size() == (implied ? 0 : said.items.size()));
            for (std::size_t j = 0; j < said.pulls.size(); ++j) {
                const std::int64_t score =
                    reference::dot(said.code, shared.tables.codes.row(index(said.items[j])), 32);
                CHECK(said.pulls[j] == 8 * (listed.goals[j] - 16 * score));
                CHECK(said.weights[j] == 16 * 8);
            }

            Learnt again = before;  // whatever was in the workspace
            Learnt somebody = started(*learner, made.users.front());
            learner->learn(made.users.front(), shared, 1, somebody, other);
            learner->learn(user, shared, 2, again, other);
            CHECK(again == learnt);
            Learnt measured = learnt, measured_again = learnt;
            learner->fit_code(user, shared, measured, other);
            learner->fit_code(user, shared, measured_again, one);
            CHECK(measured == measured_again);
        }
    }
}

TEST_CASE(
    "a refitted target stays positive and within the cap over many rounds on changing tables") {
    const auto made = tests::make_users(5, 10, 40);
    for (const Similarity& similarity : similarities()) {
        for (std::uint32_t bits : {8u, 256u}) {
            CAPTURE(std::string(similarity.name));
            CAPTURE(bits);
            Variant variant = tests::busy_variant(bits);
            variant.similarity = similarity.name;
            const auto learner = make_code_learner(variant, 5);
            Workspace work;
            for (const UserData& user : made.users) {
                Learnt learnt = started(*learner, user);
                for (std::uint32_t round = 0; round < 15; ++round) {
                    const Shared shared = published(variant, 40, 100 + round);
                    learner->learn(user, shared, round, learnt, work);
                    REQUIRE(learnt.target >= 1);
                    REQUIRE(learnt.target <= max_target(variant));
                }
            }
        }
    }
}

TEST_CASE(
    "a user's weight is its number of ratings over the mean, in sixteenths, when users are "
    "weighed") {
    const auto made = tests::make_users(6, 4, 70);
    Variant variant = tests::busy_variant(16);
    const Shared shared = published(variant, 70, 6);
    Workspace work;
    for (const UserData& user : made.users) {
        for (bool weighs : {false, true}) {
            variant.weigh_users = weighs;
            const auto learner = make_code_learner(variant, 1);
            Learnt learnt = started(*learner, user);
            CHECK(learner->learn(user, shared, 1, learnt, work).user_weight ==
                  (weighs ? std::max<std::int64_t>(
                                1, 16 * static_cast<std::int64_t>(user.train.size()) / 10)
                          : 16));
        }
    }
}

TEST_CASE("without an objective to learn, codes and targets stay what they were") {
    const auto made = tests::make_users(8, 4, 70);
    Variant variant = tests::busy_variant(16);
    variant.objective = "none";
    const Shared shared = published(variant, 70, 8);
    const auto learner = make_code_learner(variant, 8);
    Workspace work;
    for (const UserData& user : made.users) {
        Learnt learnt = started(*learner, user);
        const Learnt before = learnt;
        learner->learn(user, shared, 1, learnt, work);
        CHECK(learnt == before);
        learner->fit_code(user, shared, learnt, work);
        CHECK(learnt == before);
    }
}

TEST_CASE("every learner of the table is found by its name") {
    for (const LearnerEntry& entry : learners()) CHECK(&find_learner(entry.name) == &entry);
    CHECK_THROWS_WITH_AS(find_learner("oracle"), doctest::Contains("known: code, "), UsageError);
}

TEST_CASE(
    "every feedback of the table sets a goal for every item that it lists, within the cap, and "
    "every objective answers within what an uplink takes") {
    const auto made = tests::make_users(7, 5, 70);
    const Variant variant = tests::busy_variant(64);
    for (const Feedback& feedback : feedbacks()) {
        CAPTURE(std::string(feedback.name));
        CHECK(&find_feedback(feedback.name) == &feedback);
        for (const UserData& user : made.users) {
            Listed listed;
            feedback.list(user, 70, variant, 77, Stream(3), listed);
            REQUIRE(listed.goals.size() == listed.items.size());
            REQUIRE(listed.labels.size() == listed.items.size());
            for (std::size_t j = 0; j < listed.items.size(); ++j) {
                CHECK(std::abs(listed.goals[j]) <= max_target(variant));
                if (feedback.one_goal) CHECK(listed.goals[j] == 77);
                CHECK(listed.labels[j] >= 0);
                CHECK(listed.labels[j] <= 1);
                CHECK(index(listed.items[j]) < 70);
                if (j > 0) CHECK(index(listed.items[j - 1]) < index(listed.items[j]));
            }
            for (const Objective& objective : objectives()) {
                CAPTURE(std::string(objective.name));
                CHECK(&find_objective(objective.name) == &objective);
                if (objective.respond == nullptr) continue;  // learns nothing
                if (objective.ranks && feedback.one_goal) continue;
                Stream random(5);
                std::vector<std::int32_t> scores, pulls(listed.items.size(), 1 << 30),
                    weights(listed.items.size(), 1 << 30);
                for (std::size_t j = 0; j < listed.items.size(); ++j)
                    scores.push_back(tests::between(-64, 64, random));
                objective.respond(listed, scores, variant, {pulls, weights});
                for (std::size_t j = 0; j < listed.items.size(); ++j) {
                    CHECK(std::abs(std::int64_t{pulls[j]}) <= max_pull(variant));
                    CHECK(weights[j] >= 0);
                    CHECK(weights[j] <= 16 * 8);
                }
            }
        }
    }
    CHECK_THROWS_WITH_AS(find_feedback("rumour"), doctest::Contains("implicit"), UsageError);
    CHECK_THROWS_WITH_AS(find_objective("karma"), doctest::Contains("square"), UsageError);
}

TEST_CASE(
    "sampled feedback lists all that was observed beside the stated number of other items, drawn "
    "by the device from all of them alike") {
    const auto made = tests::make_users(9, 20, 90);
    Variant variant;
    for (std::uint32_t negatives : {0u, 1u, 3u, 100u}) {
        variant.negatives = negatives;
        std::vector<int> drawn(90);
        for (const UserData& user : made.users) {
            CAPTURE(negatives);
            CAPTURE(index(user.user));
            const std::size_t n = user.train.size(), unseen = 90 - n;
            Listed listed, again;
            find_feedback("sampled").list(user, 90, variant, 77, Stream(index(user.user)), listed);
            find_feedback("sampled").list(user, 90, variant, 77, Stream(index(user.user)), again);
            CHECK(listed.items == again.items);
            REQUIRE(listed.items.size() == n + std::min<std::size_t>(unseen, negatives * n));
            std::size_t observed = 0;
            for (std::size_t j = 0; j < listed.items.size(); ++j) {
                if (j > 0) REQUIRE(index(listed.items[j - 1]) < index(listed.items[j]));
                const bool seen = std::any_of(
                    user.train.begin(), user.train.end(),
                    [&](const Rating& rating) { return rating.item == listed.items[j]; });
                observed += seen ? 1 : 0;
                CHECK(listed.goals[j] == (seen ? 77 : 0));
                CHECK(listed.labels[j] == (seen ? 1.0f : 0.0f));
                if (!seen) ++drawn[index(listed.items[j])];
            }
            CHECK(observed == n);
        }
        if (negatives == 1) {
            Listed one, other;
            find_feedback("sampled").list(made.users[0], 90, variant, 77, Stream(1), one);
            find_feedback("sampled").list(made.users[0], 90, variant, 77, Stream(2), other);
            CHECK(one.items != other.items);
            CHECK(std::count_if(drawn.begin(), drawn.end(), [](int n) { return n > 0; }) > 80);
        }
    }
    UserData everything;
    for (std::uint32_t i = 0; i < 90; ++i) everything.train.push_back({ItemId{i}, 1});
    Listed listed;
    find_feedback("sampled").list(everything, 90, variant, 77, Stream(1), listed);
    CHECK(listed.items.size() == 90);
}
