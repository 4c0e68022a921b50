#include "common/kernels/kernels.hpp"

#include <doctest/doctest.h>

#include <array>
#include <numeric>
#include <string_view>

#include "common/errors.hpp"
#include "common/random.hpp"
#include "tests/reference.hpp"

using namespace fedhash;

namespace {

// Below 8 bits no run is legal, but the loops' tails should not care.
constexpr std::array<std::uint32_t, 10> widths{1, 7, 8, 63, 64, 65, 127, 128, 255, 256};
constexpr std::array<std::size_t, 6> heights{0, 1, 63, 64, 65, 200};

/// Runs `check` once for every set, which is also the one in use meanwhile.
template <class Check>
void with_every_set(Check check) {
    for (const Kernels* set : supported_kernels()) {
        CAPTURE(std::string(set->name));
        choose_kernels(set->name);
        check(*set);
    }
    choose_kernels("auto");
}

}  // namespace

TEST_CASE("the baseline is always among the supported kernels, which can be chosen by name") {
    REQUIRE_FALSE(supported_kernels().empty());
    CHECK(std::string_view(supported_kernels().front()->name) == "baseline");
    with_every_set([](const Kernels& set) { CHECK(&kernels() == &set); });
    CHECK(&kernels() == supported_kernels().back());
    CHECK_THROWS_WITH_AS(choose_kernels("mmx"), doctest::Contains("baseline"), UsageError);
}

TEST_CASE("CRC32C gives the check value of the literature") {
    constexpr std::string_view digits = "123456789";  // RFC 3720, B.4 and the catalogues
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(digits.data());
    with_every_set([&](const Kernels& set) {
        CHECK(set.crc32c(0, bytes, digits.size()) == 0xe3069283u);
        const std::vector<std::uint8_t> zeros(32, 0), ones(32, 0xff);
        CHECK(set.crc32c(0, zeros.data(), 32) == 0x8a9136aau);
        CHECK(set.crc32c(0, ones.data(), 32) == 0x62a8ab43u);
        CHECK(set.crc32c(0, nullptr, 0) == 0);
    });
}

TEST_CASE("CRC32C equals the bitwise definition at every length and continues from any cut") {
    Stream random(1);
    std::vector<std::uint8_t> bytes(130);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    with_every_set([&](const Kernels& set) {
        for (std::size_t size = 0; size <= bytes.size(); ++size) {
            CAPTURE(size);
            const std::uint32_t whole = reference::crc32c(0, std::span(bytes).first(size));
            REQUIRE(set.crc32c(0, bytes.data(), size) == whole);
            const std::size_t cut = size / 3;
            REQUIRE(set.crc32c(set.crc32c(0, bytes.data(), cut), bytes.data() + cut, size - cut) ==
                    whole);
        }
    });
}

TEST_CASE("a transposed square has every bit where its mirror image was") {
    with_every_set([](const Kernels& set) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            CAPTURE(seed);
            Stream random(seed);
            std::array<std::uint64_t, 64> before{};
            for (auto& word : before) word = random();
            auto after = before;
            set.transpose(after.data());
            for (std::size_t i = 0; i < 64; ++i)
                for (std::size_t j = 0; j < 64; ++j)
                    REQUIRE(((after[i] >> j) & 1) == ((before[j] >> i) & 1));
        }
    });
}

TEST_CASE(
    "bit planes hold every bit of the listed rows, and the Gram matrix of the planes is the "
    "obvious sum") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            for (std::size_t count : heights) {
                CAPTURE(bits);
                CAPTURE(count);
                Stream random = stream(2, Purpose::generator, bits, count);
                const Codes codes = reference::random_codes(bits, count + 3, random);
                std::vector<std::uint32_t> rows(count);
                for (auto& row : rows) row = static_cast<std::uint32_t>(random() % codes.rows);

                std::vector<std::uint64_t> planes{~std::uint64_t{0}};
                bit_planes(codes.words.data(), bits, rows, planes);
                const std::size_t blocks = (count + 63) / 64;
                REQUIRE(planes.size() == blocks * bits);
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < 64 * blocks; ++i)
                    for (std::uint32_t a = 0; a < bits; ++a) {
                        const bool expected = i < count && bit(codes.row(rows[i]), a);
                        wrong +=
                            ((planes[i / 64 * bits + a] >> (i % 64)) & 1) != (expected ? 1u : 0u)
                                ? 1
                                : 0;
                    }
                CHECK(wrong == 0);

                std::vector<std::int32_t> gram(std::size_t{bits} * bits, -7);
                set.gram(planes.data(), blocks, bits, static_cast<std::uint32_t>(count),
                         gram.data());
                const std::vector<std::int64_t> slow = reference::gram(codes, rows);
                CHECK(std::equal(gram.begin(), gram.end(), slow.begin(), slow.end()));
            }
        }
    });
}

