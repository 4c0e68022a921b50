// What users who lie (client/adversary.hpp) come to: how often the item that they promote is
// recommended, how many of them it takes to turn a bit over, and whether the coordinator finds
// them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/exposure/score.hpp"
#include "server/options.hpp"

namespace fedhash::scenarios {

struct PoisoningId {
    const char* id;
    const char* name;
};

/// A13, its margins, A14 and A15.
std::span<const PoisoningId> poisoning_ids();

/// Figures of the ids that are wanted, empty = all, on a run that has liars; nothing of one that
/// has none. `after`: what the item codes became after sight.round.
std::vector<Exposure> expose_poisoning(const attacks::Sight& sight, const Truth& truth,
                                       const Codes& after, const server::Options& options,
                                       const std::vector<std::string>& ids);

}  // namespace fedhash::scenarios
