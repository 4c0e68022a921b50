#include <doctest/doctest.h>

#include "client/retrieval/multi_index.hpp"
#include "tests/client/retrieval/made_codes.hpp"

using namespace fedhash;
using namespace fedhash::client;
using namespace fedhash::tests;

namespace {

std::vector<Neighbour> sorted_within(const Codes& items, CodeView query, std::uint32_t radius,
                                     std::span<const ItemId> excluded) {
    std::vector<Neighbour> all = sorted_neighbours(items, query, items.rows, excluded);
    std::erase_if(all, [radius](const Neighbour& n) { return n.distance > radius; });
    return all;
}

}  // namespace

TEST_CASE("masks of a weight are all there, once") {
    for (const std::uint32_t bits : {1u, 2u, 7u, 16u})
        for (std::uint32_t weight = 0; weight <= bits + 1; ++weight) {
            CAPTURE(bits);
            CAPTURE(weight);
            std::vector<std::uint32_t> met;
            for_each_mask(bits, weight, [&](std::uint32_t mask) { met.push_back(mask); });
            std::size_t expected = 0;
            for (std::uint32_t mask = 0; mask < (1u << bits); ++mask)
                expected += static_cast<std::uint32_t>(std::popcount(mask)) == weight ? 1 : 0;
            CHECK(met.size() == expected);
            CHECK(std::ranges::is_sorted(met));
            CHECK(std::ranges::adjacent_find(met) == met.end());
            CHECK(std::ranges::all_of(met, [&](std::uint32_t mask) {
                return mask < (1u << bits) &&
                       static_cast<std::uint32_t>(std::popcount(mask)) == weight;
            }));
        }
}

TEST_CASE("a part of a code is the same bits, across words too") {
    Stream random(1);
    Codes code(256, 1);
    randomise(code.row(0), 256, random);
    for (std::uint32_t first = 0; first < 256; first += 5)
        for (std::uint32_t bits = 1; bits <= 24 && first + bits <= 256; ++bits) {
            std::uint32_t expected = 0;
            for (std::uint32_t a = 0; a < bits; ++a)
                expected |= std::uint32_t{bit(code.row(0), first + a)} << a;
            REQUIRE(part_of(code.row(0), first, bits) == expected);
        }
}

TEST_CASE("a bucket table finds what sorting everything finds") {
    std::size_t wrong = 0;
    std::uint64_t seed = 0;
    LookupCosts costs;
    for (const Kind kind : kinds)
        for (const std::uint32_t bits : {8u, 12u, 16u})
            for (const std::size_t items : {std::size_t{1}, std::size_t{65}, std::size_t{2000}}) {
                Stream random(++seed);
                const Codes codes = made_codes(kind, bits, items, random);
                BucketTable table(codes);
                for (const unsigned share : {0u, 30u, 256u}) {
                    const std::vector<ItemId> excluded = some_items(items, share, random);
                    Codes query(bits, 1);
                    randomise(query.row(0), bits, random);
                    for (const std::size_t wanted :
                         {std::size_t{0}, std::size_t{1}, std::size_t{10}, items + 3})
                        wrong += !std::ranges::equal(
                            table.nearest(query.row(0), wanted, excluded, costs),
                            sorted_neighbours(codes, query.row(0), wanted, excluded));
                    for (const std::uint32_t radius : {0u, 2u, bits, bits + 9})
                        wrong += !std::ranges::equal(
                            table.within(query.row(0), radius, excluded, costs),
                            sorted_within(codes, query.row(0), radius, excluded));
                }
            }
    CHECK(wrong == 0);
}

TEST_CASE("multi-index hashing finds what sorting everything finds, for any number of parts") {
    with_every_set([] {
        std::size_t wrong = 0;
        std::uint64_t seed = 0;
        LookupCosts costs;
        for (const Kind kind : kinds)
            for (const std::uint32_t bits : {8u, 20u, 64u, 65u, 100u, 256u})
                for (const std::size_t items :
                     {std::size_t{1}, std::size_t{300}, std::size_t{1500}})
                    for (const std::uint32_t parts : {(bits + 7) / 8, (bits + 11) / 12}) {
                        Stream random(++seed);
                        const Codes codes = made_codes(kind, bits, items, random);
                        MultiIndex index(codes, parts);
                        for (const unsigned share : {0u, 30u, 256u}) {
                            const std::vector<ItemId> excluded = some_items(items, share, random);
                            Codes query(bits, 1);
                            randomise(query.row(0), bits, random);
                            for (const std::size_t wanted :
                                 {std::size_t{0}, std::size_t{1}, std::size_t{10}, items + 3})
                                wrong += !std::ranges::equal(
                                    index.nearest(query.row(0), wanted, excluded, costs),
                                    sorted_neighbours(codes, query.row(0), wanted, excluded));
                            for (const std::uint32_t radius : {0u, 2u, 9u})
                                wrong += !std::ranges::equal(
                                    index.within(query.row(0), radius, excluded, costs),
                                    sorted_within(codes, query.row(0), radius, excluded));
                        }
                    }
        CHECK(wrong == 0);
    });
}

TEST_CASE("lookups count what they probed") {
    Codes codes(16, 100);  // all zero
    BucketTable table(codes);
    Codes query(16, 1);
    LookupCosts costs;
    table.nearest(query.row(0), 10, {}, costs);
    CHECK(costs.buckets == 1);
    CHECK(costs.candidates == 100);
    flip(query.row(0), 3);
    costs = {};
    table.within(query.row(0), 1, {}, costs);
    CHECK(costs.buckets == 17);
    CHECK(costs.candidates == 100);
    MultiIndex index(codes, 2);
    costs = {};
    index.within(query.row(0), 1, {}, costs);  // radius 0 in both parts
    CHECK(costs.buckets == 2);
    CHECK(costs.candidates == 100);
}
