// Multi-index hashing, exact (Norouzi, Punjani, Fleet: Fast exact search in Hamming space with
// multi-index hashing, TPAMI 2014): codes are cut into m parts with a direct table each. Whoever is
// within distance s m + t of the query is within s of it in one of parts 0 ... t, or within s - 1
// in another; so after the probes of radius s in tables 0 ... t everybody up to that distance is
// known.
//
// A table holds, beside the ids, a word of each item's code in the order of its buckets. Most of a
// bucket is there by chance; that word tells so where the ids are not even read, and a bucket is
// one place in memory instead of one for each item.
//
// Pays where queries have near neighbours. On codes without any, radii grow until nearly all items
// are candidates, and the scan of hamming_ranking.hpp is faster.
#pragma once

#include <utility>

#include "client/retrieval/bucket_table.hpp"
#include "client/retrieval/scan_kernels.hpp"

namespace fedhash::client {

/// Tables of about log2(items) bits, at most 16 where items are a million or fewer.
std::uint32_t default_parts(std::uint32_t bits, std::size_t items);

class MultiIndex {
  public:
    /// `parts` parts of equal length, up to one bit; ceil(bits / parts) <= max_bucket_bits.
    /// Keeps a reference to the codes.
    MultiIndex(const Codes& codes, std::uint32_t parts);

    /// The same list as `nearest` of hamming_ranking.hpp.
    std::span<const Neighbour> nearest(CodeView query, std::size_t wanted,
                                       std::span<const ItemId> excluded, LookupCosts& costs);

    /// All items within a radius that are not excluded, by (distance, id). May be empty.
    std::span<const Neighbour> within(CodeView query, std::uint32_t radius,
                                      std::span<const ItemId> excluded, LookupCosts& costs);

    /// Of the tables, without the codes.
    std::size_t memory_bytes() const;

  private:
    struct Part {
        Buckets buckets;
        std::size_t word;                  // of the code that `words` are
        std::vector<std::uint64_t> words;  // in the order of buckets.items
    };

    struct Range {
        std::uint32_t begin, end;
    };

    // The id is read only if the item is in the list at the end.
    struct Met {
        const std::uint32_t* item;
        std::uint32_t distance;
    };

    void begin(CodeView query, std::size_t wanted, std::uint32_t limit);
    void leave_out(CodeView query, std::span<const ItemId> excluded);
    void probe(CodeView query, std::size_t part, std::uint32_t radius, LookupCosts& costs);
    void look_at(CodeView query, std::size_t part, std::uint32_t radius, std::size_t place,
                 std::uint32_t distance);
    bool met_before(CodeView code, std::size_t part, std::uint32_t radius) const;
    void lower_limit();
    std::span<const Neighbour> finish(std::span<const ItemId> excluded);

    const Codes& codes_;
    std::vector<Part> parts_;
    // Of the search that is going on.
    std::size_t wanted_ = 0;
    std::uint32_t limit_ = 0;              // whatever is farther is not in the list
    std::vector<std::uint32_t> own_;       // the query's parts
    std::vector<std::int64_t> histogram_;  // of candidates by distance, less the excluded ones
    std::int64_t below_ = 0;               // its sum below the limit
    std::vector<Range> ranges_;            // of the buckets probed
    std::vector<NearWord> near_;           // of a bucket
    std::vector<Met> met_;
    std::vector<Neighbour> result_;
};

}  // namespace fedhash::client
