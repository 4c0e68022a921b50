#include "client/metrics.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>

namespace fedhash::client {
namespace {

__extension__ using Wide = unsigned __int128;

/// log2(x) for x >= 1. Digit by digit: squaring the mantissa doubles its logarithm, whose next
/// binary digit is then 1 if the square reached 2. A square is truncated to 62 fractional bits;
/// what that loses at step i counts 2^-i, so the sum is within 2^-58 before the one rounding to
/// double.
double log2_exact(std::uint64_t x) {
    constexpr int mantissa_bits = 62;
    constexpr int digits = 58;
    const int exponent = static_cast<int>(std::bit_width(x)) - 1;
    std::uint64_t mantissa = x << (mantissa_bits - exponent);
    std::uint64_t result = static_cast<std::uint64_t>(exponent);
    for (int digit = 0; digit < digits; ++digit) {
        mantissa = static_cast<std::uint64_t>(Wide{mantissa} * mantissa >> mantissa_bits);
        const bool carry = mantissa >> (mantissa_bits + 1) != 0;
        if (carry) mantissa >>= 1;
        result = result << 1 | std::uint64_t{carry};
    }
    return static_cast<double>(result) / static_cast<double>(std::uint64_t{1} << digits);
}

double discount(std::uint32_t rank) { return 1.0 / log2_exact(std::uint64_t{rank} + 1); }

std::vector<double> discount_sums(std::uint32_t limit) {
    std::vector<double> sums(std::size_t{limit} + 1, 0.0);
    for (std::uint32_t rank = 1; rank <= limit; ++rank)
        sums[rank] = sums[rank - 1] + discount(rank);
    return sums;
}

struct Totals {
    std::uint64_t items = 0;
    std::uint64_t relevant = 0;
};

Totals totals(std::span<const TieGroup> groups) {
    Totals sum;
    for (const TieGroup& group : groups) {
        sum.items += group.size;
        sum.relevant += group.relevant;
    }
    return sum;
}

/// Calls visit(group, ranks before it, relevant items before it, its ranks within the first k) for
/// the groups that reach into the first k ranks, until it returns false.
template <class Visit>
void visit_head(std::span<const TieGroup> groups, std::uint32_t k, Visit visit) {
    std::uint32_t before = 0;
    std::uint32_t hits = 0;
    for (const TieGroup& group : groups) {
        if (before >= k) return;
        const std::uint32_t slots = std::min(group.size, k - before);
        if (group.relevant > 0 && !visit(group, before, hits, slots)) return;
        before += slots;
        hits += group.relevant;
    }
}

double hit_rate(std::span<const TieGroup> groups, std::uint32_t k) {
    double result = 0;
    visit_head(
        groups, k, [&](const TieGroup& g, std::uint32_t, std::uint32_t, std::uint32_t slots) {
            // P(no relevant item in the slots) = C(s - r, t) / C(s, t) = C(s - t, r) / C(s, r): as
            // a product of the fewer factors, each in [0, 1].
            const std::uint32_t factors = std::min(slots, g.relevant);
            const std::uint32_t other = std::max(slots, g.relevant);
            double miss = 1;
            for (std::uint32_t j = 0; j < factors; ++j) {
                if (g.size - other <= j) {
                    miss = 0;
                    break;
                }
                miss *= static_cast<double>(g.size - other - j) / static_cast<double>(g.size - j);
            }
            // A later group that is within the cut makes this certain; then this one was entirely
            // inside, where miss is already 0. So the first group with relevant items decides.
            result = 1 - miss;
            return false;
        });
    return result;
}

double expected_hits(std::span<const TieGroup> groups, std::uint32_t k) {
    double sum = 0;
    visit_head(groups, k,
               [&](const TieGroup& g, std::uint32_t, std::uint32_t, std::uint32_t slots) {
                   sum += static_cast<double>(std::uint64_t{g.relevant} * slots) /
                          static_cast<double>(g.size);
                   return true;
               });
    return sum;
}

double discounted_gain(std::span<const TieGroup> groups, std::uint32_t k) {
    double sum = 0;
    visit_head(groups, k,
               [&](const TieGroup& g, std::uint32_t before, std::uint32_t, std::uint32_t slots) {
                   sum += (discounts(before + slots) - discounts(before)) *
                          static_cast<double>(g.relevant) / static_cast<double>(g.size);
                   return true;
               });
    return sum;
}

double reciprocal_rank(std::span<const TieGroup> groups, std::uint32_t k) {
    double sum = 0;
    visit_head(groups, k,
               [&](const TieGroup& g, std::uint32_t before, std::uint32_t, std::uint32_t slots) {
                   // P(the first relevant item is the one at offset j) = C(s-j-1, r-1) / C(s, r).
                   const std::uint32_t last = std::min(slots, g.size - g.relevant + 1);
                   double chance = static_cast<double>(g.relevant) / static_cast<double>(g.size);
                   for (std::uint32_t j = 0; j < last; ++j) {
                       sum += chance / static_cast<double>(before + j + 1);
                       if (j + 1 < last)
                           chance *= static_cast<double>(g.size - j - g.relevant) /
                                     static_cast<double>(g.size - j - 1);
                   }
                   return false;
               });
    return sum;
}

double summed_precision(std::span<const TieGroup> groups, std::uint32_t k) {
    double sum = 0;
    visit_head(
        groups, k,
        [&](const TieGroup& g, std::uint32_t before, std::uint32_t hits, std::uint32_t slots) {
            // A hit at offset j counts itself, the hits before the group, and of the j items
            // before it in the group a share (r - 1) / (s - 1).
            const double chance = static_cast<double>(g.relevant) / static_cast<double>(g.size);
            const double share =
                g.size > 1 ? static_cast<double>(g.relevant - 1) / static_cast<double>(g.size - 1)
                           : 0.0;
            double inside = 0;
            for (std::uint32_t j = 0; j < slots; ++j)
                inside += (static_cast<double>(hits + 1) + static_cast<double>(j) * share) /
                          static_cast<double>(before + j + 1);
            sum += chance * inside;
            return true;
        });
    return sum;
}

double area_under_curve(std::span<const TieGroup> groups, const Totals& sum) {
    const std::uint64_t others = sum.items - sum.relevant;
    if (others == 0) return 0.5;
    std::uint64_t behind = others;  // other items that the current group does not rank behind
    std::uint64_t half_pairs = 0;
    for (const TieGroup& group : groups) {
        const std::uint64_t inside = group.size - group.relevant;
        behind -= inside;
        half_pairs += group.relevant * (2 * behind + inside);
    }
    return static_cast<double>(half_pairs) / (2.0 * static_cast<double>(sum.relevant * others));
}

/// How many scores are at each place around ascending levels: place 2 j + 1 is a tie with level j,
/// place 2 j is below it and above level j - 1. Branch-free binary search.
std::vector<std::uint32_t> places_by_search(std::span<const double> levels,
                                            std::span<const double> scores) {
    std::vector<std::uint32_t> places(2 * levels.size() + 1, 0);
    for (const double score : scores) {
        std::size_t low = 0;
        for (std::size_t length = levels.size(); length > 0;) {
            const std::size_t half = (length + 1) / 2;
            low += levels[low + half - 1] < score ? half : 0;
            length -= half;
        }
        const bool tied = low < levels.size() && levels[low] == score;
        ++places[2 * low + (tied ? 1 : 0)];
    }
    return places;
}

/// The same for a few levels, a pass each: counters in registers beat a histogram in memory.
constexpr std::size_t few_levels = 3;

std::vector<std::uint32_t> places_by_counting(std::span<const double> levels,
                                              std::span<const double> scores) {
    std::vector<std::uint32_t> places(2 * levels.size() + 1, 0);
    auto remaining = static_cast<std::uint32_t>(scores.size());  // not above the levels so far
    for (std::size_t level = levels.size(); level-- > 0;) {
        std::uint32_t below = 0, tied = 0;
        for (const double score : scores) {
            below += score < levels[level] ? 1U : 0U;
            tied += score == levels[level] ? 1U : 0U;
        }
        places[2 * level + 2] = remaining - below - tied;
        places[2 * level + 1] = tied;
        remaining = below;
    }
    places[0] = remaining;
    return places;
}

/// Sum of 1 / p over ranks p = 1..k.
double reciprocals(std::uint32_t k) {
    constexpr std::uint32_t usual = 1000;
    static const std::vector<double> sums = [] {
        std::vector<double> made(usual + 1, 0.0);
        for (std::uint32_t rank = 1; rank <= usual; ++rank)
            made[rank] = made[rank - 1] + 1.0 / rank;
        return made;
    }();
    double sum = sums[std::min(k, usual)];
    for (std::uint32_t rank = usual + 1; rank <= k; ++rank) sum += 1.0 / rank;
    return sum;
}

/// Of one relevant item that is equally likely at ranks before + 1 ... before + size of a list of
/// `items`: calls put(i, value) for every metric.
template <class Put>
void single_metrics(std::uint32_t before, std::uint32_t size, std::uint64_t items,
                    std::span<const std::uint32_t> cutoffs, Put put) {
    const double share = 1.0 / size;
    std::size_t i = 0;
    for (const std::uint32_t k : cutoffs) {
        const std::uint32_t slots = k <= before ? 0 : std::min(size, k - before);
        double hit = 0, gain = 0, reciprocal = 0;
        if (slots > 0) {
            hit = slots == size ? 1.0 : slots * share;
            gain = (discounts(before + slots) - discounts(before)) * share;
            reciprocal = (reciprocals(before + slots) - reciprocals(before)) * share;
        }
        put(i++, hit);                           // HR
        put(i++, gain);                          // NDCG: an ideal list starts with the hit
        put(i++, hit);                           // recall
        put(i++, hit / static_cast<double>(k));  // precision
        put(i++, reciprocal);                    // MRR
        put(i++, reciprocal);                    // MAP
    }
    const std::uint64_t others = items - 1;
    const std::uint64_t half_pairs = 2 * (items - before - size) + (size - 1);
    put(i,
        others == 0 ? 0.5 : static_cast<double>(half_pairs) / (2.0 * static_cast<double>(others)));
}

std::vector<TieGroup> refined(std::span<const TieGroup> groups, bool relevant_lead) {
    std::vector<TieGroup> result;
    result.reserve(2 * groups.size());
    for (const TieGroup& group : groups) {
        const TieGroup relevant{group.relevant, group.relevant};
        const TieGroup others{group.size - group.relevant, 0};
        for (const TieGroup& part :
             {relevant_lead ? relevant : others, relevant_lead ? others : relevant})
            if (part.size > 0) result.push_back(part);
    }
    return result;
}

}  // namespace

double discounts(std::uint32_t k) {
    // Two tables, so that a process with the usual cut-offs does not pay for the large ones.
    constexpr std::uint32_t usual = 128;
    constexpr std::uint32_t large = 10'000;
    if (k <= usual) {
        static const std::vector<double> sums = discount_sums(usual);
        return sums[k];
    }
    static const std::vector<double> sums = discount_sums(large);
    double sum = sums[std::min(k, large)];
    for (std::uint32_t rank = large + 1; rank <= k; ++rank) sum += discount(rank);
    return sum;
}

std::vector<TieGroup> tie_groups(std::span<const double> relevant_scores,
                                 std::span<const double> other_scores) {
    // Distinct relevant scores, ascending, and how many items have each.
    std::vector<double> levels(relevant_scores.begin(), relevant_scores.end());
    std::sort(levels.begin(), levels.end());
    std::vector<std::uint32_t> relevant;
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (i == 0 || levels[i] != levels[distinct - 1]) {
            levels[distinct++] = levels[i];
            relevant.push_back(0);
        }
        ++relevant.back();
    }
    levels.resize(distinct);

