#include "scenarios/exposure/clear_round.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using namespace fedhash::scenarios;

namespace {

constexpr std::uint32_t bits = 2, items = 6;

/// Of a user who has these items, rows of its number.
Aggregate alone(std::int64_t entry, std::initializer_list<std::uint32_t> own) {
    Aggregate one(AggregateShape{bits, items, 0, false});
    one.users = 1;
    for (const std::uint32_t i : own) {
        one.rows[i * bits] = entry;
        one.rows[i * bits + 1] = -entry;
        one.counts[i] = 1;
        one.weights[i] = 16;
    }
    one.vectors = {1, -1};
    one.gram = {1, -1, -1, 1};
    return one;
}

Variant made_variant() {
    Variant variant;
    variant.bits = bits;
    return variant;
}

ClearRound made_round(const Variant& variant) {
    ClearRound clear;
    add_clear(variant, 3, UserId{4}, alone(5, {0, 2}), clear);
    add_clear(variant, 3, UserId{7}, alone(9, {2, 5}), clear);
    add_clear(variant, 3, UserId{8}, alone(70, {2}), clear);
    return clear;
}

}  // namespace

TEST_CASE("sums under masks are held against those in clear, integer by integer") {
    const Variant variant = made_variant();
    const ClearRound clear = made_round(variant);
    CHECK(clear.sum.users == 3);
    CHECK(clear.uploads[1].items == ids({2, 5}));
    CHECK(clear.uploads[1].rows == std::vector<std::int64_t>{9, -9, 9, -9});
    server::ObservedSum masked{3, clear.sum, {}};
    const SumCheck same = check_sums(variant, masked, clear);
    CHECK(same.users == 3);
    CHECK(same.integers == items * (bits + 2) + bits + bits * bits + 1);
    CHECK_FALSE(same.violated());
    CHECK(sum_text(same) ==
          "3 masked uploads add up to what they do in clear: 31 integers, all equal; 50.0 % of "
          "items are sums of fewer than 5 users.");
    CHECK(sum_text(check_sums(variant, {3, {}, {}}, {})) ==
          "Of this round no masked sum was opened.");
    ++masked.sum.weights[5];
    const SumCheck other = check_sums(variant, masked, clear);
    CHECK(other.different == 1);
    CHECK(other.violated());
    CHECK(sum_text(other).find("do NOT add up") != std::string::npos);
}

TEST_CASE("of items with few contributors nothing may be opened") {
    Variant variant = made_variant();
    variant.privacy.contributors = 2;
    const ClearRound clear = made_round(variant);
    server::ObservedSum masked{3, clear.sum, {}};
    for (const std::uint32_t i : {0u, 5u}) {
        masked.sum.rows[i * bits] = masked.sum.rows[i * bits + 1] = 0;
        masked.sum.counts[i] = masked.sum.weights[i] = 0;
    }
    const SumCheck check = check_sums(variant, masked, clear);
    CHECK_FALSE(check.violated());
    CHECK(sum_text(check).find("nothing of items with fewer than 2 contributors") !=
          std::string::npos);
    CHECK(check.few == 1);                    // item 2, of three users
    for (const std::uint32_t i : {2u, 5u}) {  // a wrong sum, and one that is not to be known
        server::ObservedSum wrong = masked;
        wrong.sum.rows[i * bits] += 1;
        CHECK(check_sums(variant, wrong, clear).violated());
    }
    variant.privacy.contributors = 5;
    CHECK(check_sums(variant, {3, Aggregate(clear.sum.shape), {}}, clear).few == 0);
}

TEST_CASE("with noise the sums are those of cut rows, and are off by it") {
    Variant variant = made_variant();
    variant.privacy.noise_q8 = 256;
    variant.privacy.noise_clip = 20;
    variant.privacy.noise_users = 2;
    variant.privacy.row_cap = 2;
    const ClearRound clear = made_round(variant);
    CHECK(clear.uploads[2].rows == std::vector<std::int64_t>{20, -20});
    CHECK(clear.sum.rows[2 * bits] == 5 + 9 + 20);
    server::ObservedSum masked{3, clear.sum, {}};
    for (std::int64_t& entry : masked.sum.rows) entry += 12;
    const SumCheck check = check_sums(variant, masked, clear);
    CHECK_FALSE(check.violated());
    CHECK(check.noise == 12);
    CHECK(check.promised > 12);
}

TEST_CASE("users are asked about on items of their own, no item twice, half of them not there") {
    const Variant variant = made_variant();
    ClearRound clear;
    for (std::uint32_t u = 0; u < 60; ++u)
        add_clear(variant, 3, UserId{u}, alone(u + 1, {u % items}), clear);
    add_clear(variant, 3, UserId{60}, alone(1000, {0, 1, 2, 3, 4, 5}), clear);
    server::ObservedSum masked{3, clear.sum, {}};
    for (std::int64_t& count : masked.sum.counts) count += 7;  // noise
    const Questioned questioned = question_users(masked, clear);
    REQUIRE(questioned.candidates.size() ==
            items);  // each has an item that nobody else is asked on
    std::set<UserId> users;
    for (std::size_t c = 0; c < questioned.candidates.size(); ++c) {
        const attacks::Candidate& one = questioned.candidates[c];
        users.insert(one.user);
        REQUIRE(one.rows.size() == bits);
        CHECK(one.rows_left[0] == (questioned.present[c] ? one.rows[0] : 0));
        CHECK(one.counts_left[0] == 7 + (questioned.present[c] ? 1 : 0));
        CHECK(one.weights_left[0] == (questioned.present[c] ? 16 : 0));
    }
    CHECK(users.size() == items);
}