TEST_CASE("counts within a mask, and plain and weighted sums over rows, are the obvious loops") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            for (std::size_t count : {0u, 1u, 63u, 64u, 65u, 200u, 1025u}) {
                CAPTURE(bits);
                CAPTURE(count);
                Stream random = stream(8, Purpose::generator, bits, count);
                const Codes codes = reference::random_codes(bits, count, random);
                std::vector<std::uint64_t> planes, mask((count + 63) / 64);
                bit_planes(codes.words.data(), bits, count, planes);
                for (auto& word : mask) word = random();
                std::vector<std::int64_t> counts(bits, -7);
                constexpr std::int64_t factor = -(std::int64_t{1} << 40);
                set.add_counts(planes.data(), mask.data(), mask.size(), bits, factor,
                               counts.data());
                for (std::uint32_t a = 0; a < bits; ++a) {
                    std::int64_t expected = -7;
                    for (std::size_t i = 0; i < count; ++i)
                        if (bit(codes.row(i), a) && ((mask[i / 64] >> (i % 64)) & 1))
                            expected += factor;
                    REQUIRE(counts[a] == expected);
                }
                // Values alike, few, many, of either sign and of one.
                for (const auto& [most, offset] : {std::pair<std::int64_t, std::int64_t>{0, 0},
                                                   {0, -9},
                                                   {1, 0},
                                                   {5, 5},
                                                   {100'000, 7},
                                                   {1 << 30, -(std::int64_t{1} << 40)}}) {
                    CAPTURE(most);
                    std::vector<std::int64_t> values(count), sums(bits, 3), weighted(bits, -5);
                    for (auto& value : values)
                        value = static_cast<std::int64_t>(
                                    random() % (2 * static_cast<std::uint64_t>(most) + 1)) -
                                most + offset;
                    add_sums(planes, bits, count, sums);
                    add_weighted_sums(planes, bits, values, weighted);
                    for (std::uint32_t a = 0; a < bits; ++a) {
                        std::int64_t plain = 3, by_value = -5;
                        for (std::size_t i = 0; i < count; ++i) {
                            plain += sign(codes.row(i), a);
                            by_value += values[i] * sign(codes.row(i), a);
                        }
                        REQUIRE(sums[a] == plain);
                        REQUIRE(weighted[a] == by_value);
                    }
                }
            }
        }
    });
}

TEST_CASE("a matrix times a code, and two rows combined, are the obvious sums") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            CAPTURE(bits);
            Stream random = stream(9, Purpose::generator, bits);
            const auto entry = [&] {
                return static_cast<std::int32_t>(random() % 20'001) - 10'000;
            };
            std::vector<std::int32_t> A(std::size_t{bits} * bits), B(A.size()), out(bits, -7);
            for (std::uint32_t a = 0; a < bits; ++a)
                for (std::uint32_t b = 0; b <= a; ++b) A[a * bits + b] = A[b * bits + a] = entry();
            for (auto& value : B) value = entry();
            const Codes code = reference::random_codes(bits, 1, random);
            set.product(A.data(), code.words.data(), bits, out.data());
            for (std::uint32_t a = 0; a < bits; ++a) {
                std::int32_t expected = 0;
                for (std::uint32_t b = 0; b < bits; ++b)
                    expected += A[a * bits + b] * sign(code.row(0), b);
                REQUIRE(out[a] == expected);
            }
            std::vector<std::int32_t> both(A.size(), -7);
            set.combine(both.data(), A.data(), -3, B.data(), 128, A.size());
            for (std::size_t i = 0; i < A.size(); ++i) REQUIRE(both[i] == 128 * B[i] - 3 * A[i]);
        }
    });
}

