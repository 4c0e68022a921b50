// Codes to search in, and the obvious way of searching them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "client/retrieval/hamming_ranking.hpp"
#include "common/codes.hpp"
#include "common/kernels/kernels.hpp"

namespace fedhash::tests {

enum class Kind {
    random,     // fair bits
    clustered,  // a few centres, a bit in sixteen flipped
    few,        // three different codes: nearly everything ties
    same,       // one code
};
constexpr Kind kinds[]{Kind::random, Kind::clustered, Kind::few, Kind::same};

inline Codes made_codes(Kind kind, std::uint32_t bits, std::size_t rows, Stream& random) {
    const std::size_t many = kind == Kind::clustered ? 5 : kind == Kind::few ? 3 : 1;
    Codes centres(bits, many), codes(bits, rows);
    for (std::size_t c = 0; c < many; ++c) randomise(centres.row(c), bits, random);
    for (std::size_t i = 0; i < rows; ++i) {
        if (kind == Kind::random) {
            randomise(codes.row(i), bits, random);
            continue;
        }
        std::ranges::copy(std::as_const(centres).row(random() % many), codes.row(i).begin());
        if (kind == Kind::clustered)
            for (std::uint32_t a = 0; a < bits; ++a)
                if (random() % 16 == 0) flip(codes.row(i), a);
    }
    return codes;
}

inline std::uint32_t distance(CodeView a, CodeView b) {
    int differing = 0;
    for (std::size_t w = 0; w < a.size(); ++w) differing += std::popcount(a[w] ^ b[w]);
    return static_cast<std::uint32_t>(differing);
}

/// Sorts everything by (distance, id) and takes the first.
inline std::vector<client::Neighbour> sorted_neighbours(const Codes& items, CodeView query,
                                                        std::size_t wanted,
                                                        std::span<const ItemId> excluded) {
    std::vector<client::Neighbour> all;
    for (std::uint32_t i = 0; i < items.rows; ++i)
        if (!std::ranges::binary_search(excluded, ItemId{i}))
            all.push_back({ItemId{i}, distance(items.row(i), query)});
    std::ranges::stable_sort(all, {}, &client::Neighbour::distance);
    all.resize(std::min(wanted, all.size()));
    return all;
}

/// Every item with a chance of `share` in 256, ascending; every other of them twice.
inline std::vector<ItemId> some_items(std::size_t items, unsigned share, Stream& random) {
    std::vector<ItemId> chosen;
    for (std::uint32_t i = 0; i < items; ++i)
        if (random() % 256 < share) chosen.insert(chosen.end(), 1 + i % 2, ItemId{i});
    return chosen;
}

/// Runs `check` once for every instruction set that this machine has.
template <class Check>
void with_every_set(Check check) {
    for (const Kernels* set : supported_kernels()) {
        CAPTURE(std::string(set->name));
        choose_kernels(set->name);
        check();
    }
    choose_kernels("auto");
}

}  // namespace fedhash::tests
