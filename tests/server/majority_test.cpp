// Rules on votes, against the rule written out.
#include <doctest/doctest.h>

#include "server/item_step.hpp"
#include "tests/reference.hpp"

using namespace fedhash;

namespace {

Aggregate random_votes(std::uint32_t bits, std::size_t items, Stream& random) {
    Aggregate sums(AggregateShape{bits, items, 0, false});
    for (std::int64_t& entry : sums.rows) entry = static_cast<std::int64_t>(random() % 7) - 3;
    const Codes users = reference::random_codes(bits, 9, random);
    std::vector<std::uint32_t> all(9);
    for (std::uint32_t u = 0; u < 9; ++u) all[u] = u;
    sums.gram = reference::gram(users, all);
    sums.users = 9;
    return sums;
}

}  // namespace

TEST_CASE("the majority decides, and a tie keeps the old bit or sets it") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
        CAPTURE(bits);
        Stream random(bits);
        Tables tables;
        tables.codes = reference::random_codes(bits, 20, random);
        const Aggregate sums = random_votes(bits, 20, random);
        for (const std::string name : {"majority", "majority-up"}) {
            Tables next = tables;
            Variant variant;
            variant.bits = bits;
            const auto rule = server::find_item_rule(name).make(variant, 20);
            const std::uint64_t flips = rule->step(next, sums, {});
            Codes by_bit = tables.codes;
            std::uint64_t different = 0;
            for (std::uint32_t a = 0; a < bits; ++a) {
                std::vector<std::int64_t> column;
                for (std::size_t i = 0; i < 20; ++i) {
                    const std::int64_t votes = sums.rows[i * bits + a];
                    const int old = sign(tables.codes.row(i), a);
                    const int wanted = votes > 0            ? 1
                                       : votes < 0          ? -1
                                       : name == "majority" ? old
                                                            : 1;
                    CHECK(sign(next.codes.row(i), a) == wanted);
                    different += wanted != old ? 1 : 0;
                    column.push_back(votes);
                }
                rule->settle_bit(by_bit, a, column, sums, {});
            }
            CHECK(flips == different);
            CHECK(by_bit == next.codes);
        }
    }
}

TEST_CASE("votes beside the term of all pairs: each bit lowers c0 d'Hd - 2 T k V'd") {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        Variant variant;
        variant.bits = 20;
        variant.interaction = 1;
        variant.target_q16 = 1u << 15;
        variant.own_bit_start = 64;
        Tables tables;
        tables.codes = reference::random_codes(20, 15, random);
        const Aggregate sums = random_votes(20, 15, random);
        Tables next = tables;
        server::find_item_rule("votes-gram").make(variant, 15)->step(next, sums, {});
        for (std::size_t i = 0; i < 15; ++i) {
            std::vector<std::int64_t> x = reference::signs(tables.codes.row(i), 20);
            std::vector<std::int64_t> c(20);
            for (std::uint32_t a = 0; a < 20; ++a) c[a] = 160 * sums.rows[i * 20 + a];
            for (std::uint32_t sweep = 0; sweep < variant.sweeps; ++sweep)
                reference::sweep(16, sums.gram, c, 64, x);
            CHECK(reference::signs(next.codes.row(i), 20) == x);
        }
    }
}
