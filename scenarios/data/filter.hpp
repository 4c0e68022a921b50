// Leaving out interactions, users and items before the split: threshold, caps, k-core.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/data/dataset.hpp"

namespace fedhash::scenarios {

/// Which users and items remain, by their numbers before; ascending.
struct Kept {
    std::vector<std::uint32_t> users;
    std::vector<std::uint32_t> items;
};

/// Drops every user and item with fewer than k rows, until none is left to drop. `rows` are
/// distinct pairs; their order is kept. Linear in the rows: each user, item and row is dropped
/// once.
void keep_k_core(std::vector<Interaction>& rows, std::size_t users, std::size_t items,
                 std::uint32_t k);

/// In this order: ratings below the threshold, all but the most popular items (ties by item order),
/// all but the first users that have rows left, the k-core. If that drops anything, the rest is
/// renumbered without gaps. Notices say how much went; DataError names the setting that left
/// nothing.
Kept apply_filters(std::vector<Interaction>& rows, std::size_t users, std::size_t items,
                   const DataSettings& settings, std::vector<std::string>& notices);

/// Renumbers users and items after a filter; every row must be of kept ones.
void renumber(std::vector<Interaction>& rows, const Kept& kept, std::size_t users,
              std::size_t items);

}  // namespace fedhash::scenarios
