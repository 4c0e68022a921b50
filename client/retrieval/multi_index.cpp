#include "client/retrieval/multi_index.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace fedhash::client {
namespace {

constexpr std::uint32_t line_words = 8;   // of a cache line
constexpr std::uint32_t lines_ahead = 3;  // of a bucket; the machine goes on by itself

std::uint32_t distance_of(CodeView a, CodeView b, std::uint32_t bits) {
    return (bits - static_cast<std::uint32_t>(dot(a, b, bits))) / 2;
}

/// std::popcount is a call where the compiler may not use the instruction.
std::uint32_t ones(std::uint32_t x) {
    x -= (x >> 1) & 0x55555555;
    x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
    return (((x + (x >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24;
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
        // The word after the part's own: what a bucket has in common tells nothing.
        Part part{make_buckets(codes, first, codes.bits * (p + 1) / parts - first),
                  (first / 64 + 1) % codes.stride(),
                  {}};
        part.words.reserve(codes.rows);
        for (const std::uint32_t item : part.buckets.items)
            part.words.push_back(codes.row(item)[part.word]);
        parts_.push_back(std::move(part));
    }
    own_.resize(parts);
    histogram_.resize(codes.bits + 1);
}

std::size_t MultiIndex::memory_bytes() const {
    std::size_t sum = 0;
    for (const Part& part : parts_)
        sum += part.buckets.memory_bytes() + part.words.size() * sizeof(std::uint64_t);
    return sum;
}

void MultiIndex::begin(CodeView query, std::size_t wanted, std::uint32_t limit) {
    wanted_ = wanted;
    limit_ = limit;
    for (std::size_t p = 0; p < parts_.size(); ++p)
        own_[p] = part_of(query, parts_[p].buckets.first, parts_[p].buckets.bits);
    std::ranges::fill(histogram_, 0);
    below_ = 0;
    met_.clear();
}

// They are met like others, and then count nothing.
void MultiIndex::leave_out(CodeView query, std::span<const ItemId> excluded) {
    for (std::size_t i = 0; i < excluded.size(); ++i)
        if (i == 0 || excluded[i] != excluded[i - 1])
            --histogram_[distance_of(query, codes_.row(index(excluded[i])), codes_.bits)];
}

// Where the buckets are first, then the memory is asked for what is in them, and then it is looked
// at: reads do not wait for each other. What is asked for does not depend on a branch, which would
// wait as well.
void MultiIndex::probe(CodeView query, std::size_t p, std::uint32_t radius, LookupCosts& costs) {
    const Part& part = parts_[p];
    const std::uint32_t* ends = part.buckets.ends.data();
    ranges_.clear();
    for_each_mask(part.buckets.bits, radius, [&](std::uint32_t mask) {
        const std::uint32_t value = own_[p] ^ mask;
        ranges_.push_back({ends[value], ends[value + 1]});
    });
    costs.buckets += ranges_.size();
    for (const auto& [begin, end] : ranges_)
        for (std::uint32_t line = 0; line < lines_ahead; ++line)
            __builtin_prefetch(part.words.data() +
                               std::min(begin + line * line_words, std::max(end, 1u) - 1));
    for (const auto& [begin, end] : ranges_) {
        const std::size_t size = end - begin;
        costs.candidates += size;
        if (near_.size() <= size) near_.resize(size + 1);
        const std::size_t found = scan_kernels().near_words(part.words.data() + begin, size,
                                                            query[part.word], limit_, near_.data());
        for (std::size_t j = 0; j < found; ++j)
            look_at(query, p, radius, begin + near_[j].place, near_[j].distance);
    }
}

/// `distance` is that of the word which the table has.
void MultiIndex::look_at(CodeView query, std::size_t p, std::uint32_t radius, std::size_t place,
                         std::uint32_t distance) {
    const Part& part = parts_[p];
    CodeView code(&part.words[place], 1);
    if (codes_.stride() > 1) {
        code = codes_.row(part.buckets.items[place]);
        distance = distance_of(query, code, codes_.bits);
    }
    if (distance > limit_ || met_before(code, p, radius)) return;
    met_.push_back({&part.buckets.items[place], distance});
    ++histogram_[distance];
    below_ += distance < limit_;
    while (below_ >= static_cast<std::int64_t>(wanted_) && limit_ > 0)
        below_ -= histogram_[--limit_];
}

// Probes go by (radius, part); an item is met first in the part in which it is nearest.
bool MultiIndex::met_before(CodeView code, std::size_t part, std::uint32_t radius) const {
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const std::uint32_t value = part_of(code, parts_[p].buckets.first, parts_[p].buckets.bits);
        const std::uint32_t apart = ones(value ^ own_[p]);
        if (apart < radius || (apart == radius && p < part)) return true;
    }
    return false;
}

// Counts what is excluded and not met yet, so that the steps of look_at may have stopped too early.
void MultiIndex::lower_limit() {
    below_ = 0;
    for (std::uint32_t d = 0; d < limit_; ++d) {
        if (below_ + histogram_[d] >= static_cast<std::int64_t>(wanted_))
            limit_ = d;
        else
            below_ += histogram_[d];
    }
}

std::span<const Neighbour> MultiIndex::nearest(CodeView query, std::size_t wanted,
                                               std::span<const ItemId> excluded,
                                               LookupCosts& costs) {
    begin(query, std::min(wanted, codes_.rows + 1), codes_.bits);
    leave_out(query, excluded);
    lower_limit();
    const auto m = static_cast<std::uint32_t>(parts_.size());
    for (std::uint32_t radius = 0; radius <= codes_.bits; ++radius) {
        probe(query, radius % m, radius / m, costs);
        // An item whose distance is the radius or less was a candidate before or is one now.
        lower_limit();
        if (limit_ <= radius) break;
    }
    return finish(excluded);
}

std::span<const Neighbour> MultiIndex::within(CodeView query, std::uint32_t radius,
                                              std::span<const ItemId> excluded,
                                              LookupCosts& costs) {
    begin(query, codes_.rows, std::min(radius, codes_.bits));
    const auto m = static_cast<std::uint32_t>(parts_.size());
    for (std::uint32_t r = 0; r <= limit_; ++r) probe(query, r % m, r / m, costs);
    return finish(excluded);
}

std::span<const Neighbour> MultiIndex::finish(std::span<const ItemId> excluded) {
    result_.clear();
    for (const Met& met : met_)
        if (met.distance <= limit_ && !std::ranges::binary_search(excluded, ItemId{*met.item}))
            result_.push_back({ItemId{*met.item}, met.distance});
    std::ranges::sort(result_, [](const Neighbour& a, const Neighbour& b) {
        return a.distance != b.distance ? a.distance < b.distance : a.item < b.item;
    });
    if (result_.size() > wanted_) result_.resize(wanted_);
    return result_;
}

}  // namespace fedhash::client