TEST_CASE("a sweep flips, in order, each bit whose pull has another sign, and moves the pulls") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            for (std::uint64_t seed = 0; seed < 6; ++seed) {
                CAPTURE(bits);
                CAPTURE(seed);
                Stream random = stream(10, Purpose::generator, bits, seed);
                const auto entry = [&](std::int32_t most) {
                    return static_cast<std::int32_t>(random() % (2 * unsigned(most) + 1)) - most;
                };
                std::vector<std::int32_t> A(std::size_t{bits} * bits), narrow(bits);
                for (std::uint32_t a = 0; a < bits; ++a)
                    for (std::uint32_t b = 0; b <= a; ++b)
                        A[a * bits + b] = A[b * bits + a] = entry(seed % 2 == 0 ? 3 : 300);
                for (auto& pull : narrow) pull = entry(seed % 2 == 0 ? 2 : 9'000);  // zeros, too
                const std::vector<std::int64_t> before(narrow.begin(), narrow.end());
                const Codes start = reference::random_codes(bits, 1, random);
                const auto check = [&](std::int64_t step, std::int64_t own, std::int64_t inertia,
                                       const auto& pulls, const Codes& code, std::uint32_t flips) {
                    std::vector<std::int64_t> expected = before;
                    Codes x = start;
                    std::uint32_t count = 0;
                    for (std::uint32_t a = 0; a < bits; ++a) {
                        const std::int64_t s = sign(x.row(0), a);
                        if (expected[a] * s >= 0) continue;
                        for (std::uint32_t b = 0; b < bits; ++b)
                            expected[b] += s * step * A[a * bits + b];
                        expected[a] -= s * (own * A[a * bits + a] + inertia);
                        flip(x.row(0), a);
                        ++count;
                    }
                    CHECK(std::equal(pulls.begin(), pulls.end(), expected.begin()));
                    CHECK(code == x);
                    CHECK(flips == count);
                };
                Codes code = start;
                const std::uint32_t plain =
                    set.sweep_plain(A.data(), 6, bits, narrow.data(), code.words.data());
                check(6, 6, 0, narrow, code, plain);
                code = start;
                std::vector<std::int64_t> wide = before;
                constexpr std::int64_t step = std::int64_t{1} << 33;
                const std::uint32_t flips = set.sweep(A.data(), step, 3 * step / 4, 17, bits,
                                                      wide.data(), code.words.data());
                check(step, 3 * step / 4, 17, wide, code, flips);
            }
        }
    });
}

TEST_CASE("bit planes of a whole table are those of all its rows in order") {
    Stream random(3);
    const Codes codes = reference::random_codes(65, 200, random);
    std::vector<std::uint32_t> rows(codes.rows);
    std::iota(rows.begin(), rows.end(), 0);
    std::vector<std::uint64_t> listed, whole;
    bit_planes(codes.words.data(), 65, rows, listed);
    bit_planes(codes.words.data(), 65, codes.rows, whole);
    CHECK(listed == whole);
}

TEST_CASE("adding a multiple of a row, in 32 and in 64 bits, is the obvious loop") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            CAPTURE(bits);
            Stream random = stream(4, Purpose::generator, bits);
            std::vector<std::int32_t> row(bits), sums(bits);
            std::vector<std::int64_t> wide(bits);
            for (std::uint32_t a = 0; a < bits; ++a) {
                row[a] = static_cast<std::int32_t>(random() % 2001) - 1000;
                sums[a] = static_cast<std::int32_t>(random() % 2001) - 1000;
                wide[a] = static_cast<std::int64_t>(random() >> 2);
            }
            for (std::int64_t factor : {-2, 2, 1, -1, 0, 731}) {
                CAPTURE(factor);
                auto expected = sums;
                auto expected_wide = wide;
                for (std::uint32_t a = 0; a < bits; ++a) {
                    expected[a] += static_cast<std::int32_t>(factor) * row[a];
                    expected_wide[a] += factor * 1'000'003 * row[a];
                }
                auto got = sums;
                set.add_row(got.data(), row.data(), static_cast<std::int32_t>(factor), bits);
                CHECK(got == expected);
                auto got_wide = wide;
                set.add_scaled(got_wide.data(), row.data(),
                               static_cast<std::int32_t>(factor * 1'000'003), bits);
                CHECK(got_wide == expected_wide);
            }
        }
    });
}

