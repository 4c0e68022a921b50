#include "client/protection.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "client/unobserved.hpp"
#include "common/errors.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

std::set<std::uint32_t> ids(std::span<const ItemId> items) {
    std::set<std::uint32_t> result;
    for (const ItemId item : items) result.insert(static_cast<std::uint32_t>(index(item)));
    return result;
}

std::vector<ItemId> items_of(const UserData& user) {
    std::vector<ItemId> items;
    for (const Rating& rating : user.train) items.push_back(rating.item);
    return items;
}

/// What a user says without any protection: a row of its own for each item.
struct Spoken {
    std::vector<ItemId> items;
    std::vector<std::int32_t> pulls, weights, gradients;
    explicit Spoken(const UserData& user) : items(items_of(user)) {
        for (const ItemId item : items) {
            const auto id = static_cast<std::int32_t>(index(item));
            pulls.push_back(1000 + id);
            weights.push_back(2000 + id);
            gradients.insert(gradients.end(), {3000 + id, 4000 + id});
        }
    }
    Said said() const {
        Said said;
        said.items = items;
        said.pulls = pulls;
        said.weights = weights;
        said.gradients = gradients;
        return said;
    }
};

Variant with_decoys(const char* kind, double per_item = 1) {
    Variant variant;
    variant.privacy.decoys = kind;
    variant.privacy.decoys_q8 = static_cast<std::uint32_t>(256 * per_item);
    return variant;
}

/// What is said of these items in this round.
std::set<std::uint32_t> shown(const Variant& variant, const UserData& user, const Ranking& ranking,
                              std::uint32_t round) {
    const Spoken spoken(user);
    Workspace work;
    Said said = spoken.said();
    protect(variant, 1, user, ranking, round, said, work);
    return ids(said.items);
}

}  // namespace

TEST_CASE("rows that are said for decoys are copies of the user's own, and its own stay") {
    const tests::Made made = tests::make_users(1, 20, 200);
    for (const char* kind : {"resampled", "memoised", "popular"})
        for (const UserData& user : made.users) {
            CAPTURE(kind);
            const Spoken spoken(user);
            const std::set<std::uint32_t> own = ids(spoken.items);
            Workspace work;
            Said said = spoken.said();
            protect(with_decoys(kind, 2), 1, user, made.ranking, 3, said, work);
            REQUIRE(said.items.size() == 3 * spoken.items.size());
            CHECK(std::ranges::is_sorted(said.items));
            CHECK(ids(said.items).size() == said.items.size());
            REQUIRE(said.pulls.size() == said.items.size());
            REQUIRE(said.weights.size() == said.items.size());
            REQUIRE(said.gradients.size() == 2 * said.items.size());
            for (std::size_t j = 0; j < said.items.size(); ++j) {
                const auto source = static_cast<std::uint32_t>(said.pulls[j] - 1000);
                CHECK(own.contains(source));
                if (own.contains(static_cast<std::uint32_t>(index(said.items[j]))))
                    CHECK(source == index(said.items[j]));
                CHECK(said.weights[j] == said.pulls[j] + 1000);
                CHECK(said.gradients[2 * j] == said.pulls[j] + 2000);
                CHECK(said.gradients[2 * j + 1] == said.pulls[j] + 3000);
            }
        }
}

TEST_CASE("memoised decoys are the same in every round, resampled ones are not") {
    const tests::Made made = tests::make_users(2, 10, 400);
    for (const UserData& user : made.users) {
        const auto at = [&](const char* kind, std::uint32_t round) {
            return shown(with_decoys(kind), user, made.ranking, round);
        };
        CHECK(at("memoised", 1) == at("memoised", 9));
        CHECK(at("popular", 1) == at("popular", 9));
        CHECK(at("resampled", 1) != at("resampled", 2));
        CHECK(at("resampled", 2) == at("resampled", 2));
    }
}

