#include "client/evaluator.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <vector>

#include "client/metrics.hpp"

namespace fedhash::client {
namespace {

/// Appends every item of the catalogue that `excluded` (ascending, repeats allowed) does not name.
void append_complement(std::uint32_t catalogue, std::span<const ItemId> excluded,
                       std::vector<ItemId>& out) {
    std::size_t size = out.size();
    out.resize(size + catalogue);  // enough; cut down below
    std::uint32_t next = 0;
    const auto append_until = [&](std::uint32_t end) {
        for (; next < end; ++next) out[size++] = ItemId{next};
    };
    for (const ItemId item : excluded) {
        const auto gap = static_cast<std::uint32_t>(item);
        assert(gap < catalogue);
        append_until(gap);
        next = std::max(next, gap + 1);
    }
    append_until(catalogue);
    out.resize(size);
}

/// The relevant items, then the others, in one list, so that the scorer is called once.
void list_items(const UserData& user, Part part, const Ranking& ranking, std::vector<ItemId>& out) {
    const HeldOut& held = user.part(part);
    out.assign(held.items.begin(), held.items.end());
    if (!ranking.full) {
        out.insert(out.end(), held.candidates.begin(), held.candidates.end());
        return;
    }
    std::vector<ItemId> excluded(held.items.begin(), held.items.end());
    for (const Rating& rating : user.train) excluded.push_back(rating.item);
    if (part == Part::test)
        excluded.insert(excluded.end(), user.valid.items.begin(), user.valid.items.end());
    std::sort(excluded.begin(), excluded.end());
    append_complement(ranking.items, excluded, out);
}

/// Adds each held-out item's chance to be in the first k to its popularity decile.
void add_deciles(const HeldOut& held, std::span<const double> scores,
                 std::span<const TieGroup> groups, std::span<const std::uint32_t> cutoffs,
                 MetricSums& sums) {
    std::vector<std::size_t> order(held.items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });

    std::size_t next = 0;
    std::uint32_t before = 0;
    for (const TieGroup& group : groups) {
        for (std::uint32_t i = 0; i < group.relevant; ++i, ++next) {
            const std::size_t decile = held.deciles[order[next]];
            assert(decile < sums.decile_items.size());
            ++sums.decile_items[decile];
            for (std::size_t c = 0; c < cutoffs.size(); ++c) {
                if (cutoffs[c] <= before) continue;
                const std::uint32_t slots = std::min(group.size, cutoffs[c] - before);
                sums.decile_hits[decile * cutoffs.size() + c] +=
                    to_fixed(static_cast<double>(slots) / static_cast<double>(group.size));
            }
        }
        before += group.size;
    }
}

}  // namespace

void evaluate(const UserData& user, Part part, const Ranking& ranking,
              std::span<const std::uint32_t> cutoffs, const Scorer& scorer, MetricSums& sums,
              std::span<float> own) {
    const HeldOut& held = user.part(part);
    if (held.items.empty()) return;
    assert(held.deciles.size() == held.items.size());
    assert(sums.decile_hits.size() == sums.decile_items.size() * cutoffs.size());

    // Scratch only: rewritten before use in every call, kept because a catalogue's worth of fresh
    // pages per user costs more than the metrics.
    thread_local std::vector<ItemId> items;
    thread_local std::vector<double> scores;
    list_items(user, part, ranking, items);
    scores.resize(items.size());
    scorer(items, scores);

    const std::span<const double> relevant =
        std::span<const double>(scores).first(held.items.size());
    const std::span<const double> others =
        std::span<const double>(scores).subspan(held.items.size());
    const std::vector<TieGroup> expected = tie_groups(relevant, others);
    const std::vector<TieGroup> optimistic = relevant_first(expected);
    const std::vector<TieGroup> pessimistic = relevant_last(expected);

    const std::vector<MetricSpec> specs = metric_specs(cutoffs);
    assert(specs.size() == sums.values.size());
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const double value = metric(specs[i], expected);
        if (!own.empty()) own[i] = static_cast<float>(value);
        sums.values[i].expected += to_fixed(value);
        sums.values[i].optimistic += to_fixed(metric(specs[i], optimistic));
        sums.values[i].pessimistic += to_fixed(metric(specs[i], pessimistic));
    }
    add_deciles(held, relevant, expected, cutoffs, sums);
    ++sums.users;
}

}  // namespace fedhash::client