TEST_CASE("dots of a query with every row are the sums of sign products") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t bits : widths) {
            for (std::size_t rows : heights) {
                CAPTURE(bits);
                CAPTURE(rows);
                Stream random = stream(5, Purpose::generator, bits, rows);
                const Codes codes = reference::random_codes(bits, rows, random);
                const Codes query = reference::random_codes(bits, 1, random);
                std::vector<std::int32_t> out(rows);
                set.dots(codes.words.data(), rows, bits, query.words.data(), out.data());
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < rows; ++i)
                    wrong += out[i] != reference::dot(codes.row(i), query.row(0), bits) ? 1 : 0;
                CHECK(wrong == 0);
            }
        }
    });
}

TEST_CASE("an inner product of 16-bit rows is exact where it fits, and wraps where it does not") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t width : widths) {
            for (std::int32_t most : {900, 32767}) {
                CAPTURE(width);
                CAPTURE(most);
                Stream random = stream(6, Purpose::generator, width);
                std::vector<std::int16_t> x(width), y(width);
                std::int64_t expected = 0;
                for (std::uint32_t a = 0; a < width; ++a) {
                    x[a] = static_cast<std::int16_t>(
                        static_cast<std::int32_t>(random() % (2u * unsigned(most) + 1)) - most);
                    y[a] = static_cast<std::int16_t>(a % 2 == 0 ? most : x[a]);
                    expected += std::int64_t{x[a]} * y[a];
                }
                CHECK(set.dot16(x.data(), y.data(), width) ==
                      static_cast<std::int32_t>(static_cast<std::uint64_t>(expected)));
            }
        }
    });
}

TEST_CASE(
    "the Gram matrix of 16-bit rows is the obvious sum, below the diagonal, added to what was") {
    with_every_set([](const Kernels& set) {
        for (std::uint32_t width : {1u, 7u, 8u, 24u, 64u, 65u}) {
            for (std::size_t count : {0u, 1u, 2u, 3u, 4u, 5u, 67u}) {
                CAPTURE(width);
                CAPTURE(count);
                Stream random = stream(7, Purpose::generator, width, count);
                std::vector<std::int16_t> values(count * width);
                for (auto& value : values)
                    value = static_cast<std::int16_t>(static_cast<std::int32_t>(random() % 65535) -
                                                      32767);
                std::vector<const std::int16_t*> rows;
                for (std::size_t j = 0; j < count; ++j) rows.push_back(&values[j * width]);
                std::vector<std::int64_t> gram(std::size_t{width} * width, -7), expected = gram;
                for (std::size_t j = 0; j < count; ++j)
                    for (std::uint32_t a = 0; a < width; ++a)
                        for (std::uint32_t b = 0; b <= a; ++b)
                            expected[a * width + b] +=
                                std::int64_t{rows[j][a]} * std::int64_t{rows[j][b]};
                set.gram16(rows.data(), count, width, gram.data());
                CHECK(gram == expected);
            }
        }
    });
}

TEST_CASE("settling against the balance of the columns equals its definition, bit by bit") {
    Stream random(12);
    for (const std::uint32_t bits : widths) {
        CAPTURE(bits);
        Codes start(bits, 5);
        std::vector<std::int64_t> pulls(5 * bits), column(bits, 0);
        for (std::size_t i = 0; i < 5; ++i) {
            randomise(start.row(i), bits, random);
            for (std::uint32_t a = 0; a < bits; ++a) {
                column[a] += 2 * sign(start.row(i), a);
                // Small ones, so that many arguments are 0.
                pulls[i * bits + a] = static_cast<std::int64_t>(random() % 13) - 6;
            }
        }
        Codes expected = start;
        std::vector<std::int64_t> sums = column;
        std::uint32_t flips = 0, zeros = 0;
        for (std::size_t i = 0; i < 5; ++i)
            for (std::uint32_t a = 0; a < bits; ++a) {
                const int old = sign(expected.row(i), a);
                const std::int64_t argument = pulls[i * bits + a] - (sums[a] - 2 * old);
                zeros += argument == 0;
                if (argument == 0 || (argument > 0) == (old > 0)) continue;
                flip(expected.row(i), a);
                sums[a] -= 2 * 2 * old;
                ++flips;
            }
        if (bits > 60) REQUIRE((flips > 0 && zeros > 0));
        with_every_set([&](const Kernels& set) {
            Codes codes = start;
            std::vector<std::int64_t> moved = column;
            std::uint32_t found = 0;
            for (std::size_t i = 0; i < 5; ++i)
                found += set.settle(&pulls[i * bits], 2, bits, moved.data(), codes.row(i).data());
            CHECK(codes.words == expected.words);
            CHECK(moved == sums);
            CHECK(found == flips);
        });
    }
}