TEST_CASE("decoys by popularity are the popular items") {
    tests::Made made = tests::make_users(3, 60, 400);
    made.ranking.popularity.assign(400, 2);
    for (std::uint32_t i = 0; i < 40; ++i)
        made.ranking.popularity[10 * i] = 8;  // 64 times as often
    double popular = 0, all = 0;
    for (const UserData& user : made.users) {
        const std::set<std::uint32_t> own = ids(items_of(user));
        for (const std::uint32_t item :
             shown(with_decoys("popular", 0.25), user, made.ranking, 1)) {
            if (own.contains(item)) continue;
            ++all;
            popular += item % 10 == 0 ? 1 : 0;
        }
    }
    REQUIRE(all > 300);
    CHECK(popular / all > 0.7);  // 40 x 64 of 40 x 64 + 360, some of them taken
}

TEST_CASE("a user that has nearly everything is hidden among what is left") {
    UserData user;
    for (std::uint32_t i = 0; i < 9; ++i) user.train.push_back({ItemId{i}, 1});
    const Ranking ranking{10, true, std::vector<std::uint8_t>(10, 1)};
    for (const char* kind : {"resampled", "memoised", "popular"})
        CHECK(shown(with_decoys(kind, 3), user, ranking, 1).size() == 10);
    user.train.push_back({ItemId{9}, 1});
    for (const char* kind : {"resampled", "memoised", "popular"})
        CHECK(shown(with_decoys(kind, 3), user, ranking, 1).size() == 10);
    user.train.clear();
    CHECK(shown(with_decoys("memoised"), user, ranking, 1).empty());
}

TEST_CASE("a cap lets the same rows through in every round") {
    const tests::Made made = tests::make_users(4, 20, 200);
    Variant variant;
    variant.privacy.row_cap = 5;
    for (const UserData& user : made.users) {
        const std::set<std::uint32_t> rows = shown(variant, user, made.ranking, 1);
        CHECK(rows.size() == std::min<std::size_t>(5, user.train.size()));
        CHECK(std::ranges::includes(ids(items_of(user)), rows));
        CHECK(rows == shown(variant, user, made.ranking, 7));
    }
    variant.privacy.decoys = "memoised";
    CHECK(shown(variant, made.users[0], made.ranking, 1).size() == 10);
    CHECK(most_rows(variant) == 10);
}

TEST_CASE("bits of a code are turned over as often as they should be") {
    Variant variant;
    variant.bits = 64;
    const double eps = 1, lie = 1 / (1 + std::exp(eps));
    variant.privacy.code_lie_q32 = static_cast<std::uint32_t>(4294967296.0 * lie);
    const std::vector<std::uint64_t> code{0x123456789abcdef0};
    for (const char* kind : {"fresh", "permanent"}) {
        CAPTURE(kind);
        variant.privacy.code = kind;
        double wrong = 0;
        for (std::uint32_t u = 0; u < 2000; ++u) {
            Workspace work;
            const CodeView said = said_code(variant, 7, UserId{u}, 4, code, work);
            wrong += std::popcount(said[0] ^ code[0]);
        }
        // 128,000 coins: the standard deviation of the share is 0.0012.
        CHECK(wrong / 128000 == doctest::Approx(lie).epsilon(0.025));
    }
}

TEST_CASE("permanent answers stay, for either value of a bit, fresh ones do not") {
    Variant variant;
    variant.bits = 64;
    variant.privacy.code_lie_q32 = 1u << 30;
    const std::vector<std::uint64_t> code{0x123456789abcdef0}, other{~code[0]};
    const auto said = [&](const char* kind, std::uint32_t round,
                          const std::vector<std::uint64_t>& what) {
        variant.privacy.code = kind;
        Workspace work;
        return said_code(variant, 7, UserId{3}, round, what, work)[0];
    };
    CHECK(said("permanent", 1, code) == said("permanent", 2, code));
    CHECK(said("fresh", 1, code) != said("fresh", 2, code));
    CHECK(said("exact", 1, code) == code[0]);
    // The coins of the two values are different ones: a bit that turns over is not seen to.
    CHECK(said("permanent", 1, code) != ~said("permanent", 1, other));
}

