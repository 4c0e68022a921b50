#include "common/secure/ring.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "common/random.hpp"
#include "tests/common/secure/hex.hpp"

using namespace fedhash;
using namespace fedhash::secure;

TEST_CASE("a ring is as small as sums allow: votes of 6,040 users take 14 bits") {
    CHECK(ring_for(6040, 1).bits == 14);
    CHECK(ring_for(127, 1).bits == 8);
    CHECK(ring_for(128, 1).bits == 9);
    CHECK(ring_for(32767, 1).bits == 16);
    CHECK(ring_for(1, 1).bits == 2);
    CHECK(ring_for(300, 65536).bits == 26);
    CHECK_THROWS_AS(ring_for(0, 1), std::invalid_argument);
    CHECK_THROWS_AS(ring_for(1, 0), std::invalid_argument);
    CHECK_THROWS_AS(ring_for(std::uint64_t{1} << 40, std::uint64_t{1} << 40),
                    std::invalid_argument);
    for (const std::uint64_t users : {1u, 5u, 300u})
        for (const std::uint64_t clip : {1u, 7u, 70000u}) {
            const Ring ring = ring_for(users, clip);
            const auto most = static_cast<std::int64_t>(users * clip);
            for (const std::int64_t sum : {-most, std::int64_t{-1}, std::int64_t{0}, most})
                CHECK(ring.lift(ring.of(sum)) == sum);
        }
}

TEST_CASE("cells come back from their bytes, of every width") {
    Stream random(3);
    for (const std::uint32_t bits : {1u, 2u, 7u, 8u, 13u, 14u, 26u, 32u, 33u, 63u}) {
        CAPTURE(bits);
        const Ring ring{bits};
        std::vector<std::uint64_t> cells(37);
        for (std::uint64_t& cell : cells) cell = random() & ring.mask();
        Bytes bytes = pack_cells(ring, cells);
        CHECK(bytes.size() == (37 * bits + 7) / 8);
        CHECK(unpack_cells(ring, bytes, 37) == cells);
        bytes.push_back(0);
        CHECK_THROWS_AS(unpack_cells(ring, bytes, 37), std::invalid_argument);
    }
}

// Chi square over 256 values of a million words' low bytes, and of their high ones: below 340 with
// probability 0.9997 (255 degrees of freedom).
TEST_CASE("a mask is uniform, and taken away again leaves nothing") {
    for (const std::uint32_t bits : {8u, 14u, 32u, 40u}) {
        CAPTURE(bits);
        const Ring ring{bits};
        std::vector<std::uint64_t> cells(FEDHASH_SANITIZED ? 100'000 : 1'000'000);
        Key key{};
        key[5] = 77;
        apply_mask(ring, key, Way::add, cells);
        for (const std::uint32_t shift : {0u, bits - 8}) {
            std::vector<double> counts(256);
            for (const std::uint64_t cell : cells) ++counts[(cell >> shift) & 255];
            const double expected = static_cast<double>(cells.size()) / 256;
            double chi = 0;
            for (const double count : counts)
                chi += (count - expected) * (count - expected) / expected;
            CHECK(chi < 340);
        }
        apply_mask(ring, key, Way::subtract, cells);
        CHECK(std::ranges::count(cells, 0u) == std::ssize(cells));
    }
}
