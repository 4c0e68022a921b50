#include "common/uplink.hpp"

#include <doctest/doctest.h>

#include <set>

#include <functional>
#include <limits>

#include "common/errors.hpp"
#include "common/uplinks/steps.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::wire;
using namespace fedhash::tests;

namespace {

/// Of a method with a pull of its own for each item, or with another objective.
Variant variant_of(std::uint32_t bits, const char* objective = "logistic") {
    Variant variant;
    variant.bits = bits;
    variant.objective = objective;
    variant.weigh_users = true;
    variant.privacy.ballots = 21;
    return variant;
}

/// Every uplink of the table, and the teacher's.
std::vector<const UplinkEntry*> all_uplinks() {
    std::vector<const UplinkEntry*> all;
    for (const UplinkEntry& entry : uplinks()) all.push_back(&entry);
    all.push_back(&teacher_uplink);
    return all;
}
bool teaches(const UplinkEntry& entry) { return std::string_view(entry.name) == "teacher"; }

/// The reason for which a body is refused, after checking that the sum is what it was; "" when it
/// is accepted.
std::string refusal(const Uplink& uplink, const Buffer& body, const Tables& tables,
                    Aggregate& sum) {
    const Aggregate before = sum;
    ByteReader from(body);
    try {
        uplink.hear(from, tables, sum);
        return "";
    } catch (const DecodeError& error) {
        REQUIRE(sum == before);
        return error.what();
    }
}

struct Stage {
    Stage(const UplinkEntry& entry_, const Variant& variant_, std::size_t rows = 40)
        : entry(entry_),
          variant(variant_),
          random(1),
          tables(random_tables(variant, rows, random, teaches(entry))),
          uplink(entry_.make(variant)),
          sum(uplink->shape(rows)) {
        // So that "untouched" is not merely "empty".
        refusal(*uplink, body_of(*uplink, words().said(), tables), tables, sum);
    }
    Words words() {
        variant.uplink = teaches(entry) ? "vector" : entry.name;
        return random_words(variant, tables, random, teaches(entry));
    }
    std::string refused(const Buffer& body) { return refusal(*uplink, body, tables, sum); }
    std::string refused(const Said& said) { return refused(body_of(*uplink, said, tables)); }

    const UplinkEntry& entry;
    Variant variant;
    Stream random;
    Tables tables;
    std::unique_ptr<const Uplink> uplink;
    Aggregate sum;
};

/// What one user adds, by the obvious loop; false for an uplink that has none here.
bool expect(const UplinkEntry& entry, const Variant& variant, const Words& words,
            const Tables& tables, Aggregate& sum) {
    const std::string_view name = entry.name;
    if (name == "filler" || name == "nothing") {
        ++sum.users;  // means nothing
    } else if (name == "items") {
        for (ItemId item : words.items) ++sum.counts[index(item)];
        ++sum.users;
    } else if (name == "residual") {
        const std::vector<std::int64_t> pulls(words.pulls.begin(), words.pulls.end()),
            weights(words.weights.begin(), words.weights.end());
        reference::hear_residual(reference::psi(variant.similarity, words.code.row(0), variant.bits,
                                                tables.plane(PlaneId::bit_weights).values),
                                 pulls, weights, words.items, sum);
    } else if (name == "ballots") {
        std::size_t j = 0;
        std::set<std::uint32_t> items;
        for (const Ballot& ballot :
             drawn_ballots(words.salt, variant.privacy.ballots, tables.codes.rows, variant.bits)) {
            sum.rows[ballot.item * variant.bits + ballot.bit] += words.ballots[j++];
            items.insert(ballot.item);
        }
        for (const std::uint32_t item : items) ++sum.counts[item];
        ++sum.users;
    } else if (name == "gradients") {
        reference::hear_gradients(words.code.row(0), words.user_weight * variant.weight,
                                  words.goals, words.items, tables.codes, sum);
    } else if (name == "vector") {
        reference::hear_vector(words.vector, words.teacher,
                               user_weight_q8(variant, words.items.size()), words.items,
                               tables.plane(PlaneId::factors), sum);
    } else if (name == "teacher") {
        reference::hear_vector(words.vector, {}, 256, words.items, tables.plane(PlaneId::factors),
                               sum);
    } else {
        return false;
    }
    return true;
}

}  // namespace

