// Hash-code ranking: the exact top K of a catalogue by (Hamming distance, item id), for one user or
// for many. The result depends on nothing else: not on the instruction set, the tiles or the
// threads.
//
// Distances are bytes (client/retrieval/byte_planes.hpp). In the first tile the K-th smallest is
// searched among the integers 0 ... bits, by counting; after it an item is taken where its distance
// is below the K-th smallest so far, which a histogram of what was taken keeps track of. Distances
// are small integers, so there is no heap, and ids ascend, so ties need no rule of their own.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "client/retrieval/byte_planes.hpp"
#include "client/retrieval/scan_kernels.hpp"
#include "common/ids.hpp"

namespace fedhash::client {

struct Neighbour {
    ItemId item{};
    std::uint32_t distance = 0;
    friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

/// The unfinished search of one user; reused from user to user it allocates nothing.
class HammingSearch {
  public:
    /// Begins a search for the `wanted` nearest items that are not among `excluded` (ascending,
    /// repeats allowed), which must outlive the search. `query` as a row of Codes.
    void begin(const BytePlanes& items, CodeView query, std::size_t wanted,
               std::span<const ItemId> excluded);

    /// Looks at the next blocks, from the one after the last looked at. `distances` has room for
    /// those of the first call. The memory is asked for codes `ahead_bytes` earlier, unless that is
    /// 0: for blocks that are in the first cache.
    void look_at(const BytePlanes& items, std::size_t blocks, std::size_t ahead_bytes,
                 std::span<std::uint8_t> distances);

    /// The neighbours, nearest first, of equal distance by id: `wanted` of them, or as many as
    /// there are. All blocks must have been looked at.
    std::span<const Neighbour> finish(const BytePlanes& items);

  private:
    void select(const BytePlanes& items, std::size_t blocks, std::span<std::uint8_t> distances);
    void collect(const BytePlanes& items, std::size_t blocks, std::size_t ahead_bytes);
    Found found_so_far(const BytePlanes& items);
    void keep(const Found& found);
    void compact();
    void add_far(const BytePlanes& items);

    std::vector<std::uint8_t> query_;  // a byte for each line
    std::span<const ItemId> excluded_;
    std::size_t wanted_ = 0;
    std::size_t looked_at_ = 0;  // blocks
    std::size_t next_excluded_ = 0;
    std::uint32_t limit_ = 0, below_ = 0;
    std::uint32_t guess_ = 0;  // where the last search's K-th smallest was
    std::size_t taken_ = 0;
    std::vector<std::uint32_t> items_;
    std::vector<std::uint8_t> distances_;
    std::vector<std::uint32_t> histogram_;
    std::vector<Neighbour> result_;
};

/// The nearest items of one query.
std::span<const Neighbour> nearest(const BytePlanes& items, CodeView query, std::size_t wanted,
                                   std::span<const ItemId> excluded, HammingSearch& search);

/// The nearest items of every query, row after row.
struct RankedLists {
    std::vector<std::size_t> ends;  // row r is [ends[r - 1], ends[r]) of neighbours
    std::vector<Neighbour> neighbours;

    std::span<const Neighbour> row(std::size_t r) const {
        const std::size_t begin = r == 0 ? 0 : ends[r - 1];
        return std::span(neighbours).subspan(begin, ends[r] - begin);
    }
};

/// What must not be found for a query, ascending. Called on any thread.
using Excluded = std::function<std::span<const ItemId>(std::size_t query)>;

/// Ranks for all queries, a tile of items at a time for a tile of queries, so that the catalogue is
/// read from memory once for many queries. `threads` >= 1.
RankedLists rank_all(const BytePlanes& items, const Codes& queries, std::size_t wanted,
                     const Excluded& excluded, unsigned threads);

}  // namespace fedhash::client
