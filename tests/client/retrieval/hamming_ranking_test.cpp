#include "client/retrieval/hamming_ranking.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/client/retrieval/made_codes.hpp"

using namespace fedhash;
using namespace fedhash::client;
using namespace fedhash::tests;

namespace {

constexpr std::array<std::uint32_t, 13> widths{8,  9,   16,  24,  32,  63, 64,
                                               65, 100, 128, 200, 255, 256};
constexpr std::array<std::size_t, 8> sizes{1, 2, 63, 64, 65, 200, 1000, 3000};

bool equal(std::span<const Neighbour> a, std::span<const Neighbour> b) {
    return std::ranges::equal(a, b);
}

}  // namespace

TEST_CASE("byte planes hold the codes that they were made of") {
    Stream random(1);
    for (const std::uint32_t bits : widths)
        for (const std::size_t items : sizes) {
            CAPTURE(bits);
            CAPTURE(items);
            const Codes codes = made_codes(Kind::random, bits, items, random);
            const BytePlanes planes = byte_planes(codes);
            bool same = true;
            for (std::size_t i = 0; i < items; ++i)
                same = same && std::ranges::equal(code_of(planes, i), codes.row(i));
            CHECK(same);
        }
}

TEST_CASE("the nearest items are those that sorting everything finds") {
    with_every_set([] {
        HammingSearch search;  // one for all: what it keeps from a search must not matter
        std::uint64_t seed = 0;
        std::size_t wrong = 0;
        for (const Kind kind : kinds)
            for (const std::uint32_t bits : widths)
                for (const std::size_t items : sizes) {
                    Stream random(++seed);
                    const Codes codes = made_codes(kind, bits, items, random);
                    const BytePlanes planes = byte_planes(codes);
                    Codes query(bits, 1);
                    randomise(query.row(0), bits, random);
                    for (const unsigned share : {0u, 20u, 250u, 256u}) {
                        const std::vector<ItemId> excluded = some_items(items, share, random);
                        for (const std::size_t wanted : {std::size_t{1}, std::size_t{10},
                                                         std::size_t{100}, items, items + 7}) {
                            const auto expected =
                                sorted_neighbours(codes, query.row(0), wanted, excluded);
                            wrong += !equal(nearest(planes, query.row(0), wanted, excluded, search),
                                            expected);
                        }
                    }
                }
        CHECK(wrong == 0);
    });
}

TEST_CASE("catalogues of several tiles are searched exactly") {
    with_every_set([] {
        HammingSearch search;
        std::size_t wrong = 0;
        std::uint64_t seed = 100;
        for (const Kind kind : kinds)
            for (const std::uint32_t bits : {8u, 64u, 256u})
                for (const std::size_t items :
                     {std::size_t{8192}, std::size_t{8193}, std::size_t{30001}}) {
                    Stream random(++seed);
                    const Codes codes = made_codes(kind, bits, items, random);
                    const BytePlanes planes = byte_planes(codes);
                    Codes query(bits, 1);
                    randomise(query.row(0), bits, random);
                    for (const unsigned share : {0u, 50u, 255u}) {
                        const std::vector<ItemId> excluded = some_items(items, share, random);
                        for (const std::size_t wanted :
                             {std::size_t{10}, std::size_t{500}, std::size_t{10000}}) {
                            if (FEDHASH_SANITIZED && wanted == 500) continue;
                            wrong +=
                                !equal(nearest(planes, query.row(0), wanted, excluded, search),
                                       sorted_neighbours(codes, query.row(0), wanted, excluded));
                        }
                    }
                }
        CHECK(wrong == 0);
    });
}

TEST_CASE("distances of 255 and 256 are told apart, and lists of opposite codes are full") {
    with_every_set([] {
        Stream random(3);
        for (const std::uint32_t bits : {255u, 256u}) {
            CAPTURE(bits);
            Codes codes(bits, 300), query(bits, 1);
            randomise(query.row(0), bits, random);
            for (std::size_t i = 0; i < codes.rows; ++i) {
                for (std::size_t w = 0; w < codes.stride(); ++w)
                    codes.row(i)[w] = ~query.row(0)[w] & word_mask(bits, w);
                for (std::size_t flips = random() % 4; flips > 0; --flips)
                    flip(codes.row(i), random() % bits);
            }
            const std::vector<ItemId> excluded = some_items(codes.rows, 30, random);
            HammingSearch search;
            for (const std::size_t wanted : {5u, 60u, 100u, 250u, 300u}) {
                CAPTURE(wanted);
                CHECK(equal(nearest(byte_planes(codes), query.row(0), wanted, excluded, search),
                            sorted_neighbours(codes, query.row(0), wanted, excluded)));
            }
        }
    });
}

TEST_CASE("nothing wanted, or no items, gives empty lists") {
    HammingSearch search;
    Codes query(64, 1);
    CHECK(nearest(byte_planes(Codes(64, 0)), query.row(0), 10, {}, search).empty());
    CHECK(nearest(byte_planes(Codes(64, 100)), query.row(0), 0, {}, search).empty());
    const auto nobody = [](std::size_t) { return std::span<const ItemId>{}; };
    CHECK(rank_all(byte_planes(Codes(64, 100)), Codes(64, 0), 10, nobody, 2).ends.empty());
}

TEST_CASE("ranking for all queries gives each what it would get alone, on any number of threads") {
    Stream random(4);
    for (const std::size_t queries : {std::size_t{1}, std::size_t{129}, std::size_t{300}})
        for (const std::size_t items : {std::size_t{500}, std::size_t{20000}}) {
            CAPTURE(queries);
            CAPTURE(items);
            const Codes codes = made_codes(Kind::clustered, 32, items, random);
            const Codes users = made_codes(Kind::clustered, 32, queries, random);
            const BytePlanes planes = byte_planes(codes);
            std::vector<std::vector<ItemId>> seen;
            for (std::size_t q = 0; q < queries; ++q) seen.push_back(some_items(items, 10, random));
            const auto excluded = [&](std::size_t q) -> std::span<const ItemId> { return seen[q]; };
            HammingSearch search;
            for (const unsigned threads : {1u, 2u, 7u}) {
                CAPTURE(threads);
                const RankedLists lists = rank_all(planes, users, 20, excluded, threads);
                REQUIRE(lists.ends.size() == queries);
                bool same = true;
                for (std::size_t q = 0; q < queries; ++q)
                    same = same &&
                           equal(lists.row(q), nearest(planes, users.row(q), 20, seen[q], search));
                CHECK(same);
            }
        }
}