TEST_CASE(
    "what is heard is what was said: the sums are those of the obvious loop, for every uplink") {
    for (const UplinkEntry* entry : all_uplinks()) {
        for (std::uint32_t bits : {8u, 9u, 63u, 64u, 65u, 128u, 256u}) {
            CAPTURE(std::string(entry->name));
            CAPTURE(bits);
            Stream random(bits);
            Variant variant = variant_of(bits);
            variant.mean_count_q8 = 12u << 8;
            variant.user_exponent_q16 = 20'000;
            variant.teacher = {2, 24, 8, false, 0.3, 0.003};
            const bool teaching = teaches(*entry);
            if (!teaching) variant.uplink = entry->name;
            const Tables tables = random_tables(variant, 50, random, teaching);
            const auto uplink = entry->make(variant);
            Aggregate sum(uplink->shape(50)), expected(uplink->shape(50));
            bool known = true;
            for (int u = 0; u < 12; ++u) {
                const Words words = random_words(variant, tables, random, teaching, u != 0);
                const Buffer body = body_of(*uplink, words.said(), tables);
                REQUIRE(body.size() <= entry->max_bytes(variant, 50));
                REQUIRE(refusal(*uplink, body, tables, sum) == "");
                known = expect(*entry, variant, words, tables, expected);
            }
            CHECK(sum.users == 12);
            if (known) CHECK(sum == expected);
        }
    }
}

TEST_CASE("where code and target say it all, the server adds what the residuals would have") {
    for (const Similarity& similarity : similarities()) {
        for (std::uint32_t bits : {8u, 63u, 64u, 65u, 256u}) {
            CAPTURE(std::string(similarity.name));
            CAPTURE(bits);
            Stream random(bits);
            Variant variant = variant_of(bits, "square");
            variant.similarity = similarity.name;
            const Tables tables = random_tables(variant, 50, random);
            const auto uplink = residual_uplink.make(variant);
            Aggregate sum(uplink->shape(50)), expected(uplink->shape(50));
            for (int u = 0; u < 12; ++u) {
                const Words words = random_words(variant, tables, random, false, u != 0);
                const Buffer body = body_of(*uplink, words.implied(), tables);
                // form, target, code, item set: nothing an item.
                Buffer set;
                ByteWriter to(set);
                write_item_set(to, words.items);
                const std::size_t target = words.target < 1 << 7    ? 1
                                           : words.target < 1 << 14 ? 2
                                                                    : 3;
                REQUIRE(body.size() == 1 + target + bytes_for(bits) + set.size());
                REQUIRE(refusal(*uplink, body, tables, sum) == "");
                reference::hear_target(variant, words.code.row(0), words.target, words.items,
                                       tables.codes, expected,
                                       tables.plane(PlaneId::bit_weights).values);
            }
            CHECK(sum == expected);
        }
    }
}

TEST_CASE("where only the target pulls, residuals are the target and nothing bends") {
    Stream random(3);
    const Variant variant = variant_of(20, "linear");
    const Tables tables = random_tables(variant, 50, random);
    const auto uplink = residual_uplink.make(variant);
    Aggregate sum(uplink->shape(50)), expected(uplink->shape(50));
    for (int u = 0; u < 5; ++u) {
        const Words words = random_words(variant, tables, random);
        const Buffer body = body_of(*uplink, words.implied(), tables);
        REQUIRE(refusal(*uplink, body, tables, sum) == "");
        reference::hear_residual(reference::psi("hamming", words.code.row(0), 20),
                                 std::vector<std::int64_t>(words.items.size(), words.target),
                                 std::vector<std::int64_t>(words.items.size(), 0), words.items,
                                 expected);
    }
    CHECK(sum == expected);
}

