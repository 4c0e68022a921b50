#include "common/wire/frame.hpp"

#include <doctest/doctest.h>

#include <array>

#include "common/kernels/kernels.hpp"
#include "common/random.hpp"
#include "common/wire/channel.hpp"
#include "tests/common/allocations.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

using RawHeader = std::array<std::uint8_t, header_bytes>;

/// A header with a right checksum whatever it says.
RawHeader sealed(std::uint8_t version, std::uint8_t type, std::uint32_t length,
                 std::uint32_t body_crc = 0) {
    RawHeader header{'F', 'H', version, type};
    std::memcpy(&header[4], &length, 4);
    std::memcpy(&header[8], &body_crc, 4);
    const std::uint32_t crc = kernels().crc32c(0, header.data(), 12);
    std::memcpy(&header[12], &crc, 4);
    return header;
}

std::string refusal(const RawHeader& header, const Caps& caps) {
    std::string reason;
    reason.reserve(256);
    const tests::AllocationWatch watch;
    try {
        caps.check(read_header(header));
        return "";
    } catch (const DecodeError& error) {
        reason = error.what();
    }
    return watch.total() < 4096 ? reason : "refused after taking memory";
}

Buffer random_body(std::size_t size, std::uint64_t seed) {
    Stream random(seed);
    Buffer body(size);
    for (auto& byte : body) byte = static_cast<std::uint8_t>(random());
    return body;
}

}  // namespace

TEST_CASE("a frame is 16 bytes of header and the body, and reads back, also without a body") {
    for (std::size_t size : {0, 1, 63, 64, 65, 70'000}) {
        CAPTURE(size);
        const Buffer body = random_body(size, size);
        const Encoded bytes = frame(Type::reply, body);
        REQUIRE(bytes->size() == header_bytes + size);
        const Header header = read_header(View(*bytes).first<header_bytes>());
        CHECK(header.type == Type::reply);
        CHECK(header.length == size);
        CHECK_NOTHROW(check_body(header, View(*bytes).subspan(header_bytes)));
    }
    // The layout, written out: it may change only together with the version.
    const Encoded empty = frame(Type::goodbye, {});
    CHECK(Buffer(empty->begin(), empty->begin() + 12) ==
          Buffer{'F', 'H', 7, 8, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("every flipped bit of a header is refused") {
    for (std::size_t size : {0, 1, 300}) {
        const Encoded bytes = frame(Type::request, random_body(size, 1));
        for (std::size_t flipped = 0; flipped < 8 * header_bytes; ++flipped) {
            CAPTURE(flipped);
            RawHeader header;
            std::copy_n(bytes->begin(), header_bytes, header.begin());
            header[flipped / 8] =
                static_cast<std::uint8_t>(header[flipped / 8] ^ (1u << (flipped % 8)));
            REQUIRE(refusal(header, Caps().allow(Type::request, 1000)) ==
                    (flipped < 16 ? "bad magic" : "bad header checksum"));
        }
    }
}

TEST_CASE("every pair of flipped bits of a header is refused") {
    const Encoded bytes = frame(Type::request, random_body(64, 1));
    for (std::size_t one = 0; one < 8 * header_bytes; ++one) {
        for (std::size_t two = one + 1; two < 8 * header_bytes; ++two) {
            RawHeader header;
            std::copy_n(bytes->begin(), header_bytes, header.begin());
            for (std::size_t flipped : {one, two})
                header[flipped / 8] =
                    static_cast<std::uint8_t>(header[flipped / 8] ^ (1u << (flipped % 8)));
            REQUIRE_THROWS_AS(read_header(header), DecodeError);
        }
    }
}

TEST_CASE("a hundred thousand random flips in bodies are refused") {
    Stream random(7);
    std::size_t refused = 0;
    constexpr std::size_t trials = 100'000;
    for (std::size_t trial = 0; trial < trials; ++trial) {
        Buffer body = random_body(1 + random() % 200, trial);
        const Encoded bytes = frame(Type::reply, body);
        const Header header = read_header(View(*bytes).first<header_bytes>());
        const std::size_t first =
            random() % (8 * body.size());  // up to 32 bits in a burst, at least one
        const std::uint64_t burst = (random() >> 32) | 1;
        for (std::size_t b = 0; b < 32 && first + b < 8 * body.size(); ++b)
            if ((burst >> b) & 1)
                body[(first + b) / 8] =
                    static_cast<std::uint8_t>(body[(first + b) / 8] ^ (1u << ((first + b) % 8)));
        try {
            check_body(header, body);
        } catch (const DecodeError&) {
            ++refused;
        }
    }
    CHECK(refused == trials);
}

TEST_CASE(
    "another version, an unknown type and a type out of turn are refused, each with its reason") {
    const Caps caps = Caps().allow(Type::hello, 36);
    for (const std::uint8_t version : std::array<std::uint8_t, 3>{0, 2, 255})
        CHECK(refusal(sealed(version, 1, 0), caps) == "unknown protocol version");
    for (const std::uint8_t type : std::array<std::uint8_t, 4>{0, type_count, type_count + 1, 255})
        CHECK(refusal(sealed(protocol_version, type, 0), caps) == "unknown message type");
    for (std::uint8_t type = 2; type < type_count; ++type)
        CHECK(refusal(sealed(protocol_version, type, 0), caps) == "message type not expected now");
    CHECK(refusal(sealed(protocol_version, 1, 36), caps) == "");
}

TEST_CASE(
    "lengths past the cap of their type are refused before memory is taken, the cap itself is "
    "not") {
    for (std::size_t cap :
         {std::size_t{0}, std::size_t{36}, std::size_t{1} << 20, std::size_t{1} << 40}) {
        const Caps caps = Caps().allow(Type::hello, cap);
        const auto effective =
            static_cast<std::uint32_t>(std::min<std::size_t>(cap, absolute_cap_bytes));
        CAPTURE(effective);
        CHECK(refusal(sealed(protocol_version, 1, effective), caps) == "");
        for (std::uint32_t length : {effective + 1, 1u << 31, 0xffffffffu})
            CHECK(refusal(sealed(protocol_version, 1, length), caps) ==
                  "message longer than its type can be");
    }
}

TEST_CASE("every type has a name of its own") {
    CHECK(std::string(name(Type::hello)) == "hello");
    CHECK(std::string(name(Type::goodbye)) == "goodbye");
    CHECK(std::string(name(Type{200})) == "none");
}