TEST_CASE("a unary item set has an item of the user with 1/2, another with q, and stays") {
    const tests::Made made = tests::make_users(5, 100, 500);
    Variant variant;
    variant.privacy.items = "unary";
    const double q = 0.2;
    variant.privacy.items_lie_q32 = static_cast<std::uint32_t>(4294967296.0 * q);
    double own = 0, own_said = 0, other = 0, other_said = 0;
    for (const UserData& user : made.users) {
        const std::set<std::uint32_t> has = ids(items_of(user));
        const std::set<std::uint32_t> said = shown(variant, user, made.ranking, 1);
        CHECK(said == shown(variant, user, made.ranking, 2));
        for (std::uint32_t i = 0; i < 500; ++i) {
            (has.contains(i) ? own : other) += 1;
            (has.contains(i) ? own_said : other_said) += said.contains(i) ? 1 : 0;
        }
    }
    CHECK(own_said / own == doctest::Approx(0.5).epsilon(0.03));
    CHECK(other_said / other == doctest::Approx(q).epsilon(0.03));
}

TEST_CASE("a report by subset selection: so many items, one of the user's with p, others with q") {
    const tests::Made made = tests::make_users(5, 60, 500);
    Variant variant;
    PrivacyVariant& privacy = variant.privacy;
    privacy.items = "subset";
    privacy.items_padded = 150;
    privacy.items_said = 175;  // of 650, epsilon 1
    const double s = 175, p = s * std::exp(1.0) / (s * std::exp(1.0) + 650 - s);
    privacy.items_true_q32 = static_cast<std::uint32_t>(4294967296.0 * p);
    const double q = (s - p) / 649;
    double own = 0, own_said = 0, other = 0, other_said = 0, all = 0;
    for (const UserData& user : made.users) {
        const std::set<std::uint32_t> has = ids(items_of(user));
        REQUIRE(has.size() <= 150);
        for (std::uint32_t round = 1; round <= 40; ++round) {
            const std::set<std::uint32_t> said = shown(variant, user, made.ranking, round);
            CHECK(said.size() <= 175);
            all += static_cast<double>(said.size());
            for (std::uint32_t i = 0; i < 500; ++i) {
                (has.contains(i) ? own : other) += 1;
                (has.contains(i) ? own_said : other_said) += said.contains(i) ? 1 : 0;
            }
        }
        CHECK(shown(variant, user, made.ranking, 1) != shown(variant, user, made.ranking, 2));
        CHECK(shown(variant, user, made.ranking, 1) == shown(variant, user, made.ranking, 1));
    }
    // 175 of 650, 500 of which are in the catalogue.
    CHECK(all / (60 * 40) == doctest::Approx(175.0 * 500 / 650).epsilon(0.01));
    CHECK(other_said / other == doctest::Approx(q).epsilon(0.01));
    CHECK(own_said / own == doctest::Approx(q + (p - q) / 150).epsilon(0.05));
}

TEST_CASE("of a user with more items than sets are cut to, the same ones are reported on") {
    const tests::Made made = tests::make_users(5, 5, 500);
    Variant variant;
    PrivacyVariant& privacy = variant.privacy;
    privacy.items = "subset";
    privacy.items_padded = 3;
    privacy.items_said = 1;
    privacy.items_true_q32 = 0xffffffff;  // nothing but the truth
    for (const UserData& user : made.users) {
        REQUIRE(user.train.size() > 3);
        const std::set<std::uint32_t> has = ids(items_of(user));
        std::set<std::uint32_t> said;
        for (std::uint32_t round = 1; round <= 60; ++round)
            for (const std::uint32_t item : shown(variant, user, made.ranking, round)) {
                CHECK(has.contains(item));
                said.insert(item);
            }
        CHECK(said.size() == 3);
    }
}

TEST_CASE("decoys of an unknown kind are refused by name") {
    CHECK_THROWS_WITH_AS(find_decoys("fake"),
                         "privacy.decoys: unknown decoys 'fake'; known: none, resampled, memoised, "
                         "popular",
                         UsageError);
}
