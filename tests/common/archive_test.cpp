#include "common/wire/archive.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "common/random.hpp"
#include "tests/common/allocations.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

template <class T>
Buffer varint_bytes(T value) {
    Buffer bytes;
    ByteWriter to(bytes);
    to(varint(value));
    return bytes;
}

/// The reason for which bytes are not a T; "accepted", or a complaint when a refusal took memory
/// first.
template <class T>
std::string refusal(const Buffer& bytes) {
    std::string reason;
    reason.reserve(256);
    const tests::AllocationWatch watch;
    try {
        decode<T>(bytes);
        return "accepted";
    } catch (const DecodeError& error) {
        reason = error.what();
    }
    return watch.total() < 4096 ? reason : "refused after taking memory";
}

template <class T>
struct Wrapped {
    T value{};
    template <class Archive>
    void serialize(Archive& ar) {
        ar(varint(value));
    }
};

struct Flag {
    bool value = false;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(value);
    }
};

struct Wide {  // 40 bytes in memory, one on the wire
    std::uint8_t value = 0;
    std::uint64_t more[4] = {};
    template <class Archive>
    void serialize(Archive& ar) {
        ar(value);
    }
};

}  // namespace

TEST_CASE("varints of every size round-trip in the fewest bytes") {
    for (int shift = 0; shift < 64; ++shift) {
        for (std::uint64_t value : {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1,
                                    std::uint64_t{0x5555555555555555} >> shift}) {
            CAPTURE(value);
            const Buffer bytes = varint_bytes(value);
            REQUIRE(bytes.size() ==
                    std::max<std::size_t>(
                        1, (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7));
            REQUIRE(decode<Wrapped<std::uint64_t>>(bytes).value == value);
        }
    }
    CHECK(varint_bytes(std::uint64_t{127}) == Buffer{0x7f});
    CHECK(varint_bytes(std::uint64_t{300}) == Buffer{0xac, 0x02});
}

TEST_CASE("varints that are not minimal, too long, cut off or out of range are refused") {
    CHECK(refusal<Wrapped<std::uint64_t>>({0x80, 0x00}) == "a varint is not minimal");
    CHECK(refusal<Wrapped<std::uint64_t>>({0xff, 0x80, 0x00}) == "a varint is not minimal");
    CHECK(refusal<Wrapped<std::uint64_t>>({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                           0x02}) == "a varint is too long");
    CHECK(refusal<Wrapped<std::uint64_t>>(Buffer(11, 0x80)) == "a varint is too long");
    CHECK(refusal<Wrapped<std::uint64_t>>({0x80}) == "truncated body");
    CHECK(refusal<Wrapped<std::uint64_t>>({}) == "truncated body");
    CHECK(refusal<Wrapped<std::uint32_t>>({0xff, 0xff, 0xff, 0xff, 0x1f}) ==
          "a varint is out of range");
    CHECK(refusal<Wrapped<std::uint32_t>>({0xff, 0xff, 0xff, 0xff, 0x0f}) == "accepted");
    CHECK(refusal<Wrapped<std::uint64_t>>(
              {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}) == "accepted");
}

TEST_CASE("a bool is 0 or 1 and nothing else") {
    CHECK_FALSE(decode<Flag>(Buffer{0}).value);
    CHECK(decode<Flag>(Buffer{1}).value);
    for (int byte = 2; byte < 256; ++byte)
        REQUIRE(refusal<Flag>({static_cast<std::uint8_t>(byte)}) == "a bool is neither 0 nor 1");
}

TEST_CASE(
    "numbers that are not finite are refused, alone and in lists, zeros of both signs and "
    "denormals are not") {
    using Limits = std::numeric_limits<double>;
    for (double bad : {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::signaling_NaN(),
                       Limits::infinity(), -Limits::infinity()}) {
        CHECK(refusal<double>(encode(bad)) == "a number is not finite");
        CHECK(refusal<float>(encode(static_cast<float>(bad))) == "a number is not finite");
        CHECK_THROWS_WITH_AS(decode<std::vector<double>>(encode(std::vector<double>{1, bad})),
                             "a number is not finite", DecodeError);
        CHECK_THROWS_WITH_AS(
            decode<std::vector<float>>(encode(std::vector<float>{static_cast<float>(bad), 2})),
            "a number is not finite", DecodeError);
    }
    for (double good : {0.0, -0.0, Limits::denorm_min(), Limits::max(), Limits::lowest()})
        CHECK(std::bit_cast<std::uint64_t>(decode<double>(encode(good))) ==
              std::bit_cast<std::uint64_t>(good));
}

TEST_CASE("a hostile count is refused before memory is taken for it") {
    for (std::uint64_t count :
         {std::uint64_t{2}, std::uint64_t{1} << 25, std::uint64_t{1} << 30, std::uint64_t{1} << 40,
          std::uint64_t{1} << 61, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        CAPTURE(count);
        const Buffer nine = varint_bytes(count);
        CHECK(refusal<std::vector<std::uint64_t>>(nine) == "a list is longer than its message");
        CHECK(refusal<std::vector<std::uint8_t>>(nine) == "a list is longer than its message");
        CHECK(refusal<std::vector<double>>(nine) == "a list is longer than its message");
        CHECK(refusal<std::vector<Wide>>(nine) == "a list is longer than its message");
        CHECK(refusal<std::string>(nine) == "a string is longer than its message");
        CHECK(refusal<View>(nine) == "a list is longer than its message");
        Buffer almost =
            nine;  // count x 8 wraps around to 0 for 2^61: the bytes that are there must not do
        almost.resize(almost.size() + 8);
        if (count != 8)
            CHECK(refusal<std::vector<std::uint64_t>>(almost) ==
                  "a list is longer than its message");
    }
}

TEST_CASE("a list of structures takes memory in proportion to the message") {
    const std::size_t size = 10'000;
    Buffer bytes = varint_bytes(size);
    bytes.resize(bytes.size() + size - 1);  // one short
    const tests::AllocationWatch watch;
    CHECK_THROWS_AS(decode<std::vector<Wide>>(bytes), DecodeError);
    CHECK(watch.largest() <= 64 * size);
}

TEST_CASE("bodies must be used up exactly") {
    CHECK(refusal<std::uint32_t>({1, 2, 3}) == "truncated body");
    CHECK(refusal<std::uint32_t>({1, 2, 3, 4}) == "accepted");
    CHECK(refusal<std::uint32_t>({1, 2, 3, 4, 5}) == "trailing bytes");
    CHECK(refusal<std::vector<std::uint8_t>>({1, 2, 3}) == "trailing bytes");
    CHECK(refusal<std::string>({0, 0}) == "trailing bytes");
}

TEST_CASE("lists, strings and numbers round-trip little-endian") {
    Stream random(4);
    for (std::size_t size : {0, 1, 63, 64, 65, 127, 128, 300}) {
        CAPTURE(size);
        std::vector<std::uint64_t> numbers(size);
        std::string text;
        for (auto& number : numbers) {
            number = random();
            text.push_back(static_cast<char>(random()));
        }
        CHECK(decode<std::vector<std::uint64_t>>(encode(numbers)) == numbers);
        CHECK(decode<std::string>(encode(text)) == text);
    }
    CHECK(encode(std::uint32_t{0x01020304}) == Buffer{4, 3, 2, 1});
    CHECK(encode(std::vector<std::uint16_t>{1, 0x0203}) == Buffer{2, 1, 0, 3, 2});
    CHECK(encode(std::int64_t{-1}) == Buffer(8, 0xff));
}
