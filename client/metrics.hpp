// Retrieval metrics of one ranked list whose scores may tie: the expectation over a random order of
// the tied items, in closed form (McSherry & Najork, "Computing information retrieval performance
// measures efficiently in the presence of tied scores", ECIR 2008).
//
// Short codes tie all the time, and an evaluator that lets a sort decide reports its sort: placing
// the held-out item first among its ties is worth +0.2 NDCG at 16 bits. A list is therefore a
// sequence of tie groups, best score first, and position p of a group of s items with r relevant
// ones holds a relevant item with probability r / s. With R relevant items, N items, relevance
// binary:
//
//   HR@K         P(at least one relevant item in the first K); hypergeometric within the cut group
//   Recall@K     E[hits in the first K] / R
//   Precision@K  E[hits in the first K] / K, also for lists shorter than K
//   NDCG@K       E[sum over hits at ranks p <= K of 1 / log2(p + 1)] / the same of an ideal list
//                (one that starts with min(K, R) hits)
//   MRR@K        E[1 / rank of the first relevant item], 0 beyond K
//   MAP@K        E[sum over hits at ranks p <= K of (hits up to p) / p] / min(K, R)
//   AUC          share of (relevant, other) pairs in the right order, a tied pair counting 1/2
//
// Only + - * / on doubles in a fixed order, and logarithms made with integers: the same bits on
// every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/measures.hpp"

namespace fedhash::client {

/// Items that share a score. A group without relevant items may also stand for a run of different
/// scores: no metric depends on the order inside it.
struct TieGroup {
    std::uint32_t size = 0;
    std::uint32_t relevant = 0;
    friend bool operator==(const TieGroup&, const TieGroup&) = default;
};

/// The groups, best score first; no group is empty. Groups with relevant items are exact ties; all
/// the others between two of them form one group. O(n log R); scores must be finite.
std::vector<TieGroup> tie_groups(std::span<const double> relevant_scores,
                                 std::span<const double> other_scores);

/// The same list when every tie is broken in favour of (against) the relevant items.
std::vector<TieGroup> relevant_first(std::span<const TieGroup> groups);
std::vector<TieGroup> relevant_last(std::span<const TieGroup> groups);

/// The expected value of a metric, in [0, 1]. Without relevant items every metric is 0; the AUC of
/// a list of relevant items only, which has no pairs, is 1/2. `spec.k` must be positive except for
/// AUC.
double metric(const MetricSpec& spec, std::span<const TieGroup> groups);

/// Every metric of metric_specs(cutoffs), in that order, in expectation and with its bracket: what
/// `metric` says of the groups, of relevant_first and of relevant_last of them, up to rounding. Of
/// a list with one relevant item by closed forms, as it is what leave-one-out asks for.
void all_metrics(std::span<const TieGroup> groups, std::span<const std::uint32_t> cutoffs,
                 std::span<Bracket<double>> values);

/// Sum of 1 / log2(p + 1) over ranks p = 1..k.
double discounts(std::uint32_t k);

}  // namespace fedhash::client
