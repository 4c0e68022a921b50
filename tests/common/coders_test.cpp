// Coders of what crosses the network: everything comes back, in one form, near its entropy.
#include "common/wire/coders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/code_change.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"
#include "common/wire/padding.hpp"
#include "common/wire/plane.hpp"
#include "tests/common/allocations.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

double uniform(Stream& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

/// log2 of (n choose m), in bytes.
double choose_bytes(double n, double m) {
    return (std::lgamma(n + 1) - std::lgamma(m + 1) - std::lgamma(n - m + 1)) / std::log(2.0) / 8;
}

Codes with_flips(Codes codes, double share, Stream& random) {
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t a = 0; a < codes.bits; ++a)
            if (uniform(random) < share) flip(codes.row(i), a);
    return codes;
}

Codes read_back(const Buffer& bytes, const Codes* held, std::uint32_t bits, std::uint32_t items) {
    ByteReader from(bytes);
    std::uint8_t kind = 0;
    from(kind);
    Codes codes = held == nullptr ? Codes() : *held;
    read_codes(from, CodesKind{kind}, bits, items, codes);
    from.finish();
    return codes;
}

Coding coding_of(const char* codes) {
    Coding coding;
    coding.codes = codes;
    return coding;
}

std::vector<std::int64_t> random_numbers(std::size_t count, double scale, Stream& random) {
    std::vector<std::int64_t> numbers(count);
    for (std::int64_t& number : numbers) {
        // Two-sided geometric, as residuals are: mostly near zero, sometimes far.
        const double size = -std::log(1 - uniform(random)) * scale;
        number = static_cast<std::int64_t>(size) * (random() % 2 == 0 ? 1 : -1);
    }
    return numbers;
}

}  // namespace

TEST_CASE("changed codes come back by every coder, from what is held and from nothing") {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const std::uint32_t bits = std::array{8u, 20u, 64u, 65u, 256u}[seed % 5];
        const auto items = static_cast<std::uint32_t>(1 + random() % 200);
        const Codes before = reference::random_codes(bits, items, random);
        for (const double share : {0.0, 0.001, 0.02, 0.3, 0.5, 1.0}) {
            const Codes now = with_flips(before, share, random);
            CAPTURE(share);
            for (const CodeCoder& coder : code_coders()) {
                CAPTURE(std::string(coder.name));
                const Coding coding = coding_of(coder.name);
                const Buffer change = write_codes(&before, now, coding);
                CHECK(change.size() <= 1 + bytes_for(bits) * items);
                CHECK(read_back(change, &before, bits, items) == now);
                CHECK(write_codes(&before, read_back(change, &before, bits, items), coding) ==
                      change);
                CHECK(read_back(write_codes(nullptr, now, coding), nullptr, bits, items) == now);
            }
        }
    }
}

TEST_CASE("a change of codes takes at most 1.03 of its entropy and 16 bytes") {
    constexpr std::uint32_t bits = 64, items = 3706;
    Stream random(1);
    const Codes before = reference::random_codes(bits, items, random);
    for (const double share : {0.001, 0.005, 0.01, 0.05, 0.10, 0.20, 0.35, 0.5}) {
        CAPTURE(share);
        const Codes now = with_flips(before, share, random);
        double flipped = 0;
        for (std::size_t i = 0; i < items; ++i)
            flipped += std::popcount(before.row(i)[0] ^ now.row(i)[0]);
        const double bound = choose_bytes(double{bits} * items, flipped);
        const double delta = double(write_codes(&before, now, coding_of("delta")).size());
        const double zstd = double(write_codes(&before, now, coding_of("zstd")).size());
        CHECK(delta <= 1.03 * bound + 16);
        if (share <= 0.01) CHECK(delta < zstd);
    }
}

