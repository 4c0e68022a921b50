#include "client/retrieval/multi_index.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "client/retrieval/scan_kernels.hpp"

namespace fedhash::client {
namespace {

void mark(std::vector<std::uint64_t>& marks, std::size_t i) {
    marks[i / 64] |= std::uint64_t{1} << (i % 64);
}

void unmark(std::vector<std::uint64_t>& marks, std::size_t i) {
    marks[i / 64] &= ~(std::uint64_t{1} << (i % 64));
}

}  // namespace

std::uint32_t default_parts(std::uint32_t bits, std::size_t items) {
    const auto length = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(std::bit_width(items), 8, items > 1'000'000 ? 22 : 16));
    return (bits + length - 1) / length;
}

MultiIndex::MultiIndex(const Codes& codes, std::uint32_t parts) : codes_(codes) {
    assert(parts >= 1 && parts <= codes.bits);
    for (std::uint32_t p = 0; p < parts; ++p) {
        const std::uint32_t first = codes.bits * p / parts;
        parts_.push_back(make_buckets(codes, first, codes.bits * (p + 1) / parts - first));
    }
    met_.resize((codes.rows + 63) / 64);
    histogram_.resize(codes.bits + 1);
}

std::size_t MultiIndex::memory_bytes() const {
    std::size_t sum = 0;
    for (const Buckets& part : parts_) sum += part.memory_bytes();
    return sum;
}

void MultiIndex::begin(std::span<const ItemId> excluded) {
    found_.clear();
    distances_.clear();
    std::ranges::fill(histogram_, 0);
    for (const ItemId item : excluded) mark(met_, index(item));
}

// Candidates first, their distances then: reads of one do not wait for those of the other.
void MultiIndex::probe(CodeView query, std::size_t part, std::uint32_t radius, LookupCosts& costs) {
    const Buckets& table = parts_[part];
    const std::uint32_t own = part_of(query, table.first, table.bits);
    const std::size_t before = found_.size();
    for_each_mask(table.bits, radius, [&](std::uint32_t mask) {
        ++costs.buckets;
        const std::span<const std::uint32_t> bucket = table.bucket(own ^ mask);
        costs.candidates += bucket.size();
        for (const std::uint32_t item : bucket) {
            const std::uint64_t bit = std::uint64_t{1} << (item % 64);
            if ((met_[item / 64] & bit) != 0) continue;
            met_[item / 64] |= bit;
            found_.push_back(item);
        }
    });
    distances_.resize(found_.size());
    scan_kernels().listed_distances(codes_.words.data(), codes_.stride(), query.data(),
                                    found_.data() + before, found_.size() - before,
                                    distances_.data() + before);
    for (std::size_t i = before; i < found_.size(); ++i) ++histogram_[distances_[i]];
}

std::span<const Neighbour> MultiIndex::nearest(CodeView query, std::size_t wanted,
                                               std::span<const ItemId> excluded,
                                               LookupCosts& costs) {
    begin(excluded);
    const auto m = static_cast<std::uint32_t>(parts_.size());
    std::size_t known = 0;  // items within the radius that all are known of
    std::uint32_t radius = 0;
    for (; radius <= codes_.bits; ++radius) {
        // An item whose distance is the radius or less was a candidate before or is one now.
        probe(query, radius % m, radius / m, costs);
        known = 0;
        for (std::uint32_t d = 0; d <= radius; ++d) known += histogram_[d];
        if (known >= wanted) break;
    }
    return finish(wanted, std::min(radius, codes_.bits), excluded);
}

std::span<const Neighbour> MultiIndex::within(CodeView query, std::uint32_t radius,
                                              std::span<const ItemId> excluded,
                                              LookupCosts& costs) {
    begin(excluded);
    radius = std::min(radius, codes_.bits);
    const auto m = static_cast<std::uint32_t>(parts_.size());
    for (std::uint32_t r = 0; r <= radius; ++r) probe(query, r % m, r / m, costs);
    return finish(codes_.rows, radius, excluded);
}

std::span<const Neighbour> MultiIndex::finish(std::size_t wanted, std::uint32_t radius,
                                              std::span<const ItemId> excluded) {
    result_.clear();
    for (std::size_t i = 0; i < found_.size(); ++i) {
        unmark(met_, found_[i]);
        if (distances_[i] <= radius) result_.push_back({ItemId{found_[i]}, distances_[i]});
    }
    for (const ItemId item : excluded) unmark(met_, index(item));
    std::ranges::sort(result_, [](const Neighbour& a, const Neighbour& b) {
        return a.distance != b.distance ? a.distance < b.distance : a.item < b.item;
    });
    if (result_.size() > wanted) result_.resize(wanted);
    return result_;
}

}  // namespace fedhash::client
