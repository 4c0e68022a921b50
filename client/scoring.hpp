// A user's scores of listed items, one way of scoring after the other (common/scoring.hpp). Nothing
// here is sent: what leaves the device are sums of metrics.
#pragma once

#include "client/learner.hpp"
#include "client/retrieval/rank_counts.hpp"
#include "common/scoring.hpp"

namespace fedhash::client {

/// Whether the present tables can be scored this way.
bool can_score(Scoring scoring, const Shared& shared, const Variant& variant);

/// Writes the score of wanted[j] to scores[j]; both have the same length, repeats are allowed.
/// can_score must hold and shared.derive() must have been called. `learner` is the method's own.
void score_items(Scoring scoring, const UserData& user, const Shared& shared, const Learnt& learnt,
                 const Variant& variant, const Learner& learner, std::span<const ItemId> wanted,
                 Workspace& work, std::span<double> scores);

/// Whether Scoring::codes is a CodeScore on the present tables: not where bits have weights, or
/// items scales of their own.
bool counts_decide(const Shared& shared, const Variant& variant);

/// What Scoring::codes makes of an item; counts_decide must hold. Points into `learnt`, which gets
/// the user's code on the present item codes.
CodeScore code_score(const UserData& user, const Shared& shared, Learnt& learnt,
                     const Variant& variant, const Learner& learner, Workspace& work);

/// scores[i] = x . d_i for every row of `items`, by one table look-up per byte of a code.
void score_on_codes(std::span<const double> vector, const Codes& items, std::span<double> scores);

}  // namespace fedhash::client
