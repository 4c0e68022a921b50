// What a run's codes are like, and whether they have collapsed: bits that tell nothing apart, items
// that share a code, lists that ties decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/shard.hpp"
#include "common/codes.hpp"

namespace fedhash::scenarios {

struct CodeHealth {
    double balance = 0;           // mean over bits of |mean over items|: 0 even, 1 all the same
    double correlation = 0;       // mean over pairs of bits of |correlation|, dead bits apart
    std::uint32_t dead_bits = 0;  // the same in all items
    double duplicates = 0;        // share of the items whose code another item has too
    // Where a score is the distance alone, means over users of the items not trained on:
    std::uint32_t place = 0;      // K
    std::optional<double> tied;   // items as far as the K-th nearest, that one included
    std::optional<double> drawn;  // places up to the K-th that are drawn among them; 0 when all of
                                  // them are within the K
};

/// Of the items alone. `items` has at least one row.
CodeHealth code_health(const Codes& items);

/// Adds what ties do to the list of `place` items of a user, as the mean over at most a thousand
/// users, evenly spaced. `users`: `planes` rows a user, the plane of weight 1 first.
void add_ties(CodeHealth& health, const Codes& items, const Codes& users, std::uint32_t planes,
              const std::vector<client::UserData>& data, std::uint32_t place);

/// One sentence for each sign of a collapse, none for sound codes. `items`: how many there are.
///   - a dead bit;
///   - duplicates that exceed those of fair random codes, 1 - (1 - 2^-bits)^(items - 1), by more
///     than a quarter of the items;
///   - more than half of a list drawn among twice as many items.
std::vector<std::string> collapse_warnings(const CodeHealth& health, std::uint32_t bits,
                                           std::size_t items);

}  // namespace fedhash::scenarios
