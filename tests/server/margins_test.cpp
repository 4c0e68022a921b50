#include "server/margins.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "common/quadratic.hpp"
#include "common/random.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

constexpr std::uint32_t bits = 12, catalogue = 6, raters = 40;

/// A round of votes or residuals by users with codes, as the server adds them up.
Aggregate made_sums(Stream& random, std::int64_t most) {
    Aggregate sums(AggregateShape{bits, catalogue, 0, false});
    sums.users = raters;
    for (std::uint32_t u = 0; u < raters; ++u) {
        std::array<int, bits> psi;
        for (int& p : psi) p = random() % 2 == 0 ? 1 : -1;
        for (std::uint32_t a = 0; a < bits; ++a)
            for (std::uint32_t b = 0; b < bits; ++b) sums.gram[a * bits + b] += psi[a] * psi[b];
        const std::uint64_t i = random() % catalogue;
        ++sums.counts[i];
        sums.weights[i] += 16 * 8;
        const auto e = static_cast<std::int64_t>(random() % (2 * most + 1)) - most;
        for (std::uint32_t a = 0; a < bits; ++a)
            sums.rows[i * bits + a] += most == 1 ? psi[a] : e * psi[a];
    }
    return sums;
}

Codes random_codes(Stream& random) {
    Codes codes(bits, catalogue);
    for (std::uint64_t& word : codes.words) word = random() & 0xfff;
    return codes;
}

Variant votes(const char* rule) {
    Variant variant;
    variant.bits = bits;
    variant.uplink = "votes";
    variant.item_rule = rule;
    variant.target_q16 = 1u << 15;
    return variant;
}

}  // namespace

TEST_CASE("so many votes turn a bit, and one less does not") {
    Stream random(4);
    for (const char* name : {"majority", "majority-up", "votes-gram"})
        for (int round = 0; round < 20; ++round) {
            CAPTURE(std::string(name));
            const Variant variant = votes(name);
            const auto rule = find_item_rule(name).make(variant, catalogue);
            const Aggregate sums = made_sums(random, 1);
            Tables tables;
            tables.codes = random_codes(random);
            const Codes before = tables.codes;
            rule->step(tables, sums, {1, 1});
            const auto needed = margins(variant, before, tables.codes, sums, {1, 1});
            REQUIRE(needed.size() == bits * catalogue);
            for (std::uint32_t i = 0; i < catalogue; ++i)
                for (std::uint32_t a = 0; a < bits; ++a) {
                    const int bit = sign(tables.codes.row(i), a);
                    const auto turned = [&](std::int64_t liars) {
                        std::vector<std::int64_t> of_bit(catalogue);
                        for (std::uint32_t j = 0; j < catalogue; ++j)
                            of_bit[j] = sums.rows[j * bits + a];
                        of_bit[i] -= liars * bit;
                        Codes codes = tables.codes;
                        rule->settle_bit(codes, a, of_bit, sums, {1, 1});
                        return sign(codes.row(i), a) != bit;
                    };
                    const std::int64_t n = needed[i * bits + a];
                    if (n > 1) CHECK_FALSE(turned(n - 1));
                    CHECK(turned(n));
                }
        }
}

TEST_CASE("so many residuals make the other bit the better one, and one less does not") {
    // The forms of residuals, and the strongest that a liar can say in each of them.
    struct Form {
        const char* objective;
        std::int64_t pull, weight;
    };
    constexpr std::int64_t w = 8, most_target = 4 * 16 * bits;
    for (const Form& form :
         {Form{"square", w * (most_target + 16 * bits), 16 * w}, Form{"linear", most_target, 0},
          Form{"logistic", 2 * w * most_target, 0}})
        for (int round = 0; round < 20; ++round) {
            CAPTURE(std::string(form.objective));
            Stream random(static_cast<std::uint64_t>(round));
            Variant variant;
            variant.bits = bits;
            variant.objective = form.objective;
            const auto rule = find_item_rule("curvature").make(variant, catalogue);
            const Aggregate sums = made_sums(random, 200'000);
            Tables tables;
            tables.codes = random_codes(random);
            const Codes before = tables.codes;
            rule->step(tables, sums, {1, 1});
            const auto needed = margins(variant, before, tables.codes, sums, {1, 1});
            for (std::uint32_t i = 0; i < catalogue; ++i)
                for (std::uint32_t a = 0; a < bits; ++a) {
                    // alpha d'Hd - 2 c'd of item_steps/curvature.cpp, with `liars` at their
                    // strongest.
                    const auto loss = [&](const Codes& codes, std::int64_t liars, int against) {
                        const auto d = codes.row(i);
                        const std::int64_t weight = sums.weights[i] + liars * form.weight;
                        const std::int64_t alpha = 16 * raters + weight;
                        std::int64_t total = 0;
                        for (std::uint32_t x = 0; x < bits; ++x) {
                            std::int64_t c = raters * sums.rows[i * bits + x];
                            for (std::uint32_t y = 0; y < bits; ++y) {
                                total += alpha * sums.gram[x * bits + y] * sign(d, x) * sign(d, y);
                                c += weight * sums.gram[x * bits + y] * sign(before.row(i), y);
                            }
                            if (x == a) c -= raters * liars * form.pull * against;
                            total -= 2 * c * sign(d, x);
                        }
                        return total;
                    };
                    const int bit = sign(tables.codes.row(i), a);
                    Codes other = tables.codes;
                    flip(other.row(i), a);
                    const std::int64_t n = needed[i * bits + a];
                    CHECK(loss(other, n, bit) < loss(tables.codes, n, bit));
                    if (n > 1) CHECK(loss(other, n - 1, bit) >= loss(tables.codes, n - 1, bit));
                }
        }
}

TEST_CASE("prior votes and too few contributors are in the margin") {
    Stream random(2);
    Variant variant = votes("majority");
    const Aggregate sums = made_sums(random, 1);
    const Codes before = random_codes(random);
    Tables plain;
    plain.codes = before;
    find_item_rule("majority").make(variant, catalogue)->step(plain, sums, {1, 1});
    const auto least = [&](const std::vector<std::uint32_t>& all) {
        return *std::ranges::min_element(all);
    };
    const auto undefended = margins(variant, before, plain.codes, sums, {1, 1});
    variant.privacy.prior = 100;  // more than there are users: every bit stays
    const auto stubborn = margins(variant, before, before, sums, {1, 1});
    CHECK(least(stubborn) > 100 - raters);
    CHECK(least(undefended) < least(stubborn));
    variant.privacy.prior = 0;
    variant.privacy.contributors = 1000;  // nothing is used
    const auto withheld = margins(variant, before, before, sums, {1, 1});
    for (std::uint32_t i = 0; i < catalogue; ++i)
        for (std::uint32_t a = 0; a < bits; ++a)
            CHECK(withheld[i * bits + a] == 1000 - sums.counts[i]);
}

TEST_CASE("rules without a margin by the bit have none") {
    Variant variant;
    CHECK(has_margins(variant));
    variant.memory_256 = 128;
    CHECK_FALSE(has_margins(variant));
    CHECK_FALSE(has_margins(votes("exact")));
    CHECK(has_margins(votes("votes-gram")));
}