TEST_CASE("an item set takes at most 1.03 of its entropy and 16 bytes") {
    for (const std::size_t size : {20u, 96u, 166u, 500u}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            CAPTURE(size);
            CAPTURE(seed);
            Stream random(seed);
            std::vector<ItemId> items;
            for (std::uint32_t i = 0; items.size() < size; ++i)
                if (uniform(random) * (3706 - i) < double(size - items.size()))
                    items.push_back(ItemId{i});
            Buffer bytes;
            ByteWriter to(bytes);
            write_item_set(to, items);
            CHECK(double(bytes.size()) <= 1.03 * choose_bytes(3706, double(size)) + 16);
        }
    }
}

TEST_CASE("hostile codes are refused before memory is taken for them") {
    const auto refusal = [](const Buffer& bytes) -> std::string {
        const tests::AllocationWatch watch;
        try {
            read_back(bytes, nullptr, 64, 10);
        } catch (const DecodeError& error) {
            return watch.largest() > 4096 ? "refused too late" : error.what();
        }
        return "accepted";
    };
    const auto kind = static_cast<std::uint8_t>(CodesKind::zstd);
    // A frame of zstd that announces four gigabytes.
    CHECK(refusal({kind, 9, 0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff}) ==
          "codes that zstd cannot read");
    CHECK(refusal({kind, 3, 1, 2, 3}) == "codes that zstd cannot read");
    CHECK(refusal({kind, 200, 1}) == "a list is longer than its message");
    Stream random(1);
    const Codes other = reference::random_codes(64, 9, random);
    CHECK(refusal(write_codes(nullptr, Codes(64, 9), coding_of("zstd"))) ==
          "codes that zstd cannot read");
    CHECK(refusal(write_codes(nullptr, other, coding_of("full"))) == "truncated body");
}

TEST_CASE("numbers come back by every coder, and what does not fit is refused") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Stream random(seed);
        for (const double scale : {0.0, 0.7, 12.0, 3000.0, 1e9, 1e12}) {
            for (const std::size_t count : {0u, 1u, 2u, 165u}) {
                CAPTURE(seed);
                CAPTURE(scale);
                CAPTURE(count);
                const auto numbers = random_numbers(count, scale, random);
                for (const NumberCoder& coder : number_coders()) {
                    CAPTURE(std::string(coder.name));
                    Buffer bytes;
                    ByteWriter to(bytes, {nullptr, &coder});
                    write_numbers(to, numbers);
                    CHECK(bytes.size() <= max_numbers_bytes(count));
                    std::vector<std::int64_t> back(count);
                    ByteReader from(bytes, {nullptr, &coder});
                    read_numbers(from, std::int64_t{1} << 46, back);
                    from.finish();
                    CHECK(back == numbers);
                    std::int64_t most = 0;
                    for (const std::int64_t number : numbers)
                        most = std::max(most, std::abs(number));
                    if (most == 0) continue;
                    ByteReader again(bytes, {nullptr, &coder});
                    CHECK_THROWS_AS(read_numbers(again, most - 1, back), DecodeError);
                    ByteReader shorter(View(bytes).first(bytes.size() - 1), {nullptr, &coder});
                    CHECK_THROWS_AS(read_numbers(shorter, most, back), DecodeError);
                }
            }
        }
    }
}

TEST_CASE("a Rice code of two-sided numbers is near their entropy, far below bytes") {
    Stream random(5);
    const auto numbers = random_numbers(4000, 3, random);
    const auto size = [&](const NumberCoder& coder) {
        Buffer bytes;
        ByteWriter to(bytes, {nullptr, &coder});
        write_numbers(to, numbers);
        return bytes.size();
    };
    CHECK(size(number_coders()[0]) >= 4000);
    // Entropy of the magnitude and a sign: about 3.3 bits.
    CHECK(size(number_coders()[1]) < 2000);
    CHECK(size(number_coders()[2]) > size(number_coders()[1]));
}

