#include "common/wire/item_set.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "common/random.hpp"
#include "common/wire/archive.hpp"
#include "tests/common/allocations.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

std::vector<ItemId> random_set(std::uint64_t seed, std::uint32_t limit, double density) {
    Stream random = stream(seed, Purpose::generator, limit);
    std::vector<ItemId> items;
    for (std::uint32_t i = 0; i < limit; ++i)
        if (static_cast<double>(random() >> 11) * 0x1p-53 < density) items.push_back(ItemId{i});
    return items;
}

Buffer written(std::span<const ItemId> items, const SetCoder* coder = nullptr) {
    Buffer bytes;
    ByteWriter to(bytes, {coder, nullptr});
    write_item_set(to, items);
    return bytes;
}

/// log2 of the number of sets of that size, in bytes.
double entropy_bytes(std::size_t size, std::uint32_t limit) {
    const auto n = static_cast<double>(limit), m = static_cast<double>(size);
    return (std::lgamma(n + 1) - std::lgamma(m + 1) - std::lgamma(n - m + 1)) / std::log(2.0) / 8;
}

/// Reads what may be anything: either refused, or a legal set.
bool accepted(View bytes, std::uint32_t limit) {
    ByteReader from(bytes);
    std::vector<ItemId> items;
    try {
        read_item_set(from, limit, items);
    } catch (const DecodeError&) {
        return false;
    }
    REQUIRE(std::is_sorted(items.begin(), items.end()));
    REQUIRE(std::adjacent_find(items.begin(), items.end()) == items.end());
    if (!items.empty()) REQUIRE(static_cast<std::uint32_t>(items.back()) < limit);
    // It is what one of the coders writes.
    const View used = bytes.first(bytes.size() - from.left());
    REQUIRE(std::ranges::any_of(set_coders(), [&](const SetCoder& coder) {
        return std::ranges::equal(written(items, &coder), used);
    }));
    return true;
}

constexpr std::array<double, 9> densities{0, 0.001, 0.01, 0.045, 0.15, 0.3, 0.5, 0.9, 1};

}  // namespace

TEST_CASE("a set comes back as it was, and what follows it is left alone") {
    for (std::uint32_t limit : {1u, 2u, 63u, 64u, 65u, 1682u, 20'000u}) {
        for (double density : densities) {
            for (std::uint64_t seed = 0; seed < 4; ++seed) {
                CAPTURE(limit);
                CAPTURE(density);
                CAPTURE(seed);
                const auto items = random_set(seed, limit, density);
                for (const SetCoder& coder : set_coders()) {
                    CAPTURE(std::string(coder.name));
                    Buffer bytes = written(items, &coder);
                    REQUIRE(bytes.size() <= max_item_set_bytes(limit));
                    // The default is the smallest of them.
                    REQUIRE(written(items).size() <= bytes.size());
                    bytes.push_back(0xff);
                    ByteReader from(bytes);
                    std::vector<ItemId> back{ItemId{77}};
                    read_item_set(from, limit, back);
                    REQUIRE(back == items);
                    REQUIRE(from.left() == 1);
                    bytes.pop_back();
                    REQUIRE(written(back, &coder) == bytes);
                }
            }
        }
    }
}

TEST_CASE("a set of the largest ids comes back, whatever the gaps") {
    const std::uint32_t limit = 4'000'000'000u;
    for (const std::vector<std::uint32_t>& ids :
         {std::vector<std::uint32_t>{limit - 1}, {0, limit - 1}, {0, 1, 2, limit - 1}}) {
        std::vector<ItemId> items, back;
        for (std::uint32_t id : ids) items.push_back(ItemId{id});
        const Buffer bytes = written(items);
        ByteReader from(bytes);
        read_item_set(from, limit, back);
        CHECK(back == items);
        CHECK_FALSE(accepted(bytes, limit - 1));
    }
}

TEST_CASE("a random set takes little more than its entropy") {
    for (std::uint32_t limit : {1682u, 3706u, 20'000u}) {
        for (double density : densities) {
            for (std::uint64_t seed = 0; seed < 5; ++seed) {
                CAPTURE(limit);
                CAPTURE(density);
                CAPTURE(seed);
                const auto items = random_set(seed, limit, density);
                const double size = static_cast<double>(written(items).size());
                const double bound = entropy_bytes(items.size(), limit);
                // Rice codes lose at most 4.3 % below one half, and stay at one bit an id above.
                CHECK(size <=
                      (density <= 0.15 ? 1.03 : 1.045) * (density <= 0.5 ? bound : limit / 8.0) +
                          16);
            }
        }
    }
}

TEST_CASE("no truncation and no flipped bit of a set crashes the reader or yields an illegal set") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        for (double density : {0.01, 0.2, 0.7}) {
            CAPTURE(seed);
            CAPTURE(density);
            const std::uint32_t limit = 300;
            const auto items = random_set(seed, limit, density);
            if (items.empty()) continue;
            for (const SetCoder& coder : set_coders()) {
                CAPTURE(std::string(coder.name));
                const Buffer bytes = written(items, &coder);
                for (std::size_t size = 0; size < bytes.size(); ++size)
                    REQUIRE_FALSE(accepted(View(bytes).first(size), limit));
                for (std::size_t flipped = 0; flipped < 8 * bytes.size(); ++flipped) {
                    Buffer damaged = bytes;
                    damaged[flipped / 8] =
                        static_cast<std::uint8_t>(damaged[flipped / 8] ^ (1u << (flipped % 8)));
                    accepted(damaged, limit);
                }
            }
        }
    }
}

TEST_CASE("random bytes are refused or are a legal set") {
    Stream random(3);
    std::size_t legal = 0;
    for (int trial = 0; trial < 50'000; ++trial) {
        Buffer bytes(random() % 24);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 40);
        if (bytes.size() > 1 && trial % 2 == 0) {  // get past the front door half of the time
            bytes[0] &= 0x0f;
            bytes[1] %= 66;
        }
        legal += accepted(bytes, 500) ? 1 : 0;
    }
    CHECK(legal > 100);
}

TEST_CASE(
    "an impossible count, parameter, id or padding is refused before memory is taken for it") {
    const auto refusal = [](Buffer bytes, std::uint32_t limit) -> std::string {
        ByteReader from(bytes);
        std::vector<ItemId> items;
        const tests::AllocationWatch watch;
        try {
            read_item_set(from, limit, items);
        } catch (const DecodeError& error) {
            if (watch.largest() > 4096) return "refused too late";
            return error.what();
        }
        return "accepted";
    };
    CHECK(refusal({0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0}, 4'000'000'000u) ==
          "an item set is larger than it can be");
    CHECK(refusal({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0, 0}, 100) ==
          "an item set is larger than it can be");
    CHECK(refusal({3, 0, 0}, 2) == "an item set is larger than it can be");
    CHECK(refusal({1, 64, 0, 0}, 100) == "a set of an unknown coder");
    CHECK(refusal({1, 255, 0, 0}, 100) == "a set of an unknown coder");
    CHECK(refusal({1, 0, 0x0f}, 4) == "an item id is out of range");
    CHECK(refusal({1, 2, 0x07}, 4) == "an item id is out of range");
    CHECK(refusal({1, 0, 0x80}, 100) == "padding bits are set");
    CHECK(refusal({1, 0, 0xff}, 100) == "truncated body");
    CHECK(refusal({1}, 100) == "truncated body");
    CHECK(refusal({1, 0, 0x07}, 4) == "accepted");
    CHECK(refusal({0, 0}, 0) == "accepted");
}
