// Finds iALS settings on a validation part.
//
// Three hill climbs on a logarithmic grid of (a0, lambda), each starting where the last ended: a
// coarse one with a quarter of the factors (half-decade steps), a fine one with half, a fine one
// with all (quarter decades). A climb goes on while a neighbour is better, so the best setting is
// never at a border except the outermost (a0 1e-4..32, lambda 1e-6..1). Candidates get a few epochs
// each; the best two of all, one of which has all the factors, then get all epochs, and the best
// epoch wins. Fewer factors may win.
//
// Cost is counted in multiply-adds, not seconds: the clock must not decide what is tried.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "client/shard.hpp"
#include "scenarios/baselines/ials.hpp"

namespace fedhash::scenarios {

struct IalsSearch {
    std::uint32_t factors = 128;
    std::uint32_t epochs = 12;  // at most
    std::uint64_t seed = 1;
    std::uint32_t cutoff = 10;  // NDCG at this cut-off decides
    unsigned threads = 0;
    double cost_limit = 4e12;  // multiply-adds: one to three minutes on two AVX-512 cores
};

struct IalsChoice {
    IalsOptions options;
    std::uint32_t epochs = 0;
    std::uint32_t cutoff = 0;
    double ndcg = 0;          // on validation
    std::uint32_t tried = 0;  // settings
    bool cut_short = false;   // a climb ended at the cost limit, not at a summit
};

struct TunedIals {
    IalsChoice choice;
    Factors users;  // fitted to the training part that was given
    Factors items;
};

/// The first cut-off of at least 10, else the largest.
std::uint32_t tuning_cutoff(std::span<const std::uint32_t> cutoffs);

/// Users without a validation part train but do not vote. At least one user and one epoch.
TunedIals tune_ials(std::span<const client::UserData> users, const client::Ranking& ranking,
                    const IalsSearch& search,
                    const std::function<void(std::string_view)>& progress = {});

}  // namespace fedhash::scenarios
