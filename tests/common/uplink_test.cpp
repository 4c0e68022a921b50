#include "common/uplink.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "common/errors.hpp"
#include "common/wire/item_set.hpp"
#include "tests/reference.hpp"

using namespace fedhash;
using namespace fedhash::wire;

namespace {

/// One user's words, as a device would own them.
struct User {
    Codes code;
    std::int64_t target;
    std::int64_t weight;
    std::vector<ItemId> items;
    std::vector<std::int32_t> targets;

    Said said() const { return {code.row(0), target, items, targets, weight}; }
};

User random_user(std::uint32_t bits, std::size_t items, Stream& random) {
    User user{reference::random_codes(bits, 1, random), 0, 0, {}, {}};
    user.target =
        1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(max_target(bits)));
    user.weight = 1 + static_cast<std::int64_t>(random() % 64);
    for (std::uint32_t i = 0; i < items; ++i)
        if (random() % 4 == 0) user.items.push_back(ItemId{i});
    for (std::size_t j = 0; j < user.items.size(); ++j)
        user.targets.push_back(static_cast<std::int32_t>(random() % (2 * 16 * bits)) -
                               static_cast<std::int32_t>(16 * bits));
    return user;
}

Variant variant_of(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    return variant;
}

Buffer body_of(const Uplink& uplink, const User& user, const Codes& items) {
    Buffer body;
    ByteWriter to(body);
    uplink.say(to, user.said(), items);
    return body;
}

/// The reason for which a body is refused, after checking that the sum is what it was; "" when it
/// is accepted.
std::string refusal(const Uplink& uplink, const Buffer& body, const Codes& items, Aggregate& sum) {
    const Aggregate before = sum;
    ByteReader from(body);
    try {
        uplink.hear(from, items, sum);
        return "";
    } catch (const DecodeError& error) {
        REQUIRE(sum == before);
        return error.what();
    }
}

struct Stage {
    explicit Stage(const UplinkEntry& entry_, std::uint32_t bits, std::uint64_t seed = 1,
                   std::size_t rows = 40)
        : entry(entry_),
          random(seed),
          items(reference::random_codes(bits, rows, random)),
          uplink(entry_.make(variant_of(bits))),
          sum(bits, rows) {
        const User other =
            random_user(bits, rows, random);  // so that "untouched" is not merely "empty"
        refusal(*uplink, body_of(*uplink, other, items), items, sum);
    }
    const UplinkEntry& entry;
    Stream random;
    Codes items;
    std::unique_ptr<const Uplink> uplink;
    Aggregate sum;
};

}  // namespace

TEST_CASE(
    "what is heard is what was said: the sums are those of the obvious loop, for every uplink") {
    for (const UplinkEntry& entry : uplinks()) {
        for (std::uint32_t bits : {8u, 9u, 63u, 64u, 65u, 128u, 256u}) {
            CAPTURE(std::string(entry.name));
            CAPTURE(bits);
            Stream random(bits);
            const Codes items = reference::random_codes(bits, 50, random);
            const auto uplink = entry.make(variant_of(bits));
            Aggregate sum(bits, 50), expected(bits, 50);
            for (int u = 0; u < 12; ++u) {
                const User user = random_user(bits, u == 0 ? 0 : 50, random);
                const Buffer body = body_of(*uplink, user, items);
                REQUIRE(body.size() <= entry.max_bytes(bits, 50));
                REQUIRE(refusal(*uplink, body, items, sum) == "");
                const std::string_view name = entry.name;
                if (name == "filler")
                    ++expected.users;  // means nothing
                else if (name == "code")
                    reference::hear_code(user.code.row(0), user.target, user.items, items,
                                         expected);
                else
                    reference::hear_gradients(user.code.row(0), user.weight, user.targets,
                                              user.items, items, expected);
            }
            CHECK(sum == expected);
        }
    }
}

TEST_CASE("every truncation and any trailing byte is refused, and the sum is left untouched") {
    for (const UplinkEntry& entry : uplinks()) {
        CAPTURE(std::string(entry.name));
        Stage stage(entry, 65);
        const Buffer body = body_of(*stage.uplink, random_user(65, 40, stage.random), stage.items);
        for (std::size_t size = 0; size < body.size(); ++size) {
            CAPTURE(size);
            REQUIRE(refusal(*stage.uplink,
                            Buffer(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size)),
                            stage.items, stage.sum) != "");
        }
        Buffer longer = body;
        longer.push_back(0);
        CHECK(refusal(*stage.uplink, longer, stage.items, stage.sum) != "");
        CHECK(refusal(*stage.uplink, body, stage.items, stage.sum) == "");
    }
}

