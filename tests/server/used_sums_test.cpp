#include "server/used_sums.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "client/protection.hpp"
#include "common/uplink.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

constexpr std::uint32_t items = 40, users = 30;

/// Reports of 6 values, of the items and 20 that pad a set, about one of each user's at a time.
Variant subset_variant() {
    Variant variant;
    variant.bits = 16;
    PrivacyVariant& privacy = variant.privacy;
    privacy.items = "subset";
    privacy.items_padded = 20;
    privacy.items_said = 6;
    const double p = 0.9, values = items + 20;
    privacy.items_true_q32 = static_cast<std::uint32_t>(4294967296.0 * p);
    privacy.items_lie_q32 = static_cast<std::uint32_t>(4294967296.0 * (6 - p) / (values - 1));
    return variant;
}

Variant unary_variant() {
    Variant variant;
    variant.bits = 16;
    variant.target_q16 = 1u << 15;
    variant.privacy.items = "unary";
    variant.privacy.items_lie_q32 = 1u << 30;  // q = 1/4
    return variant;
}

/// The sums of users who say these item sets: exact or unary ones.
Aggregate heard(const Variant& variant, const Tables& tables, bool unary, std::uint64_t seed) {
    const tests::Made made = tests::make_users(9, users, items);
    const auto uplink = find_uplink("residual").make(variant);
    Aggregate sum(uplink->shape(items));
    client::Workspace work;
    for (std::uint32_t u = 0; u < users; ++u) {
        const client::UserData& user = made.users[u];
        std::vector<ItemId> own;
        for (const client::Rating& rating : user.train) own.push_back(rating.item);
        Stream random = stream(1, Purpose::user_code, u);
        const std::vector<std::uint64_t> code{random() & 0xffff};
        Said said;
        said.items = own;
        said.code = code;
        said.target = 100;
        if (unary) client::protect(variant, seed, user, made.ranking, 1, said, work);
        const wire::Buffer body = tests::body_of(*uplink, said, tables);
        wire::ByteReader from(body);
        uplink->hear(from, tables, sum);
    }
    return sum;
}

Tables made_tables(const Variant& variant) {
    Stream random(5);
    return tests::random_tables(variant, items, random);
}

}  // namespace

TEST_CASE("sums of noisy item sets, made unbiased, are on average those of the exact ones") {
    for (const Variant& variant : {unary_variant(), subset_variant()}) {
        CAPTURE(variant.privacy.items);
        const Tables tables = made_tables(variant);
        const Aggregate exact = heard(variant, tables, false, 0);
        const std::size_t cells = exact.rows.size();
        std::vector<double> mean(cells), square(cells);
        constexpr int trials = 400;
        for (int trial = 0; trial < trials; ++trial) {
            Aggregate sum = heard(variant, tables, true, 100 + trial);
            CHECK(sum.users == users);
            undo_noise(variant, tables, sum);
            for (std::size_t c = 0; c < cells; ++c) {
                mean[c] += static_cast<double>(sum.rows[c]) / trials;
                square[c] += std::pow(static_cast<double>(sum.rows[c]), 2) / trials;
            }
            for (std::uint32_t i = 0; i < items; ++i) {
                CHECK(sum.counts[i] >= 0);
                CHECK(sum.weights[i] == unit * variant.weight * sum.counts[i]);
            }
        }
        // Of 640 means one in 10^5 would be five of its errors off.
        for (std::size_t c = 0; c < cells; ++c) {
            const double error = std::sqrt((square[c] - mean[c] * mean[c]) / trials);
            CHECK(std::abs(mean[c] - static_cast<double>(exact.rows[c])) < 5 * error + 1);
        }
    }
}

TEST_CASE(
    "of 30 users 20 said an item that one in four says anyway: 50 have it, none may be fewer") {
    const Variant variant = unary_variant();
    const Tables tables = made_tables(variant);
    Aggregate sum(find_uplink("residual").make(variant)->shape(items));
    sum.users = 30;
    sum.counts[0] = 20;
    sum.counts[1] = 5;
    undo_noise(variant, tables, sum);
    CHECK(sum.counts[0] == 50);  // (20 - 30 / 4) / (1 / 2 - 1 / 4)
    CHECK(sum.counts[1] == 0);
}

TEST_CASE("items with too few contributors are left out, and nothing else") {
    const Variant variant = unary_variant();
    const Tables tables = made_tables(variant);
    const Aggregate all = heard(variant, tables, false, 0);
    Aggregate some = all;
    withhold(8, some);
    std::size_t left_out = 0;
    for (std::uint32_t i = 0; i < items; ++i) {
        const bool out = all.counts[i] < 8;
        left_out += out ? 1 : 0;
        CHECK(some.counts[i] == (out ? 0 : all.counts[i]));
        CHECK(some.weights[i] == (out ? 0 : all.weights[i]));
        for (std::uint32_t a = 0; a < 16; ++a)
            CHECK(some.rows[i * 16 + a] == (out ? 0 : all.rows[i * 16 + a]));
    }
    CHECK(left_out > 3);
    CHECK(left_out < items);
    CHECK(some.gram == all.gram);
    CHECK(some.users == all.users);
}

TEST_CASE("with a prior of three votes, three users do not turn a bit over and four do") {
    Variant variant;
    variant.bits = 8;
    Tables tables = made_tables(variant);
    Aggregate sum(AggregateShape{8, items, 0, false});
    for (std::uint32_t a = 0; a < 8; ++a) {
        sum.rows[a] = -3 * sign(tables.codes.row(0), a);
        sum.rows[8 + a] = -4 * sign(tables.codes.row(1), a);
    }
    add_prior(3, tables, sum);
    for (std::uint32_t a = 0; a < 8; ++a) {
        CHECK(sum.rows[a] == 0);
        CHECK(sum.rows[8 + a] == -sign(tables.codes.row(1), a));
        CHECK(sum.rows[16 + a] == 3 * sign(tables.codes.row(2), a));
    }
}
