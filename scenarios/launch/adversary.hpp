// [adversary]: from settings to what devices are told (client/adversary.hpp).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/variant.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/settings/scenario.hpp"
#include "server/options.hpp"

namespace fedhash::scenarios {

/// How many users lie, and which item they promote: by the training interactions of `data`, ties
/// by id.
AdversaryVariant adversary_variant(const AdversarySettings& settings, const Prepared& data);

/// Refuses liars whose lies the other pieces have no words for, and a coordinator with nobody to
/// lie to. Throws UsageError.
void check_adversaries(const server::Options& options);

/// {server}, and {clients, users, target: {item, interactions}} where users lie, for the run's
/// summary.
nlohmann::json adversary_json(const AdversarySettings& settings, const Variant& variant,
                              const Prepared& data);

/// Settings that change nothing because nobody lies.
std::vector<std::string> idle_adversary_notices(const AdversarySettings& settings,
                                                std::size_t users);

}  // namespace fedhash::scenarios