TEST_CASE("a scaled code is heard as the vector that it is, on codes and on factors") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u}) {
        for (const auto& [bias_bits, user_bits] :
             {std::pair{0u, 1u}, {5u, 1u}, {5u, 2u}, {0u, 4u}}) {
            for (bool binary : {true, false}) {
                CAPTURE(bits);
                CAPTURE(bias_bits);
                CAPTURE(user_bits);
                CAPTURE(binary);
                Stream random(bits);
                Variant variant = variant_of(bits);
                variant.learner = variant.uplink = "scaled-code";
                variant.bias_bits = bias_bits;
                variant.user_bits = user_bits;
                variant.teacher = {3, 16, 8, false, 0.3, 0.003};
                Tables tables = random_tables(variant, 50, random);
                if (!binary) tables.codes = {};
                const Plane& factors = tables.plane(PlaneId::factors);
                const auto uplink = scaled_code_uplink.make(variant);
                Aggregate sum(uplink->shape(50)), expected(uplink->shape(50));
                REQUIRE(sum.shape.width == bits + (bias_bits > 0 ? 2 : 0));
                for (int u = 0; u < 8; ++u) {
                    const Words words = random_words(variant, tables, random);
                    const Buffer body = body_of(*uplink, words.said(), tables);
                    REQUIRE(body.size() <= scaled_code_uplink.max_bytes(variant, 50));
                    REQUIRE(refusal(*uplink, body, tables, sum) == "");
                    // [s b, beta] in 2^-14, on [d, 1, bias].
                    const std::int64_t o = user_weight_q8(variant, words.items.size());
                    std::vector<std::int64_t> x(bits);
                    std::int64_t norm = 0;
                    for (std::uint32_t a = 0; a < bits; ++a) {
                        for (std::uint32_t p = 0; p < user_bits; ++p)
                            x[a] += words.scaled[0] * sign(words.code.row(p), a) * (1 << p);
                        norm += x[a] * x[a];
                    }
                    for (std::size_t r = 1; r < words.scaled.size(); ++r)
                        x.push_back(words.scaled[r]);
                    for (ItemId item : words.items) {
                        const std::size_t i = index(item);
                        double score = 0, bias = 0;
                        for (std::uint32_t a = 0; a < bits; ++a)
                            score += double(x[a]) * (binary ? sign(tables.codes.row(i), a)
                                                            : factors.values[i * bits + a]);
                        if (!binary) score = std::floor(score / 64);
                        if (bias_bits > 0) {
                            score += double(x[bits]);
                            bias = std::floor(double(x[bits + 1]) *
                                              tables.plane(PlaneId::bias).at(i, 0));
                        }
                        const auto residual = static_cast<std::int64_t>(16384 - score - bias);
                        for (std::size_t a = 0; a < x.size(); ++a)
                            expected.rows[i * x.size() + a] += o * residual * x[a];
                        ++expected.counts[i];
                        expected.weights[i] += o * norm;
                    }
                    for (std::size_t a = 0; a < x.size(); ++a) {
                        for (std::size_t c = 0; c < x.size(); ++c)
                            expected.gram[a * x.size() + c] += o * x[a] * x[c];
                        for (std::size_t c = 0; c < 16; ++c)
                            expected.cross[a * 16 + c] += o * x[a] * words.teacher[c] * 4;
                    }
                    ++expected.users;
                }
                CHECK(sum == expected);
            }
        }
    }
}