TEST_CASE("padded bodies come back, and show nothing but their policy's lengths") {
    for (const Padding& padding : paddings()) {
        CAPTURE(std::string(padding.name));
        Coding coding;
        coding.padding = padding.name;
        coding.padding_bytes = 100;
        std::set<std::size_t> lengths;
        for (std::size_t size = 0; size <= 300; ++size) {
            CAPTURE(size);
            Buffer body(size, 7);
            const Buffer padded = pad(body, coding, 300);
            lengths.insert(padded.size());
            CHECK(padded.size() <= max_padded_bytes(coding, 300));
            const View back = unpad(padded, coding, 300);
            CHECK(std::ranges::equal(back, body));
            if (coding.padding == "none") continue;
            Buffer longer = padded, dirty = padded;
            longer.push_back(0);
            CHECK_THROWS_AS(unpad(longer, coding, 300), DecodeError);
            CHECK_THROWS_AS(unpad(View(padded).first(padded.size() - 1), coding, 300), DecodeError);
            if (padded.size() > size + 3) {
                dirty.back() = 1;
                CHECK_THROWS_AS(unpad(dirty, coding, 300), DecodeError);
            }
        }
        const std::map<std::string, std::size_t> expected{
            {"none", 301}, {"pow2", 10}, {"bucket", 4}, {"fixed", 1}};
        CHECK(lengths.size() == expected.at(padding.name));
    }
}

TEST_CASE("a plane that changed a little travels by its difference") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Stream random(seed);
        const std::uint32_t rows = 30, cols = seed % 3 == 0 ? 1 : 12;
        std::vector<double> reals(rows * cols), moved;
        for (double& real : reals) real = uniform(random) - 0.5;
        moved = reals;
        for (double& real : moved) real += 0.02 * (uniform(random) - 0.5);
        const bool row_steps = seed % 2 == 0;
        const Plane before = quantise(reals, rows, cols, 12, 8, row_steps);
        const Plane now = quantise(moved, rows, cols, 12, 8, row_steps);
        Buffer whole, change;
        ByteWriter to_whole(whole), to_change(change);
        write_plane(to_whole, PlaneId::factors, now);
        write_plane(to_change, PlaneId::factors, now, &before);
        CHECK(change.size() < whole.size());
        Tables held;
        held.plane(PlaneId::factors) = before;
        ByteReader from(change);
        read_plane(from, held);
        from.finish();
        CHECK(held.plane(PlaneId::factors) == now);
        Tables nothing;
        ByteReader again(change);
        CHECK_THROWS_WITH_AS(read_plane(again, nothing), "a change of a plane that is not held",
                             DecodeError);
        // Unrelated planes are not helped by a difference, and then it is not used.
        std::vector<double> far(rows * cols);
        for (double& real : far) real = 4 * (uniform(random) - 0.5);
        Buffer unrelated;
        ByteWriter to(unrelated);
        write_plane(to, PlaneId::factors, quantise(far, rows, cols, 12, 8, row_steps), &before);
        CHECK(unrelated.size() <= whole.size());
    }
}

TEST_CASE("coders are found by name, and an unknown one is told with those there are") {
    CHECK(coder_rows().size() == code_coders().size() + plane_coders().size() +
                                     set_coders().size() + number_coders().size() +
                                     paddings().size());
    Coding coding;
    check_coding(coding);
    coding.sets = "roaring";
    CHECK_THROWS_WITH_AS(check_coding(coding),
                         "coding.sets: unknown coder 'roaring'; known: smallest, rice, "
                         "elias-fano, bitmap",
                         UsageError);
    coding = {};
    coding.padding = "much";
    CHECK_THROWS_WITH_AS(check_coding(coding), doctest::Contains("coding.padding"), UsageError);
    // A peer may say anything: no division by it, no gigabytes for it.
    for (const std::uint32_t bytes : {0u, most_padding_bytes + 1, 0xffffffffu}) {
        coding = {};
        coding.padding_bytes = bytes;
        CHECK_THROWS_WITH_AS(check_coding(coding), "coding.padding_bytes: out of range",
                             UsageError);
    }
}