TEST_CASE("ids outside the catalogue are refused, and the sum is left untouched") {
    for (const UplinkEntry& entry : uplinks()) {
        CAPTURE(std::string(entry.name));
        if (std::string_view(entry.name) == "filler") continue;  // names no items
        Stage stage(entry, 64);
        Stream random(9);
        const Codes larger = reference::random_codes(64, 80, random);
        User user = random_user(64, 40, random);
        user.items.push_back(ItemId{40});  // one past the catalogue of 40
        user.targets.push_back(1);
        CHECK(refusal(*stage.uplink, body_of(*stage.uplink, user, larger), stage.items,
                      stage.sum) == "an item id is out of range");
    }
}

TEST_CASE("bodies with random damage are refused or add exactly one user") {
    for (const UplinkEntry& entry : uplinks()) {
        CAPTURE(std::string(entry.name));
        Stage stage(entry, 20);
        for (int trial = 0; trial < 4'000; ++trial) {
            CAPTURE(trial);
            Buffer body = body_of(*stage.uplink, random_user(20, 40, stage.random), stage.items);
            for (std::uint64_t n = 1 + stage.random() % 3; n > 0; --n)
                body[stage.random() % body.size()] = static_cast<std::uint8_t>(stage.random());
            const std::uint64_t users = stage.sum.users;
            const bool accepted = refusal(*stage.uplink, body, stage.items, stage.sum).empty();
            REQUIRE(stage.sum.users == users + (accepted ? 1 : 0));
        }
    }
}

TEST_CASE("a code's target of 0 or over the cap is refused, the cap itself is not") {
    for (std::uint32_t bits : {8u, 64u, 256u}) {
        CAPTURE(bits);
        Stage stage(find_uplink("code"), bits);
        User user = random_user(bits, 40, stage.random);
        const auto with_target = [&](std::int64_t target) {
            user.target = target;
            return refusal(*stage.uplink, body_of(*stage.uplink, user, stage.items), stage.items,
                           stage.sum);
        };
        CHECK(with_target(0) == "target out of range");
        CHECK(with_target(max_target(bits) + 1) == "target out of range");
        CHECK(with_target(65535) == "target out of range");
        CHECK(with_target(1) == "");
        CHECK(with_target(max_target(bits)) == "");
    }
}

TEST_CASE("a code with a bit past its last is refused") {
    for (std::uint32_t bits : {9u, 63u, 65u, 255u}) {
        CAPTURE(bits);
        Stage stage(find_uplink("code"), bits);
        const Buffer body =
            body_of(*stage.uplink, random_user(bits, 40, stage.random), stage.items);
        for (std::size_t excess = bits; excess < 8 * bytes_for(bits); ++excess) {
            Buffer damaged = body;
            damaged[2 + excess / 8] =
                static_cast<std::uint8_t>(damaged[2 + excess / 8] | (1u << (excess % 8)));
            CHECK(refusal(*stage.uplink, damaged, stage.items, stage.sum) ==
                  "code has too many bits");
        }
    }
}

TEST_CASE("a gradient that no honest device can say is refused") {
    for (std::uint32_t bits : {8u, 256u}) {
        CAPTURE(bits);
        Stage stage(find_uplink("gradients"), bits);
        const auto with_entry = [&](std::int32_t entry) {
            Buffer body;
            ByteWriter to(body);
            const std::vector<ItemId> items{ItemId{3}};
            write_item_set(to, items);
            std::vector<std::int32_t> row(bits, 1);
            row.back() = entry;
            to.append(row.data(), row.size() * sizeof row[0]);
            return refusal(*stage.uplink, body, stage.items, stage.sum);
        };
        // 1024 in weight, times target and score at their largest, in 1/256.
        const auto most =
            static_cast<std::int32_t>(1024 * 16 * (max_target(bits) + (bits + 1) * 16));
        CHECK(with_entry(most) == "");
        CHECK(with_entry(-most) == "");
        CHECK(with_entry(most + 1) == "gradient out of range");
        CHECK(with_entry(-most - 1) == "gradient out of range");
        CHECK(with_entry(std::numeric_limits<std::int32_t>::min()) == "gradient out of range");
        CHECK(with_entry(std::numeric_limits<std::int32_t>::max()) == "gradient out of range");
    }
}

TEST_CASE("an unknown uplink is answered with the known ones") {
    CHECK_THROWS_WITH_AS(find_uplink("carrier-pigeon"), doctest::Contains("code, gradients"),
                         UsageError);
}
