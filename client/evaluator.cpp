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

/// What cannot be recommended to a user any more: trained on, and validated on when testing.
void list_excluded(const UserData& user, Part part, std::vector<ItemId>& out) {
    out.clear();
    for (const Rating& rating : user.train) out.push_back(rating.item);
    if (part == Part::test) out.insert(out.end(), user.valid.items.begin(), user.valid.items.end());
}

/// The relevant items, then the others, in one list, so that the scorer is called once.
void list_items(const UserData& user, Part part, const Ranking& ranking, std::vector<ItemId>& out) {
    const HeldOut& held = user.part(part);
    out.assign(held.items.begin(), held.items.end());
    if (!ranking.full) {
        out.insert(out.end(), held.candidates.begin(), held.candidates.end());
        return;
    }
    thread_local std::vector<ItemId> excluded;
    list_excluded(user, part, excluded);
    excluded.insert(excluded.end(), held.items.begin(), held.items.end());
    std::sort(excluded.begin(), excluded.end());
    append_complement(ranking.items, excluded, out);
}

/// Adds each held-out item's chance to be in the first k to its popularity decile.
/// `nearer(a, b)`: whether held-out item a stands before b.
template <class Nearer>
void add_deciles(const HeldOut& held, Nearer nearer, std::span<const TieGroup> groups,
                 std::span<const std::uint32_t> cutoffs, MetricSums& sums) {
    thread_local std::vector<std::size_t> order;
    order.resize(held.items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), nearer);

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

template <class Nearer>
void add_metrics(const HeldOut& held, Nearer nearer, std::span<const TieGroup> groups,
                 std::span<const std::uint32_t> cutoffs, MetricSums& sums, std::span<float> own) {
    thread_local std::vector<Bracket<double>> values;
    values.resize(sums.values.size());
    all_metrics(groups, cutoffs, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!own.empty()) own[i] = static_cast<float>(values[i].expected);
        sums.values[i].expected += to_fixed(values[i].expected);
        sums.values[i].optimistic += to_fixed(values[i].optimistic);
        sums.values[i].pessimistic += to_fixed(values[i].pessimistic);
    }
    add_deciles(held, nearer, groups, cutoffs, sums);
    ++sums.users;
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

    const std::span<const double> all = scores;
    const std::vector<TieGroup> groups =
        tie_groups(all.first(held.items.size()), all.subspan(held.items.size()));
    add_metrics(
        held, [](std::size_t a, std::size_t b) { return scores[a] > scores[b]; }, groups, cutoffs,
        sums, own);
}

void evaluate_by_counts(const UserData& user, Part part, const CodeScore& score,
                        std::span<const std::uint32_t> cutoffs, RankCounts& counts,
                        MetricSums& sums, std::span<float> own) {
    const HeldOut& held = user.part(part);
    if (held.items.empty()) return;
    thread_local std::vector<ItemId> excluded;
    list_excluded(user, part, excluded);
    const std::span<const TieGroup> groups = counts.groups(score, held.items, excluded);
    const std::span<const double> scores = counts.held_scores();
    add_metrics(
        held, [scores](std::size_t a, std::size_t b) { return scores[a] > scores[b]; }, groups,
        cutoffs, sums, own);
}

}  // namespace fedhash::client
