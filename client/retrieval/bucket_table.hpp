// Hash-table lookup: items stand in buckets by their code, or by a part of it, and a query probes
// buckets in order of growing distance. A direct table: one bucket for every possible code.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "client/retrieval/hamming_ranking.hpp"

namespace fedhash::client {

constexpr std::uint32_t max_bucket_bits = 24;

/// What a lookup cost.
struct LookupCosts {
    std::uint64_t buckets = 0;     // probed, empty ones included
    std::uint64_t candidates = 0;  // items met in them, repeats included
    LookupCosts& operator+=(const LookupCosts& more) {
        buckets += more.buckets;
        candidates += more.candidates;
        return *this;
    }
};

/// Items by the value of bits [first, first + bits) of their code; bits <= max_bucket_bits.
struct Buckets {
    std::uint32_t first = 0, bits = 0;
    std::vector<std::uint32_t> ends;   // 2^bits + 1, of which the first is 0: bucket v is
                                       // [ends[v], ends[v + 1])
    std::vector<std::uint32_t> items;  // ascending within a bucket

    std::span<const std::uint32_t> bucket(std::uint32_t value) const {
        return std::span(items).subspan(ends[value], ends[value + 1] - ends[value]);
    }
    std::size_t memory_bytes() const {
        return (ends.size() + items.size()) * sizeof(std::uint32_t);
    }
};

Buckets make_buckets(const Codes& codes, std::uint32_t first, std::uint32_t bits);

/// Bits [first, first + bits) of a code, bits <= 32.
inline std::uint32_t part_of(CodeView code, std::uint32_t first, std::uint32_t bits) {
    const std::size_t w = first / 64, shift = first % 64;
    std::uint64_t value = code[w] >> shift;
    if (shift + bits > 64) value |= code[w + 1] << (64 - shift);
    return static_cast<std::uint32_t>(value & ((std::uint64_t{1} << bits) - 1));
}

/// Calls visit(mask) for every mask of `bits` bits of which `weight` are set.
template <class Visit>
void for_each_mask(std::uint32_t bits, std::uint32_t weight, Visit visit) {
    if (weight > bits) return;
    if (weight == 0) {
        visit(std::uint32_t{0});
        return;
    }
    const std::uint64_t end = std::uint64_t{1} << bits;
    // The next larger number with as many ones (Gosper's).
    for (std::uint64_t mask = (std::uint64_t{1} << weight) - 1; mask < end;) {
        visit(static_cast<std::uint32_t>(mask));
        const std::uint64_t lowest = mask & (0 - mask), next = mask + lowest;
        mask = (((next ^ mask) >> 2) / lowest) | next;
    }
}

/// Codes of at most max_bucket_bits bits in one table.
class BucketTable {
  public:
    explicit BucketTable(const Codes& codes);

    /// The same list as `nearest` of hamming_ranking.hpp: radius 0, 1, ... until it is full.
    std::span<const Neighbour> nearest(CodeView query, std::size_t wanted,
                                       std::span<const ItemId> excluded, LookupCosts& costs);

    /// All items within a radius that are not excluded, by (distance, id). May be empty.
    std::span<const Neighbour> within(CodeView query, std::uint32_t radius,
                                      std::span<const ItemId> excluded, LookupCosts& costs);

    std::size_t memory_bytes() const { return buckets_.memory_bytes(); }

  private:
    void add_ring(std::uint32_t code, std::uint32_t radius, std::span<const ItemId> excluded,
                  LookupCosts& costs);

    Buckets buckets_;
    std::vector<Neighbour> result_;
};

}  // namespace fedhash::client
