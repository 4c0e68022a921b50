#include "client/retrieval/bucket_table.hpp"

#include <algorithm>
#include <cassert>

namespace fedhash::client {

Buckets make_buckets(const Codes& codes, std::uint32_t first, std::uint32_t bits) {
    assert(bits >= 1 && bits <= max_bucket_bits && first + bits <= codes.bits);
    Buckets made{first, bits, {}, {}};
    made.ends.resize((std::size_t{1} << bits) + 1);
    made.items.resize(codes.rows);
    for (std::size_t i = 0; i < codes.rows; ++i)
        ++made.ends[part_of(codes.row(i), first, bits) + std::size_t{1}];
    for (std::size_t v = 1; v < made.ends.size(); ++v) made.ends[v] += made.ends[v - 1];
    std::vector<std::uint32_t> next(made.ends.begin(), made.ends.end() - 1);
    for (std::size_t i = 0; i < codes.rows; ++i)
        made.items[next[part_of(codes.row(i), first, bits)]++] = static_cast<std::uint32_t>(i);
    return made;
}

BucketTable::BucketTable(const Codes& codes) : buckets_(make_buckets(codes, 0, codes.bits)) {}

// What is at exactly this distance, in order of ids.
void BucketTable::add_ring(std::uint32_t code, std::uint32_t radius,
                           std::span<const ItemId> excluded, LookupCosts& costs) {
    const std::size_t before = result_.size();
    for_each_mask(buckets_.bits, radius, [&](std::uint32_t mask) {
        ++costs.buckets;
        const std::span<const std::uint32_t> bucket = buckets_.bucket(code ^ mask);
        costs.candidates += bucket.size();
        for (const std::uint32_t item : bucket)
            if (!std::ranges::binary_search(excluded, ItemId{item}))
                result_.push_back({ItemId{item}, radius});
    });
    if (radius > 0)
        std::sort(result_.begin() + static_cast<std::ptrdiff_t>(before), result_.end(),
                  [](const Neighbour& a, const Neighbour& b) { return a.item < b.item; });
}

std::span<const Neighbour> BucketTable::nearest(CodeView query, std::size_t wanted,
                                                std::span<const ItemId> excluded,
                                                LookupCosts& costs) {
    result_.clear();
    const std::uint32_t code = part_of(query, 0, buckets_.bits);
    for (std::uint32_t radius = 0; radius <= buckets_.bits && result_.size() < wanted; ++radius)
        add_ring(code, radius, excluded, costs);
    return std::span(result_).first(std::min(wanted, result_.size()));
}

std::span<const Neighbour> BucketTable::within(CodeView query, std::uint32_t radius,
                                               std::span<const ItemId> excluded,
                                               LookupCosts& costs) {
    result_.clear();
    const std::uint32_t code = part_of(query, 0, buckets_.bits);
    for (std::uint32_t r = 0; r <= std::min(radius, buckets_.bits); ++r)
        add_ring(code, r, excluded, costs);
    return result_;
}

}  // namespace fedhash::client
