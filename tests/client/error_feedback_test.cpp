// Uploads that leave something out: nothing is lost for good, what is said fits its bits, and both
// halves of an uplink agree on it.
#include "client/error_feedback.hpp"

#include <doctest/doctest.h>

#include <map>

#include "common/random.hpp"
#include "common/uplinks/steps.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::tests {
namespace {

constexpr std::size_t width = 8;

Variant lossy(std::uint32_t rows, std::uint32_t bits) {
    Variant variant;
    variant.bits = width;
    variant.learner = "real";
    variant.uplink = "real-gradient";
    variant.top_rows = rows;
    variant.gradient_bits = bits;
    return variant;
}

struct Gradients {
    std::vector<ItemId> items;
    std::vector<std::int32_t> rows;
    Said said() const {
        Said said;
        said.items = items;
        said.gradients = rows;
        return said;
    }
};

Gradients random_gradients(Stream& random, std::uint32_t catalogue, std::uint64_t most) {
    Gradients made;
    for (std::uint32_t i = 0; i < catalogue; ++i) {
        if (random() % 3 != 0) continue;
        made.items.push_back(ItemId{i});
        for (std::size_t a = 0; a < width; ++a)
            made.rows.push_back(static_cast<std::int32_t>(random() % (2 * most + 1)) -
                                static_cast<std::int32_t>(most));
    }
    return made;
}

using Sums = std::map<std::uint32_t, std::vector<std::int64_t>>;

void add(Sums& sums, std::span<const ItemId> items, std::span<const std::int32_t> rows,
         std::int64_t times) {
    for (std::size_t j = 0; j < items.size(); ++j) {
        auto& row = sums[static_cast<std::uint32_t>(items[j])];
        row.resize(width);
        for (std::size_t a = 0; a < width; ++a) row[a] += times * rows[j * width + a];
    }
}

bool all_zero(const Sums& sums) {
    for (const auto& [item, row] : sums)
        for (const std::int64_t entry : row)
            if (entry != 0) return false;
    return true;
}

TEST_CASE("what was said and what is left add up to all gradients so far, whatever is left out") {
    for (const auto& [rows, bits] : {std::pair{0u, 4u}, {3u, 16u}, {5u, 2u}, {1000u, 8u}}) {
        CAPTURE(rows);
        CAPTURE(bits);
        const Variant variant = lossy(rows, bits);
        CHECK(client::leaves_out(variant));
        Stream random(rows + bits);
        client::Learnt learnt;
        client::Workspace work;
        Sums open;
        for (int round = 0; round < 30; ++round) {
            const std::uint64_t most = round % 7 == 0 ? 32767 : 300;
            const Gradients made = random_gradients(random, 40, most);
            add(open, made.items, made.rows, 1);
            Said said = made.said();
            client::leave_out(variant, said, learnt, work);
            add(open, said.items, said.gradients, -1);
            CHECK(std::ranges::is_sorted(said.items));
            if (rows > 0) CHECK(said.items.size() <= rows);
            CHECK(said.gradients.size() == said.items.size() * width);
            CHECK(largest_of(said.gradients) <= 32767);

            Sums left = open;
            add(left, learnt.unsaid.items, learnt.unsaid.rows, -1);
            CHECK(all_zero(left));
        }
    }
}

TEST_CASE("the largest rows are said, of equal ones those of the first items") {
    const Variant variant = lossy(2, 16);
    client::Learnt learnt;
    client::Workspace work;
    Gradients made{{ItemId{1}, ItemId{4}, ItemId{6}, ItemId{9}}, std::vector<std::int32_t>(32)};
    made.rows[0] = 5;
    made.rows[8 + 3] = -7;
    made.rows[16 + 1] = 5;
    made.rows[24] = 1;
    Said said = made.said();
    client::leave_out(variant, said, learnt, work);
    CHECK(std::vector(said.items.begin(), said.items.end()) ==
          std::vector<ItemId>{ItemId{1}, ItemId{4}});
    CHECK(learnt.unsaid.items == std::vector<ItemId>{ItemId{6}, ItemId{9}});
    // Nothing new: what was left comes now, and then there is no more.
    said = Said{};
    client::leave_out(variant, said, learnt, work);
    CHECK(said.items.size() == 2);
    CHECK(said.gradients[1] == 5);
    CHECK(learnt.unsaid == client::Unsaid{});
}

TEST_CASE("with all rows and all bits nothing is left out") {
    CHECK_FALSE(client::leaves_out(lossy(0, 16)));
}

TEST_CASE("gradients in fewer bits come back as they were said, in fewer bytes, canonically") {
    const std::uint32_t items = 40;
    for (std::uint32_t bits : {2u, 5u, 8u, 15u}) {
        CAPTURE(bits);
        const Variant variant = lossy(0, bits);
        const UplinkEntry& entry = find_uplink("real-gradient");
        const auto uplink = entry.make(variant);
        const Tables tables;
        Stream random(bits);
        for (const std::uint64_t most :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{900}, std::uint64_t{32767}}) {
            CAPTURE(most);
            client::Learnt learnt;
            client::Workspace work;
            const Gradients made = random_gradients(random, items, most);
            Said said = made.said();
            client::leave_out(variant, said, learnt, work);
            wire::Buffer body;
            wire::ByteWriter to(body);
            uplink->say(to, said, tables);
            CHECK(body.size() <= entry.max_bytes(variant, items));
            CHECK(body.size() <= 12 + items / 8 + (said.gradients.size() * bits + 7) / 8);

            Aggregate sum(uplink->shape(items));
            wire::ByteReader from(body);
            uplink->hear(from, tables, sum);
            for (std::size_t j = 0; j < said.items.size(); ++j)
                for (std::size_t a = 0; a < width; ++a)
                    CHECK(sum.rows[index(said.items[j]) * width + a] ==
                          said.gradients[j * width + a]);

            // Whatever damage is accepted has one form only: it is said as it was heard.
            const Aggregate before = sum;
            for (std::size_t cut = 0; cut < body.size(); ++cut) {
                wire::Buffer part(body.begin(), body.begin() + std::ptrdiff_t(cut));
                wire::ByteReader cut_from(part);
                CHECK_THROWS_AS(uplink->hear(cut_from, tables, sum), wire::DecodeError);
                CHECK(sum == before);
            }
        }
    }
}

TEST_CASE("numbers in steps are off by half a step at most, and the steps are as fine as can be") {
    Stream random(3);
    for (int trial = 0; trial < 2000; ++trial) {
        const auto bits = static_cast<std::uint32_t>(2 + random() % 15);
        const auto largest = static_cast<std::int64_t>(random() % (1u << (random() % 31)));
        const Steps steps = steps_for(largest, bits);
        CAPTURE(bits);
        CAPTURE(largest);
        CHECK((largest >> steps.shift) <= steps.most);
        if (steps.shift > 0) CHECK((largest >> (steps.shift - 1)) > steps.most);
        const std::int64_t step = std::int64_t{1} << steps.shift;
        // The very largest may be cut off by less than a step.
        CHECK(std::abs(steps.multiple(largest) * step - largest) < step);
        CHECK(steps_for(steps.multiple(largest) * step, bits).shift == steps.shift);
        for (const std::int64_t number : {largest / 2, -largest / 3, std::int64_t{0}}) {
            CHECK(2 * std::abs(steps.multiple(number) * step - number) <= step);
            CHECK(steps.multiple(-number) == -steps.multiple(number));
        }
    }
}

}  // namespace
}  // namespace fedhash::tests
