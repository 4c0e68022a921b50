// What a user's held-out items are ranked against, when that is not the whole catalogue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/shard.hpp"
#include "scenarios/data/dataset.hpp"

namespace fedhash::scenarios {

/// Draws `count` distinct items per user and held-out part, none of which the user has in any part.
/// A user with too few such items gets all of them, which a notice counts. The draw of a user and
/// part depends on no other.
void sample_candidates(std::vector<client::UserData>& users, std::uint32_t items,
                       std::uint32_t count, std::uint64_t seed, std::vector<std::string>& notices);

/// Hands out the given lists in file order, exactly as given, and counts their blemishes: items
/// that the user trains on, items that it holds out in either part, repeats. `clean` drops these. A
/// held-out part without any candidate cannot be ranked: it is emptied, and counted.
void give_candidates(std::vector<client::UserData>& users, const Dataset& data, bool clean,
                     std::vector<std::string>& notices);

}  // namespace fedhash::scenarios
