// Users made up for the uplinks: one has everything that any of them takes.
#pragma once

#include <cmath>
#include <vector>

#include "common/similarity.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"
#include "tests/reference.hpp"

namespace fedhash::tests {

/// One user's words, as a device would own them.
struct Words {
    Codes code;  // a row a plane of a scaled code, one otherwise
    std::int64_t target = 0, user_weight = unit;
    std::vector<ItemId> items;
    std::vector<std::int32_t> goals;           // of the square loss, which the next two follow from
    std::vector<std::int32_t> pulls, weights;  // parallel to items
    std::vector<std::int16_t> vector, teacher;
    std::vector<std::int16_t> scaled;  // of a scaled code: the scale, and two reals beside a bias
    bool says_scaled = false;          // its vector is that
    std::vector<std::int32_t> gradients;
    std::uint64_t salt = 0;
    std::vector<std::int8_t> ballots;

    Said said() const {
        Said said;
        said.items = items;
        said.code = code.words;
        said.target = target;
        said.pulls = pulls;
        said.weights = weights;
        said.user_weight = user_weight;
        said.vector = says_scaled ? scaled : vector;
        said.teacher = teacher;
        said.gradients = gradients;
        said.salt = salt;
        said.ballots = ballots;
        return said;
    }
    /// The same where code and target determine the rest.
    Said implied() const {
        Said short_of = said();
        short_of.pulls = short_of.weights = {};
        return short_of;
    }
};

inline std::int32_t between(std::int32_t low, std::int32_t high, Stream& random) {
    return low + static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

/// Tables with codes and with item factors as wide as the codes (`teaching`: as the teacher's), and
/// bit weights where the similarity has them.
inline Tables random_tables(const Variant& variant, std::size_t items, Stream& random,
                            bool teaching = false) {
    Tables tables;
    tables.version = 1;
    tables.codes = reference::random_codes(variant.bits, items, random);
    Plane& factors = tables.plane(PlaneId::factors);
    factors = {static_cast<std::uint32_t>(items),
               teaching ? variant.teacher.factors : variant.bits,
               teaching ? factor_fraction : box_fraction,
               static_cast<std::uint8_t>(teaching ? 12 : 8),
               {1},
               {}};
    factors.values.resize(items * factors.cols);
    const std::int32_t most = teaching ? 900 : 64;
    for (std::int16_t& value : factors.values)
        value = static_cast<std::int16_t>(between(-most, most, random));
    if (variant.bias_bits > 0) {
        Plane& bias = tables.plane(PlaneId::bias);
        bias = {static_cast<std::uint32_t>(items), 1, 10, 12, {1}, {}};
        for (std::size_t i = 0; i < items; ++i)
            bias.values.push_back(static_cast<std::int16_t>(between(-2000, 2000, random)));
    }
    if (find_similarity(variant.similarity).bit_weights) {
        Plane& weights = tables.plane(PlaneId::bit_weights);
        weights = {1, variant.bits, 0, 6, {1}, {}};
        for (std::uint32_t a = 0; a < variant.bits; ++a)
            weights.values.push_back(static_cast<std::int16_t>(between(0, 7, random)));
    }
    return tables;
}

inline Words random_words(const Variant& variant, const Tables& tables, Stream& random,
                          bool teaching = false, bool lists_items = true) {
    const std::uint32_t k = variant.bits;
    Words words;
    words.code = reference::random_codes(k, variant.user_bits, random);
    words.target = between(1, static_cast<std::int32_t>(max_target(variant)), random);
    words.user_weight = between(1, 64, random);
    const auto rows = static_cast<std::uint32_t>(
        std::max<std::size_t>(tables.codes.rows, tables.plane(PlaneId::factors).rows));
    for (std::uint32_t i = 0; i < rows && lists_items; ++i)
        if (random() % 4 == 0) words.items.push_back(ItemId{i});
    const auto w = static_cast<std::int32_t>(variant.weight);
    for (ItemId item : words.items) {
        const std::int64_t score =
            tables.codes.rows == 0 ? 0
                                   : reference::score(variant.similarity, words.code.row(0),
                                                      tables.codes.row(index(item)), k,
                                                      tables.plane(PlaneId::bit_weights).values);
        words.goals.push_back(between(-16 * static_cast<std::int32_t>(k),
                                      16 * static_cast<std::int32_t>(k) - 1, random));
        words.pulls.push_back(w * (words.goals.back() - 16 * static_cast<std::int32_t>(score)));
        words.weights.push_back(16 * w);
        for (std::uint32_t a = 0; a < k; ++a)
            words.gradients.push_back(between(-4096, 4096, random));
    }
    for (std::uint32_t a = 0; a < (teaching ? variant.teacher.factors : k); ++a)
        words.vector.push_back(static_cast<std::int16_t>(between(-900, 900, random)));
    for (std::uint32_t a = 0; a < variant.teacher.factors; ++a)
        if (!teaching && variant.teacher.rounds > 0)
            words.teacher.push_back(static_cast<std::int16_t>(between(-4096, 4096, random)));
    words.says_scaled = variant.uplink == "scaled-code" && !teaching;
    words.scaled.push_back(static_cast<std::int16_t>(between(0, 900, random)));
    for (int r = 0; r < 2 && variant.bias_bits > 0; ++r)
        words.scaled.push_back(static_cast<std::int16_t>(between(-9000, 9000, random)));
    words.salt = random();
    for (std::uint32_t b = 0; b < variant.privacy.ballots; ++b)
        words.ballots.push_back(random() % 2 == 0 ? 1 : -1);
    return words;
}

inline wire::Buffer body_of(const Uplink& uplink, const Said& said, const Tables& tables) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    uplink.say(to, said, tables);
    return body;
}

}  // namespace fedhash::tests