TEST_CASE("a user counts (n / mean)^-a, at most eight times, in 1/256") {
    Variant variant;
    variant.mean_count_q8 = 100u << 8;
    for (std::uint32_t exponent : {0u, 13'107u, 19'661u, 65'536u}) {
        variant.user_exponent_q16 = exponent;
        for (std::size_t count : {1, 3, 10, 100, 1000, 20'000}) {
            CAPTURE(exponent);
            CAPTURE(count);
            const double real =
                256 * std::pow(static_cast<double>(count) / 100, -double(exponent) / 65536);
            const auto got = static_cast<double>(user_weight_q8(variant, count));
            CHECK(std::abs(got - std::min(real, 2048.0)) <= 1.0);
            CHECK(got >= 1);
        }
    }
    CHECK(user_weight_q8(variant, 0) == user_weight_q8(variant, 1));
}

TEST_CASE("every truncation and any trailing byte is refused, and the sum is left untouched") {
    for (const UplinkEntry* entry : all_uplinks()) {
        CAPTURE(std::string(entry->name));
        Stage stage(*entry, variant_of(65));
        const Buffer body = body_of(*stage.uplink, stage.words().said(), stage.tables);
        for (std::size_t size = 0; size < body.size(); ++size) {
            CAPTURE(size);
            REQUIRE(stage.refused(Buffer(body.begin(),
                                         body.begin() + static_cast<std::ptrdiff_t>(size))) != "");
        }
        Buffer longer = body;
        longer.push_back(0);
        CHECK(stage.refused(longer) != "");
        CHECK(stage.refused(body) == "");
    }
}

TEST_CASE("ids outside the catalogue are refused, and the sum is left untouched") {
    for (const UplinkEntry* entry : all_uplinks()) {
        CAPTURE(std::string(entry->name));
        const std::string_view name = entry->name;
        if (name == "filler" || name == "nothing" || name == "ballots") continue;  // name no items
        Stage stage(*entry, variant_of(64));
        Stream random(9);
        const Tables larger = random_tables(stage.variant, 80, random, teaches(*entry));
        Words words = stage.words();
        words.items.push_back(ItemId{40});  // one past the catalogue of 40
        words.pulls.push_back(1);
        words.weights.push_back(1);
        words.gradients.resize(words.gradients.size() + 64);
        CHECK(stage.refused(body_of(*stage.uplink, words.said(), larger)) ==
              "an item id is out of range");
    }
}

TEST_CASE("bodies with random damage are refused or add exactly one user") {
    for (const UplinkEntry* entry : all_uplinks()) {
        CAPTURE(std::string(entry->name));
        if (std::string_view(entry->name) == "nothing") continue;  // has no bytes to damage
        Stage stage(*entry, variant_of(20));
        const bool may_imply = std::string_view(entry->name) == "residual";
        for (int trial = 0; trial < 4'000; ++trial) {
            CAPTURE(trial);
            const Words words = stage.words();
            Buffer body =
                body_of(*stage.uplink, may_imply && trial % 2 == 1 ? words.implied() : words.said(),
                        stage.tables);
            for (std::uint64_t n = 1 + stage.random() % 3; n > 0; --n)
                body[stage.random() % body.size()] = static_cast<std::uint8_t>(stage.random());
            const std::uint64_t users = stage.sum.users;
            const bool accepted = stage.refused(body).empty();
            REQUIRE(stage.sum.users == users + (accepted ? 1 : 0));
        }
    }
}

TEST_CASE("a code's target of 0 or over the cap is refused, the cap itself is not") {
    for (std::uint32_t bits : {8u, 64u, 256u}) {
        CAPTURE(bits);
        Stage stage(residual_uplink, variant_of(bits, "square"));
        Words words = stage.words();
        const auto with_target = [&](std::int64_t target) {
            words.target = target;
            return stage.refused(words.implied());
        };
        CHECK(with_target(0) == "target out of range");
        CHECK(with_target(max_target(variant_of(bits)) + 1) == "target out of range");
        CHECK(with_target(65535) == "target out of range");
        CHECK(with_target(1) == "");
        CHECK(with_target(max_target(variant_of(bits))) == "");
    }
}

TEST_CASE("residuals are heard in the form that the method's devices use, and in no other") {
    for (const auto& [objective, form] :
         {std::pair{"square", 0}, {"none", 0}, {"linear", 1}, {"logistic", 2}, {"mix", 2}}) {
        CAPTURE(std::string(objective));
        Stage stage(residual_uplink, variant_of(64, objective));
        Buffer body = body_of(*stage.uplink, stage.words().said(), stage.tables);
        CHECK(body[0] == form);
        CHECK(stage.refused(body) == "");
        for (const int other : {0, 1, 2, 3, 255}) {
            if (other == form) continue;
            body[0] = static_cast<std::uint8_t>(other);
            CHECK(stage.refused(body) ==
                  "an upload in a form that this method's devices do not use");
        }
    }
    Variant explicitly = variant_of(64, "square");
    explicitly.feedback = "explicit";
    CHECK(residual_form(explicitly) == ResidualForm::each);
}

TEST_CASE("a residual or a curvature that no honest device can say is refused") {
    for (std::uint32_t bits : {8u, 256u}) {
        CAPTURE(bits);
        Stage stage(residual_uplink, variant_of(bits));
        Words words = stage.words();
        const auto with = [&](std::int64_t pull, std::int64_t weight) {
            words.pulls.back() = static_cast<std::int32_t>(pull);
            words.weights.back() = static_cast<std::int32_t>(weight);
            return stage.refused(words.said());
        };
        const std::int64_t most = 2 * 8 * max_target(variant_of(bits));
        CHECK(with(most, 0) == "");
        CHECK(with(-most, 8 * unit) == "");
        CHECK(with(most + 1, 0) == "a number is out of range");
        CHECK(with(-most - 1, 0) == "a number is out of range");
        CHECK(with(0, 8 * unit + 1) == "residual out of range");
        CHECK(with(std::numeric_limits<std::int32_t>::min(), 0) == "a number is out of range");
    }
}

TEST_CASE("residuals in fewer bits are heard within half a step, in one form only") {
    for (std::uint32_t bits : {2u, 4u, 9u, 16u}) {
        CAPTURE(bits);
        Variant variant = variant_of(64);
        variant.residual_bits = bits;
        Stage stage(residual_uplink, variant);
        for (int trial = 0; trial < 20; ++trial) {
            const Words words = stage.words();
            const Said said = words.said();
            const Steps steps = steps_for(largest_of(said.pulls), bits);
            const Buffer body = body_of(*stage.uplink, said, stage.tables);
            Aggregate sum(stage.uplink->shape(stage.tables.codes.rows));
            REQUIRE(refusal(*stage.uplink, body, stage.tables, sum) == "");
            // psi is +-1 in this similarity, so that one entry shows the residual.
            const std::int64_t step = std::int64_t{1} << steps.shift;
            for (std::size_t j = 0; j < said.items.size(); ++j) {
                const std::int64_t heard = sum.rows[index(said.items[j]) * 64] * sign(said.code, 0);
                CHECK(heard == steps.multiple(said.pulls[j]) * step);
            }
        }
        Words words = stage.words();
        std::ranges::fill(words.pulls, 0);
        Buffer coarse = body_of(*stage.uplink, words.said(), stage.tables);
        const std::size_t shift_at = 1 + bytes_for(64) + [&] {
            Buffer set;
            ByteWriter to(set);
            write_item_set(to, words.items);
            return set.size();
        }();
        REQUIRE(coarse[shift_at] == 0);
        coarse[shift_at] = 1;
        CHECK(stage.refused(coarse) == "steps coarser than needed");
        coarse[shift_at] = 60;
        CHECK(stage.refused(coarse) == "steps of a residual out of range");
    }
}

TEST_CASE("a code with a bit past its last is refused") {
    for (std::uint32_t bits : {9u, 63u, 65u, 255u}) {
        CAPTURE(bits);
        Stage plain(residual_uplink, variant_of(bits, "square")),
            scaled(scaled_code_uplink, variant_of(bits));
        // Where the code starts: after form and target, and after the scale.
        for (const auto& [stage, start] :
             {std::pair<Stage*, std::size_t>{&plain, 3}, {&scaled, 2}}) {
            Words words = stage->words();
            words.target = 200;  // two bytes
            const Buffer body = body_of(*stage->uplink, words.implied(), stage->tables);
            REQUIRE(stage->refused(body) == "");
            for (std::size_t excess = bits; excess < 8 * bytes_for(bits); ++excess) {
                Buffer damaged = body;
                damaged[start + excess / 8] =
                    static_cast<std::uint8_t>(damaged[start + excess / 8] | (1u << (excess % 8)));
                CHECK(stage->refused(damaged) == "code has too many bits");
            }
        }
    }
}

TEST_CASE("an entry of a vector or a scale that no honest device can say is refused") {
    Stage stage(vector_uplink, variant_of(20));
    Words words = stage.words();
    words.vector[7] = -32767;
    CHECK(stage.refused(words.said()) == "");
    words.vector[7] = std::numeric_limits<std::int16_t>::min();
    CHECK(stage.refused(words.said()) == "an entry of a vector is out of range");
    Stage scaled(scaled_code_uplink, variant_of(20));
    Words binary = scaled.words();
    binary.scaled[0] = 32767;
    CHECK(scaled.refused(binary.said()) == "");
    binary.scaled[0] = -1;
    CHECK(scaled.refused(binary.said()) == "a scale is out of range");
    Variant two_bits = variant_of(20);
    two_bits.user_bits = 2;
    Stage levels(scaled_code_uplink, two_bits);
    Words wide = levels.words();
    wide.scaled[0] = 32767 / 3;
    CHECK(levels.refused(wide.said()) == "");
    ++wide.scaled[0];
    CHECK(levels.refused(wide.said()) == "a scale is out of range");
}

TEST_CASE("a vector at the ends of its range leaves sums of bounded size") {
    Variant variant = variant_of(max_bits);
    variant.user_exponent_q16 = 65'536;
    variant.mean_count_q8 = 4096u << 8;  // one item: the largest weight
    Stage stage(vector_uplink, variant, 3);
    stage.sum = Aggregate(stage.uplink->shape(3));
    for (std::int16_t& value : stage.tables.plane(PlaneId::factors).values) value = 32767;
    for (std::int16_t entry : {std::int16_t{32767}, std::int16_t{-32767}}) {
        Words words = stage.words();
        words.items = {ItemId{1}};
        std::fill(words.vector.begin(), words.vector.end(), entry);
        REQUIRE(stage.refused(words.said()) == "");
    }
    CHECK(stage.sum.weights[1] == 2 * 2048 * 256 * (std::int64_t{32767} * 32767));
    for (std::int64_t row : stage.sum.rows) CHECK(std::abs(row) < std::int64_t{1} << 48);
}

TEST_CASE("a gradient that no honest device can say is refused") {
    for (std::uint32_t bits : {8u, 256u}) {
        for (std::uint32_t weight : {1u, 8u}) {
            CAPTURE(bits);
            CAPTURE(weight);
            Variant variant = variant_of(bits);
            variant.weight = weight;
            Stage stage(gradient_uplink, variant);
            const auto with_entry = [&](std::int32_t entry) {
                Buffer body;
                ByteWriter to(body);
                const std::vector<ItemId> items{ItemId{3}};
                write_item_set(to, items);
                std::vector<std::int32_t> row(bits, 1);
                row.back() = entry;
                to.append(row.data(), row.size() * sizeof row[0]);
                return stage.refused(body);
            };
            // 1024 in a user's weight (1 where users are not weighed), times target and score at
            // their largest, in 1/256; below the largest number of 32 bits.
            const auto most = static_cast<std::int32_t>(std::min<std::int64_t>(
                1024 * 16 * std::int64_t{weight} * (5 * bits + 1) * 16, 2'000'000'000));
            CHECK(with_entry(most) == "");
            CHECK(with_entry(-most) == "");
            CHECK(with_entry(most + 1) == "gradient out of range");
            CHECK(with_entry(-most - 1) == "gradient out of range");
            CHECK(with_entry(std::numeric_limits<std::int32_t>::min()) == "gradient out of range");
            CHECK(with_entry(std::numeric_limits<std::int32_t>::max()) == "gradient out of range");
            variant.weigh_users = false;
            CHECK(max_gradient(variant) == 16 * std::int64_t{weight} * (5 * bits + 1) * 16);
        }
    }
}

TEST_CASE("the teacher's rounds have an uplink of their own, the others the method's") {
    Variant variant;
    variant.uplink = "gradients";
    variant.teacher.rounds = 3;
    CHECK(&uplink_of(variant, 3) == &teacher_uplink);
    CHECK(std::string_view(uplink_of(variant, 4).name) == "gradients");
}

TEST_CASE("an unknown uplink is answered with the known ones") {
    CHECK_THROWS_WITH_AS(find_uplink("carrier-pigeon"), doctest::Contains("residual, statistics"),
                         UsageError);
}
