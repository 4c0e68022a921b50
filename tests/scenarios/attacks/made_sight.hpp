// What an operator would see, made by hand.
#pragma once

#include <initializer_list>
#include <vector>

#include "common/random.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::tests {

struct MadeSight {
    Variant variant;
    Codes published;
    std::vector<server::Observation> seen;
    std::map<std::uint32_t, Codes> tables = {};  // the published codes, in each round
    std::vector<std::uint32_t> popularity = {};
    std::vector<std::pair<UserId, ItemId>> asked = {};
    server::ObservedSum sum = {};
    std::vector<server::ObservedDecoys> decoys = {};

    MadeSight(std::uint32_t bits, std::uint32_t items, const char* uplink)
        : published(bits, items) {
        variant.bits = bits;
        variant.uplink = uplink;
    }
    scenarios::attacks::Sight sight(std::uint32_t round = 1) {
        for (std::uint32_t r = 1; r <= 5; ++r) tables[r] = published;
        popularity.resize(published.rows, 1);
        return {variant, static_cast<std::uint32_t>(published.rows),
                round,   &seen,
                &tables, popularity,
                nullptr, asked,
                &sum,    &decoys};
    }
};

inline std::vector<std::uint64_t> packed(std::initializer_list<int> signs) {
    std::vector<std::uint64_t> code(words_for(static_cast<std::uint32_t>(signs.size())));
    std::size_t k = 0;
    for (const int entry : signs) {
        if (entry > 0) flip(code, k);
        ++k;
    }
    return code;
}

inline std::vector<ItemId> ids(std::initializer_list<std::uint32_t> items) {
    std::vector<ItemId> list;
    for (const std::uint32_t item : items) list.push_back(ItemId{item});
    return list;
}

/// Random item codes and a random user's.
inline std::vector<std::uint64_t> fill(MadeSight& made, Stream& random) {
    for (std::size_t i = 0; i < made.published.rows; ++i)
        randomise(made.published.row(i), made.variant.bits, random);
    std::vector<std::uint64_t> code(words_for(made.variant.bits));
    randomise(code, made.variant.bits, random);
    return code;
}

}  // namespace fedhash::tests