    const std::vector<std::uint32_t> places = distinct <= few_levels
                                                  ? places_by_counting(levels, other_scores)
                                                  : places_by_search(levels, other_scores);

    std::vector<TieGroup> groups;
    groups.reserve(places.size());
    if (places.back() > 0) groups.push_back({places.back(), 0});
    for (std::size_t level = distinct; level-- > 0;) {
        groups.push_back({relevant[level] + places[2 * level + 1], relevant[level]});
        if (places[2 * level] > 0) groups.push_back({places[2 * level], 0});
    }
    return groups;
}

std::vector<TieGroup> relevant_first(std::span<const TieGroup> groups) {
    return refined(groups, true);
}
std::vector<TieGroup> relevant_last(std::span<const TieGroup> groups) {
    return refined(groups, false);
}

double metric(const MetricSpec& spec, std::span<const TieGroup> groups) {
    const Totals sum = totals(groups);
    if (sum.relevant == 0) return 0;
    if (spec.metric == Metric::auc) return area_under_curve(groups, sum);
    assert(spec.k > 0);
    const double relevant = static_cast<double>(sum.relevant);
    const auto ideal =
        static_cast<std::uint32_t>(std::min(std::uint64_t{spec.k}, sum.relevant));  // hits possible
    switch (spec.metric) {
        case Metric::hr:
            return hit_rate(groups, spec.k);
        case Metric::recall:
            return expected_hits(groups, spec.k) / relevant;
        case Metric::precision:
            return expected_hits(groups, spec.k) / static_cast<double>(spec.k);
        case Metric::ndcg:
            return discounted_gain(groups, spec.k) / discounts(ideal);
        case Metric::mrr:
            return reciprocal_rank(groups, spec.k);
        case Metric::map:
            return summed_precision(groups, spec.k) / static_cast<double>(ideal);
        case Metric::auc:
            break;
    }
    assert(false);
    return 0;
}

void all_metrics(std::span<const TieGroup> groups, std::span<const std::uint32_t> cutoffs,
                 std::span<Bracket<double>> values) {
    const Totals sum = totals(groups);
    if (sum.relevant == 1) {
        std::uint32_t before = 0;
        const TieGroup* group = groups.data();
        for (; group->relevant == 0; ++group) before += group->size;
        const std::uint32_t size = group->size;
        single_metrics(before, size, sum.items, cutoffs,
                       [&](std::size_t i, double value) { values[i].expected = value; });
        single_metrics(before, 1, sum.items, cutoffs,
                       [&](std::size_t i, double value) { values[i].optimistic = value; });
        single_metrics(before + size - 1, 1, sum.items, cutoffs,
                       [&](std::size_t i, double value) { values[i].pessimistic = value; });
        return;
    }
    const std::vector<TieGroup> first = relevant_first(groups), last = relevant_last(groups);
    std::size_t i = 0;
    for (const MetricSpec& spec : metric_specs(cutoffs))
        values[i++] = {metric(spec, groups), metric(spec, first), metric(spec, last)};
    assert(i == values.size());
}

}  // namespace fedhash::client
