#include "scenarios/search_bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/errors.hpp"
#include "scenarios/search_bench/limits.hpp"

namespace fedhash::scenarios {
namespace {

struct Entrant {
    const ContestantEntry* entry;
    std::unique_ptr<Contestant> contestant;
};

Exclusions made_exclusions(const Corpus& corpus, std::size_t a_query, std::uint64_t seed) {
    Exclusions excluded(a_query == 0 ? 0 : corpus.queries.rows);
    for (std::size_t q = 0; q < excluded.size(); ++q) {
        Stream random = stream(seed, Purpose::negatives, q);
        for (std::size_t j = 0; j < a_query; ++j)
            excluded[q].push_back(ItemId{static_cast<std::uint32_t>(random() % corpus.items.rows)});
        std::ranges::sort(excluded[q]);
    }
    return excluded;
}

/// Share of `truth` that is in `found`.
double share_found(const std::vector<ItemId>& found, std::vector<ItemId> truth) {
    if (truth.empty()) return 1;
    std::ranges::sort(truth);
    std::size_t hits = 0;
    for (const ItemId item : found) hits += std::ranges::binary_search(truth, item) ? 1 : 0;
    return static_cast<double>(hits) / static_cast<double>(truth.size());
}

std::uint32_t distance(CodeView a, CodeView b) {
    return static_cast<std::uint32_t>(static_cast<int>(64 * a.size()) -
                                      dot(a, b, static_cast<std::uint32_t>(64 * a.size()))) /
           2;
}

/// Whether two lists have the same distances; ways that order ties otherwise still pass.
bool same_distances(const Corpus& corpus, std::size_t query, const std::vector<ItemId>& a,
                    const std::vector<ItemId>& b) {
    const CodeView code = corpus.queries.row(query);
    return std::ranges::equal(
        a, b, {}, [&](ItemId i) { return distance(corpus.items.row(index(i)), code); },
        [&](ItemId i) { return distance(corpus.items.row(index(i)), code); });
}

constexpr std::size_t checked_queries = 20;

/// Recall against the first of its kind; exact ways must agree.
void check(const Corpus& corpus, std::vector<Entrant>& entrants, std::vector<SearchRow>& rows,
           std::size_t wanted) {
    const std::size_t queries = std::min(checked_queries, corpus.queries.rows);
    for (std::size_t e = 0; e < entrants.size(); ++e) {
        const Kind kind = entrants[e].entry->kind;
        const auto reference = std::ranges::find_if(entrants, [&](const Entrant& other) {
            return by_reals(other.entry->kind) == by_reals(kind) && is_exact(other.entry->kind);
        });
        if (reference == entrants.end()) continue;
        for (std::size_t q = 0; q < queries; ++q) {
            reference->contestant->search(q, wanted);
            const std::vector<ItemId> truth = reference->contestant->found();
            entrants[e].contestant->search(q, wanted);
            const std::vector<ItemId> found = entrants[e].contestant->found();
            rows[e].recall += share_found(found, truth) / static_cast<double>(queries);
            if (is_exact(kind) && !by_reals(kind) && !same_distances(corpus, q, found, truth))
                throw RunError(
                    fmt::format("{} and {} disagree on query {} of {} codes ({} bits, "
                                "{} items, K = {})",
                                entrants[e].entry->name, reference->entry->name, q, corpus.name,
                                corpus.items.bits, corpus.items.rows, wanted));
        }
    }
}

/// Of a fixed radius alone: how many queries it leaves with nothing.
void count_empty(const Corpus& corpus, std::vector<Entrant>& entrants,
                 std::vector<SearchRow>& rows) {
    for (std::size_t e = 0; e < entrants.size(); ++e) {
        if (entrants[e].entry->kind != Kind::radius) continue;
        std::size_t empty = 0;
        for (std::size_t q = 0; q < corpus.queries.rows; ++q) {
            entrants[e].contestant->search(q, 1);
            empty += entrants[e].contestant->found().empty() ? 1 : 0;
        }
        rows[e].empty = static_cast<double>(empty) / static_cast<double>(corpus.queries.rows);
    }
}

/// Nanoseconds to count the bits of so many bytes of codes.
double counting_ns(const Spread& pass, std::size_t bytes) {
    return pass.median * static_cast<double>(bytes) / (8.0 * counted_words);
}

void time_one_by_one(const Corpus& corpus, std::vector<Entrant>& entrants,
                     std::vector<SearchRow>& rows, std::size_t wanted, LimitPasses& limits,
                     const TimingOptions& timing) {
    std::vector<std::function<void()>> calls;
    std::vector<std::size_t> turn, next(entrants.size(), 0), made(entrants.size(), 0);
    std::size_t reading = 0;
    std::vector<client::LookupCosts> before;
    for (std::size_t e = 0; e < entrants.size(); ++e) {
        before.push_back(entrants[e].contestant->costs());
        turn.push_back(calls.size());
        calls.emplace_back([&, e] {
            entrants[e].contestant->search(next[e], wanted);
            if (++next[e] == corpus.queries.rows) next[e] = 0;
            ++made[e];
        });
        // Beside what it limits, so that both find the same in the caches.
        if (entrants[e].contestant->read_whole().empty()) continue;
        reading = calls.size();
        calls.emplace_back([&] { limits.read(); });
    }
    calls.emplace_back([&] { limits.count(); });
    const std::vector<Spread> times = time_in_turns(calls, timing);
    const std::size_t bytes = corpus.items.rows * bytes_for(corpus.items.bits);
    const double limit = std::max(times[reading].median, counting_ns(times.back(), bytes));
    for (std::size_t e = 0; e < entrants.size(); ++e) {
        rows[e].one_ns = times[turn[e]];
        rows[e].one_limit_ns = limit;
        const client::LookupCosts after = entrants[e].contestant->costs();
        rows[e].buckets =
            static_cast<double>(after.buckets - before[e].buckets) / static_cast<double>(made[e]);
        rows[e].candidates = static_cast<double>(after.candidates - before[e].candidates) /
                             static_cast<double>(made[e]);
    }
}

void time_together(const Corpus& corpus, std::vector<Entrant>& entrants,
                   std::vector<SearchRow>& rows, std::size_t wanted, const Exclusions& excluded,
                   LimitPasses& limits, TimingOptions timing) {
    std::vector<std::function<void()>> calls;
    std::vector<std::size_t> who;
    for (std::size_t e = 0; e < entrants.size(); ++e) {
        if (!entrants[e].contestant->search_all(wanted, excluded)) continue;
        calls.emplace_back([&, e] { entrants[e].contestant->search_all(wanted, excluded); });
        who.push_back(e);
    }
    timing.passes = std::min<std::size_t>(timing.passes, 5);
    calls.emplace_back([&] { limits.count(); });
    const std::vector<Spread> times = time_in_turns(calls, timing);
    const double pairs =
        static_cast<double>(corpus.queries.rows) * static_cast<double>(corpus.items.rows);
    for (std::size_t c = 0; c < who.size(); ++c) {
        rows[who[c]].all_ns = Spread{times[c].median / pairs, times[c].low / pairs,
                                     times[c].high / pairs, times[c].least / pairs};
        rows[who[c]].all_limit_ns = counting_ns(times.back(), bytes_for(corpus.items.bits));
    }
}

}  // namespace

std::vector<SearchRow> measure(const Corpus& corpus, const MeasureOptions& options,
                               std::uint64_t seed) {
    std::vector<Entrant> entrants;
    std::vector<SearchRow> absent, result;
    for (const ContestantEntry& entry : contestants()) {
        if (!options.ways.empty() &&
            std::ranges::find(options.ways, entry.name) == options.ways.end())
            continue;
        std::string why;
        std::unique_ptr<Contestant> contestant = entry.make(corpus, why);
        if (contestant) {
            entrants.push_back({&entry, std::move(contestant)});
        } else {
            SearchRow row;
            row.corpus = corpus.name;
            row.way = entry.name;
            row.kind = entry.kind;
            row.bits = corpus.items.bits;
            row.items = corpus.items.rows;
            row.absent = why;
            absent.push_back(row);
        }
    }
    std::span<const std::byte> codes;
    for (const Entrant& entrant : entrants)
        if (!entrant.contestant->read_whole().empty()) codes = entrant.contestant->read_whole();
    LimitPasses limits(codes);
    const Exclusions excluded = made_exclusions(corpus, options.excluded, seed);
    for (const std::size_t wanted : options.wanted) {
        std::vector<SearchRow> rows(entrants.size());
        for (std::size_t e = 0; e < entrants.size(); ++e) {
            SearchRow& row = rows[e];
            row.corpus = corpus.name;
            row.way = entrants[e].entry->name;
            row.kind = entrants[e].entry->kind;
            row.bits = corpus.items.bits;
            row.items = corpus.items.rows;
            row.wanted = wanted;
            row.memory_bytes = entrants[e].contestant->memory_bytes();
        }
        check(corpus, entrants, rows, wanted);
        count_empty(corpus, entrants, rows);
        time_one_by_one(corpus, entrants, rows, wanted, limits, options.timing);
        time_together(corpus, entrants, rows, wanted, excluded, limits, options.timing);
        result.insert(result.end(), rows.begin(), rows.end());
        for (SearchRow row : absent) {
            row.wanted = wanted;
            result.push_back(row);
        }
    }
    return result;
}

}  // namespace fedhash::scenarios
