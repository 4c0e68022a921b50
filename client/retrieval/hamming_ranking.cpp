#include "client/retrieval/hamming_ranking.hpp"

#include <algorithm>
#include <cassert>
#include <thread>

#include "client/retrieval/scan_kernels.hpp"

namespace fedhash::client {
namespace {

// Lines of a tile when many queries share it: 32 KiB of codes stay in the first cache.
constexpr std::size_t tile_lines = 512;
constexpr std::size_t queries_a_tile = 128;

// How much earlier a query that reads the whole table for itself asks the memory for codes. From
// 1 to 8 KiB it is the same; without, a table in the third cache is read a third slower.
constexpr std::size_t prefetch_bytes = 4096;

// Blocks of the first tile, whose K-th smallest distance is found by counting. A longer one costs
// time; after a shorter one more items, about K ln(n / tile), are taken that do not stay. A table
// that the first cache holds is one tile: then nothing is looked at twice.
std::size_t first_tile(const BytePlanes& items, std::size_t wanted) {
    if (items.lines.size() <= tile_lines) return items.blocks();
    return std::min(std::clamp<std::size_t>(3 * wanted, 32, 512), items.blocks());
}

std::vector<ByteLine> distance_buffer(const BytePlanes& items, std::size_t wanted) {
    return std::vector<ByteLine>(std::max<std::size_t>(1, first_tile(items, wanted)));
}

std::span<std::uint8_t> bytes_of(std::vector<ByteLine>& lines) {
    return {lines.front().bytes, lines.size() * block_items};
}

}  // namespace

void HammingSearch::begin(const BytePlanes& items, CodeView query, std::size_t wanted,
                          std::span<const ItemId> excluded) {
    query_.resize(items.bytes());
    for (std::size_t j = 0; j < query_.size(); ++j)
        query_[j] = static_cast<std::uint8_t>(query[j / 8] >> (8 * (j % 8)));
    excluded_ = excluded;
    wanted_ = std::min(wanted, items.items);
    looked_at_ = next_excluded_ = taken_ = 0;
    limit_ = no_distance;
    below_ = 0;
    const std::size_t room = 2 * wanted_ + 2 * block_items;
    if (items_.size() < room) {
        items_.resize(room);
        distances_.resize(room);
    }
    histogram_.assign(256, 0);
}

void HammingSearch::look_at(const BytePlanes& items, std::size_t blocks, std::size_t ahead_bytes,
                            std::span<std::uint8_t> distances) {
    if (wanted_ == 0) return;
    if (looked_at_ == 0)
        select(items, blocks, distances);
    else
        collect(items, blocks, ahead_bytes);
    looked_at_ += blocks;
}

Found HammingSearch::found_so_far(const BytePlanes& items) {
    return {items_.data(),
            distances_.data(),
            histogram_.data(),
            items_.size(),
            taken_,
            static_cast<std::uint32_t>(wanted_),
            limit_,
            below_,
            static_cast<std::uint32_t>(items.items),
            excluded_.data() + next_excluded_,
            excluded_.data() + excluded_.size()};
}

void HammingSearch::keep(const Found& found) {
    taken_ = found.size;
    limit_ = found.limit;
    below_ = found.below;
    next_excluded_ = static_cast<std::size_t>(found.excluded - excluded_.data());
}

// A bound that `wanted` distances are below, and not many more, by steps of 1, 2, 4, ... from where
// it was for the last user, and then by halves; what is below it is taken. Where so many are at one
// distance that there is no such bound, what is below that distance, and the first of those at it.
void HammingSearch::select(const BytePlanes& items, std::size_t blocks,
                           std::span<std::uint8_t> distances) {
    scan_kernels().distances(items.lines.front().bytes, blocks, items.bytes(), query_.data(),
                             distances.data());
    const std::size_t end = blocks * block_items;
    // In a register: a byte that is written might be anything's, for all that a compiler knows.
    const ItemId* next = excluded_.data() + next_excluded_;
    for (const ItemId* last = excluded_.data() + excluded_.size();
         next != last && index(*next) < end; ++next)
        distances[index(*next)] = no_distance;
    next_excluded_ = static_cast<std::size_t>(next - excluded_.data());
    for (std::size_t i = items.items; i < end; ++i) distances[i] = no_distance;

    const auto count = [&](std::uint32_t bound) {
        return scan_kernels().count_below(distances.data(), blocks, bound);
    };
    std::uint32_t low = 0, high = no_distance + 1;  // too few below low; enough below high
    std::size_t below_low = 0;
    const std::size_t many = 2 * wanted_ + block_items / 8;
    bool bounded = false;
    std::uint32_t probe = std::clamp<std::uint32_t>(guess_, 1, no_distance);
    for (std::uint32_t step = 1; high - low > 1;) {
        const std::size_t below = count(probe);
        if (below < wanted_) {
            low = probe;
            below_low = below;
        } else {
            high = probe;
            bounded = below <= many;
        }
        if (low == no_distance || bounded) break;
        if (high > no_distance)
            probe = std::min<std::uint32_t>(low + step, no_distance);
        else if (low == 0 && high > step)
            probe = high - step;
        else
            probe = low + (high - low) / 2;
        step *= 2;
    }
    guess_ = bounded ? high : low + 1;
    limit_ = bounded ? high : low;
    Found found = found_so_far(items);
    scan_kernels().take(distances.data(), blocks,
                        bounded || low == no_distance ? 0 : wanted_ - below_low, found);
    while (found.below >= wanted_) found.below -= histogram_[--found.limit];
    keep(found);
}

void HammingSearch::collect(const BytePlanes& items, std::size_t blocks, std::size_t ahead_bytes) {
    const std::size_t lines = items.bytes();
    for (std::size_t done = 0; done < blocks;) {
        const std::size_t here = looked_at_ + done;
        Found found = found_so_far(items);
        done += scan_kernels().collect(
            items.lines[here * lines].bytes, blocks - done, lines, query_.data(),
            static_cast<std::uint32_t>(here * block_items), ahead_bytes, found);
        keep(found);
        if (done < blocks) compact();
    }
}

// What is below the limit, and the first of those at it, as many as make K.
void HammingSearch::compact() {
    std::size_t ties = wanted_ - below_;
    std::size_t kept = 0;
    // Without a branch: which of them stay nobody can guess.
    for (std::size_t i = 0; i < taken_; ++i) {
        const std::uint8_t distance = distances_[i];
        items_[kept] = items_[i];
        distances_[kept] = distance;
        const bool tie = distance == limit_ && ties > 0;
        ties -= tie ? 1 : 0;
        kept += distance < limit_ || tie ? 1 : 0;
    }
    taken_ = kept;
}

std::span<const Neighbour> HammingSearch::finish(const BytePlanes& items) {
    assert(wanted_ == 0 || looked_at_ == items.blocks());
    // By counting, which keeps the order of ids; what is above the limit comes last, and goes.
    std::uint32_t begin[258];
    std::fill_n(begin, limit_ + 3, 0);
    const auto place = [&](std::size_t i) {
        return std::min<std::uint32_t>(distances_[i], limit_ + 1u);
    };
    for (std::size_t i = 0; i < taken_; ++i) ++begin[place(i) + 1];
    for (std::uint32_t d = 0; d <= limit_; ++d) begin[d + 1] += begin[d];
    const std::size_t near = begin[limit_ + 1];
    result_.resize(taken_);
    for (std::size_t i = 0; i < taken_; ++i)
        result_[begin[place(i)]++] = {ItemId{items_[i]}, distances_[i]};
    result_.resize(std::min<std::size_t>(near, wanted_));
    const bool all_near_ones = limit_ == no_distance && result_.size() < wanted_;
    if (all_near_ones && items.bits >= no_distance) add_far(items);
    return result_;
}

// Distances of 255 and 256, which only codes of as many bits have, and only a list that is longer
// than the number of nearer items shows.
void HammingSearch::add_far(const BytePlanes& items) {
    for (std::uint32_t distance : {255u, 256u}) {
        auto next = excluded_.begin();
        for (std::uint32_t i = 0; i < items.items && result_.size() < wanted_; ++i) {
            while (next != excluded_.end() && index(*next) < i) ++next;
            if (next != excluded_.end() && index(*next) == i) continue;
            const ByteLine* block = &items.lines[i / block_items * items.bytes()];
            int differing = 0;
            for (std::size_t j = 0; j < items.bytes(); ++j)
                differing += std::popcount(
                    static_cast<std::uint8_t>(block[j].bytes[i % block_items] ^ query_[j]));
            if (static_cast<std::uint32_t>(differing) == distance)
                result_.push_back({ItemId{i}, distance});
        }
    }
}

std::span<const Neighbour> nearest(const BytePlanes& items, CodeView query, std::size_t wanted,
                                   std::span<const ItemId> excluded, HammingSearch& search) {
    const std::size_t first = first_tile(items, wanted);
    thread_local std::vector<ByteLine> buffer(1);
    if (buffer.size() < first) buffer.resize(first);
    search.begin(items, query, wanted, excluded);
    search.look_at(items, first, prefetch_bytes, bytes_of(buffer));
    if (first < items.blocks())
        search.look_at(items, items.blocks() - first, prefetch_bytes, bytes_of(buffer));
    return search.finish(items);
}

namespace {

void rank_some(const BytePlanes& items, const Codes& queries, std::size_t wanted,
               const Excluded& excluded, std::size_t begin, std::size_t end, RankedLists& out) {
    std::vector<ByteLine> buffer = distance_buffer(items, wanted);
    out.neighbours.reserve((end - begin) * std::min(wanted, items.items));
    out.ends.reserve(end - begin);
    std::vector<HammingSearch> searches(
        first_tile(items, wanted) == items.blocks() ? 1 : std::min(queries_a_tile, end - begin));
    for (std::size_t first = begin; first < end; first += searches.size()) {
        const std::size_t count = std::min(searches.size(), end - first);
        for (std::size_t q = 0; q < count; ++q)
            searches[q].begin(items, queries.row(first + q), wanted, excluded(first + q));
        for (std::size_t block = 0; block < items.blocks();) {
            const std::size_t blocks =
                block == 0 ? first_tile(items, wanted)
                           : std::min(std::max<std::size_t>(1, tile_lines / items.bytes()),
                                      items.blocks() - block);
            for (std::size_t q = 0; q < count; ++q)
                searches[q].look_at(items, blocks, 0, bytes_of(buffer));
            block += blocks;
        }
        for (std::size_t q = 0; q < count; ++q) {
            const std::span<const Neighbour> row = searches[q].finish(items);
            out.neighbours.insert(out.neighbours.end(), row.begin(), row.end());
            out.ends.push_back(out.neighbours.size());
        }
    }
}

}  // namespace

RankedLists rank_all(const BytePlanes& items, const Codes& queries, std::size_t wanted,
                     const Excluded& excluded, unsigned threads) {
    assert(threads >= 1 && queries.bits == items.bits);
    std::vector<RankedLists> parts(std::clamp<std::size_t>(queries.rows, 1, threads));
    const auto begin = [&](std::size_t part) { return queries.rows * part / parts.size(); };
    {
        std::vector<std::jthread> others;
        for (std::size_t p = 1; p < parts.size(); ++p)
            others.emplace_back([&, p] {
                rank_some(items, queries, wanted, excluded, begin(p), begin(p + 1), parts[p]);
            });
        rank_some(items, queries, wanted, excluded, begin(0), begin(1), parts[0]);
    }
    RankedLists all = std::move(parts[0]);
    for (std::size_t p = 1; p < parts.size(); ++p) {
        const std::size_t before = all.neighbours.size();
        all.neighbours.insert(all.neighbours.end(), parts[p].neighbours.begin(),
                              parts[p].neighbours.end());
        for (const std::size_t end : parts[p].ends) all.ends.push_back(before + end);
    }
    return all;
}

}  // namespace fedhash::client
