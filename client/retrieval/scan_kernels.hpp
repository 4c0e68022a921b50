// The inner loops of Hamming search over byte planes, compiled once per instruction set. Which one
// runs is decided with the other kernels (common/kernels/kernels.hpp, run.kernels); all of them
// find the same items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/ids.hpp"

namespace fedhash::client {

/// A byte-sized distance that stands for "not a candidate", and for 255 and 256, which do not fit.
constexpr std::uint8_t no_distance = 255;

/// What a search has found so far. Item ids ascend. An item is taken while its distance is below
/// `limit`, the K-th smallest distance met (no_distance while there are fewer than K).
struct Found {
    std::uint32_t* items;
    std::uint8_t* distances;
    std::uint32_t* histogram;  // 256 counts: of the taken items by distance, below `limit`
    std::size_t capacity;      // of both lists
    std::size_t size;
    std::uint32_t wanted;  // K
    std::uint32_t limit;
    std::uint32_t below;  // taken items with a distance below `limit`; fewer than K
    std::uint32_t end;    // ids from here on only fill the last block
    const ItemId *excluded, *excluded_end;  // ascending; not taken by `collect`, which moves on
};

struct NearWord {
    std::uint32_t place, distance;
};

struct ScanKernels {
    const char* name;

    /// out[i] = Hamming distance of item i to the query, for all items of `blocks` blocks of
    /// `lines` lines each; what is above 254 becomes no_distance. `query` has a byte for each line.
    void (*distances)(const std::uint8_t* planes, std::size_t blocks, std::size_t lines,
                      const std::uint8_t* query, std::uint8_t* out);

    /// How many of 64 * blocks distances are below `limit` <= 255.
    std::size_t (*count_below)(const std::uint8_t* distances, std::size_t blocks,
                               std::uint32_t limit);

    /// Appends, in order, the items with a distance below `limit` and the first `ties` of those at
    /// it; item i has the id i. The lists must have room for them.
    void (*take)(const std::uint8_t* distances, std::size_t blocks, std::size_t ties, Found& found);

    /// Of blocks as in `distances`, the first item of which has the id `first`, appends what has a
    /// distance below found.limit, which falls as they come, and is not excluded. The distances
    /// never leave the registers, so that the codes are read without a pause. Stops before a block
    /// that the lists might not have room for; returns the number of blocks done. If `ahead_bytes`
    /// is not 0 the memory is asked for the codes that come so many bytes later.
    std::size_t (*collect)(const std::uint8_t* planes, std::size_t blocks, std::size_t lines,
                           const std::uint8_t* query, std::uint32_t first, std::size_t ahead_bytes,
                           Found& found);

    /// Writes, by place, the words that differ from the query's in at most `limit` bits; returns
    /// how many. `out` has room for `count` + 1.
    std::size_t (*near_words)(const std::uint64_t* words, std::size_t count, std::uint64_t query,
                              std::uint32_t limit, NearWord* out);
};

/// The loops for the instruction set in use.
const ScanKernels& scan_kernels();

}  // namespace fedhash::client
