// Multi-index hashing, exact (Norouzi, Punjani, Fleet: Fast exact search in Hamming space with
// multi-index hashing, TPAMI 2014): codes are cut into m parts with a direct table each. Whoever is
// within distance s m + t of the query is within s of it in one of parts 0 ... t, or within s - 1
// in another; so after the probes of radius s in tables 0 ... t everybody up to that distance is
// known.
//
// Pays where queries have near neighbours. On codes without any, radii grow until nearly all items
// are candidates, and the scan of hamming_ranking.hpp is faster.
#pragma once

#include "client/retrieval/bucket_table.hpp"

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
    void begin(std::span<const ItemId> excluded);
    void probe(CodeView query, std::size_t part, std::uint32_t radius, LookupCosts& costs);
    std::span<const Neighbour> finish(std::size_t wanted, std::uint32_t radius,
                                      std::span<const ItemId> excluded);

    const Codes& codes_;
    std::vector<Buckets> parts_;
    // Of the search that is going on.
    std::vector<std::uint64_t> met_;        // a bit for each item: a candidate already, or excluded
    std::vector<std::uint32_t> found_;      // candidates
    std::vector<std::uint16_t> distances_;  // of them
    std::vector<std::size_t> histogram_;    // of those distances
    std::vector<Neighbour> result_;
};

}  // namespace fedhash::client
