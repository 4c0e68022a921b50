// What a user's device holds: its ratings. These types live in client/ so that server code cannot
// name them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/ids.hpp"

namespace fedhash::client {

/// One observed interaction. `value` is the rating mapped linearly to [0, 1] over the data set's
/// scale (lowest rating seen = 0, highest = 1); 1 where the data carry no rating. Implicit methods
/// use only that the interaction exists.
struct Rating {
    ItemId item{};
    float value = 1;
};

/// One part (validation or test) of a user's held-out interactions and what they are ranked
/// against.
struct HeldOut {
    std::vector<ItemId>
        items;  // the relevant ones, ascending, no repeats; empty: the user is not scored
    std::vector<std::uint8_t> deciles;  // parallel to items: 0 = least popular tenth, 9 = most
                                        // popular (by training counts)
    std::vector<ItemId>
        candidates;  // the others, in the given or drawn order; unused when all items are ranked
};

/// Which part a measurement is about.
enum class Part : std::uint8_t { valid, test };

struct UserData {
    UserId user{};
    std::vector<Rating> train;  // ascending item id, no repeats
    HeldOut valid;
    HeldOut test;

    const HeldOut& part(Part which) const { return which == Part::valid ? valid : test; }
};

/// How the candidates of every user of a run are chosen.
struct Ranking {
    std::uint32_t items = 0;  // size of the catalogue
    // True: every item is ranked, except the user's training items and, when testing, its
    // validation items. False: the relevant items are ranked against HeldOut::candidates, taken
    // exactly as listed (repeats, training items and the relevant items themselves stay).
    bool full = true;
    // How popular each item is, as everybody knows: floor(log2(training interactions)) + 1, 0
    // without any.
    std::vector<std::uint8_t> popularity = {};
};

}  // namespace fedhash::client
