#include "common/codes.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <cstring>

#include <array>

#include "common/aggregate.hpp"
#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/npy.hpp"
#include "common/private_file.hpp"
#include "tests/common/temp_folder.hpp"
#include "tests/reference.hpp"

using namespace fedhash;

namespace {

constexpr AggregateShape shape{9, 5, 3, true, 0};

Aggregate random_aggregate(std::uint64_t seed) {
    Stream random(seed);
    Aggregate sum(shape);
    sum.users = random() % 100;
    for (auto* values : {&sum.rows, &sum.counts, &sum.weights, &sum.gram, &sum.cross, &sum.second})
        for (auto& value : *values) value = static_cast<std::int64_t>(random() % 2001) - 1000;
    return sum;
}

Aggregate merged(Aggregate a, const Aggregate& b) {
    a.merge(b);
    return a;
}

}  // namespace

TEST_CASE(
    "packing and unpacking round-trip for every number of bits, in bytes_for(bits) bytes a code") {
    for (std::uint32_t bits = min_bits; bits <= max_bits; ++bits) {
        CAPTURE(bits);
        Stream random(bits);
        const Codes codes = reference::random_codes(bits, 5, random);
        const Bytes packed = pack(codes);
        REQUIRE(packed.size() == 5 * ((bits + 7) / 8));
        for (std::size_t i = 0; i < 5; ++i)
            for (std::uint32_t a = 0; a < bits; ++a)
                REQUIRE(((packed[i * bytes_for(bits) + a / 8] >> (a % 8)) & 1) ==
                        (bit(codes.row(i), a) ? 1 : 0));
        Codes back(bits, 5);
        for (auto& word : back.words) word = random();  // what was there before must not show
        unpack(packed, back);
        REQUIRE(back == codes);
    }
}

TEST_CASE(
    "unpacking drops bits past the last, so that no peer can smuggle them into inner products") {
    for (std::uint32_t bits : {9u, 63u, 65u, 255u}) {
        CAPTURE(bits);
        Codes codes(bits, 3);
        unpack(Bytes(3 * bytes_for(bits), 0xff), codes);
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(dot(codes.row(i), codes.row(i), bits) == static_cast<int>(bits));
        std::uint32_t set = 0;
        for (std::uint64_t word : codes.words)
            set += static_cast<std::uint32_t>(std::popcount(word));
        CHECK(set == 3 * bits);
    }
}

TEST_CASE("an inner product is the number of equal bits less the number of different ones") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u, 128u, 256u}) {
        CAPTURE(bits);
        Stream random(bits);
        const Codes codes = reference::random_codes(bits, 10, random);
        for (std::size_t i = 0; i < 10; ++i)
            for (std::size_t j = 0; j < 10; ++j)
                REQUIRE(dot(codes.row(i), codes.row(j), bits) ==
                        reference::dot(codes.row(i), codes.row(j), bits));
    }
}

TEST_CASE("a bit set holds what was set, and reads as zero past its end") {
    for (std::size_t size : {0, 1, 7, 8, 9, 63, 64, 65}) {
        CAPTURE(size);
        Bytes bits = bit_set(size);
        REQUIRE(bits.size() == (size + 7) / 8);
        for (std::size_t i = 0; i < size; i += 3) set_bit(bits, i);
        for (std::size_t i = 0; i < size; ++i) REQUIRE(get_bit(bits, i) == (i % 3 == 0));
        CHECK_FALSE(get_bit(bits, 8 * bits.size()));
        CHECK_FALSE(get_bit({}, size));
    }
}

TEST_CASE("merging sums is commutative and associative, and an empty sum changes nothing") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        const Aggregate a = random_aggregate(3 * seed), b = random_aggregate(3 * seed + 1),
                        c = random_aggregate(3 * seed + 2);
        CHECK(merged(a, b) == merged(b, a));
        CHECK(merged(merged(a, b), c) == merged(a, merged(b, c)));
        CHECK(merged(a, Aggregate(shape)) == a);
        CHECK(merged(a, b).rows[7] == a.rows[7] + b.rows[7]);
        CHECK(merged(a, b).users == a.users + b.users);
    }
}

TEST_CASE("an array file has the header that numpy.lib.format describes, then the bytes") {
    const tests::TempFolder folder;
    for (std::size_t rows : {0, 1, 65, 12345}) {
        CAPTURE(rows);
        const Bytes bytes(rows * 3, 0xab);
        const auto file = folder / ("a" + std::to_string(rows) + ".npy");
        write_npy(file, bytes, rows, 3);
        const std::string text = tests::contents(file);
        REQUIRE(text.size() > 10);
        CHECK(text.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
        const std::size_t length =
            static_cast<unsigned char>(text[8]) + 256u * static_cast<unsigned char>(text[9]);
        CHECK((10 + length) % 64 == 0);
        REQUIRE(text.size() == 10 + length + bytes.size());
        const std::string header = text.substr(10, length);
        CHECK(header.back() == '\n');
        CHECK(header.starts_with("{'descr': '|u1', 'fortran_order': False, 'shape': (" +
                                 std::to_string(rows) + ", 3), }"));
        CHECK(text.substr(10 + length) == std::string(bytes.size(), '\xab'));
    }
    CHECK_THROWS_AS(write_npy(folder / "no/such/folder.npy", Bytes(), 0, 1), RunError);
}

TEST_CASE("an array file of numbers holds them as little-endian float32") {
    const tests::TempFolder folder;
    const std::vector<float> values{1.5f, -2.0f, 0.0f, 1e-20f, 3.0f, 7.25f};
    write_npy(folder / "a.npy", values, 2, 3);
    const std::string text = tests::contents(folder / "a.npy");
    REQUIRE(text.size() == 64 + 64 + 24);
    CHECK(
        text.substr(10).starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
    CHECK(std::memcmp(&text[text.size() - 24], values.data(), 24) == 0);
    CHECK(text.substr(text.size() - 24, 4) == std::string("\0\0\xc0\x3f", 4));
}

TEST_CASE("a private file is for its owner alone and is never written over") {
    const tests::TempFolder folder;
    const Bytes bytes{1, 2, 3};
    write_private_file(folder / "secret", bytes);
    CHECK(tests::contents(folder / "secret") == "\x01\x02\x03");
    struct stat status {};
    REQUIRE(stat((folder / "secret").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK_THROWS_WITH_AS(write_private_file(folder / "secret", bytes), doctest::Contains("secret"),
                         RunError);
    CHECK_THROWS_AS(write_private_file(folder / "no/folder", bytes), RunError);
}
