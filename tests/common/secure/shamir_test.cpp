#include "common/secure/shamir.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <stdexcept>

#include "common/random.hpp"

using namespace fedhash;
using secure::Share;

namespace {

std::vector<std::uint8_t> random_bytes(std::size_t size, Stream& random) {
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

}  // namespace

TEST_CASE("shares of a known secret are those of a known polynomial, and three of five join") {
    std::vector<std::uint8_t> secret, coefficients;
    for (unsigned i = 0; i < 16; ++i) secret.push_back(static_cast<std::uint8_t>(0x11 * i));
    for (unsigned i = 0; i < 16; ++i) coefficients.push_back(static_cast<std::uint8_t>(i + 1));
    for (unsigned i = 0; i < 16; ++i)
        coefficients.push_back(static_cast<std::uint8_t>(0xf0 - 0x10 * i));
    const std::vector<Share> shares = secure::split(secret, 3, 5, coefficients);
    const std::vector<std::uint8_t> second{0xef, 0xb8, 0x49, 0x16, 0xb8, 0xef, 0x1e, 0x51,
                                           0x41, 0x16, 0xe7, 0xb8, 0x16, 0x41, 0xb0, 0xdf};
    const std::vector<std::uint8_t> fifth{0x6c, 0x79, 0x52, 0x53, 0x10, 0x05, 0x2e, 0x07,
                                          0x94, 0x81, 0xaa, 0xab, 0xe8, 0xfd, 0xd6, 0xaf};
    CHECK(shares[1].bytes == second);
    CHECK(shares[4].bytes == fifth);
    CHECK(secure::join(std::vector{shares[0], shares[2], shares[4]}) == secret);
    CHECK(secure::join(std::vector{shares[3], shares[1], shares[2]}) == secret);
    const std::vector<std::uint8_t> wrong{0xfb, 0xca, 0x99, 0xa8, 0x3f, 0x0e, 0x5d, 0x6c,
                                          0x68, 0x59, 0x0a, 0x3b, 0xac, 0x9d, 0xce, 0xff};
    CHECK(secure::join(std::vector{shares[0], shares[1]}) == wrong);
}

TEST_CASE("every set of shares that is large enough gives the secret, no smaller one does") {
    Stream random(31);
    for (std::size_t count = 1; count <= 6; ++count)
        for (std::size_t threshold = 1; threshold <= count; ++threshold) {
            const auto secret = random_bytes(32, random);
            const auto shares =
                secure::split(secret, threshold, count, random_bytes((threshold - 1) * 32, random));
            for (unsigned set = 1; set < 1u << count; ++set) {
                std::vector<Share> given;
                for (std::size_t i = 0; i < count; ++i)
                    if ((set >> i) & 1) given.push_back(shares[i]);
                const bool enough = std::popcount(set) >= static_cast<int>(threshold);
                CHECK((secure::join(given) == secret) == enough);
            }
        }
}

TEST_CASE("shares that cannot be of one secret are refused") {
    Stream random(32);
    const auto shares = secure::split(random_bytes(8, random), 2, 3, random_bytes(8, random));
    CHECK_THROWS_AS(secure::join({}), std::invalid_argument);
    CHECK_THROWS_AS(secure::join(std::vector{shares[0], shares[0]}), std::invalid_argument);
    CHECK_THROWS_AS(secure::join(std::vector{shares[0], Share{0, shares[1].bytes}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(secure::join(std::vector{shares[0], Share{2, {1, 2}}}), std::invalid_argument);
}
