// [defences] of a scenario file: what `fedhash attack FILE` tries the attacks against, one run a
// line.
//
//     [defences]
//     "none" = []
//     "decoys, drawn once" = ["privacy.decoys=memoised", "privacy.decoys_per_item=3"]
#pragma once

#include <string>

#include "scenarios/settings/load.hpp"
#include "scenarios/settings/toml_reader.hpp"

namespace fedhash::scenarios::settings {

/// Takes one entry of the file whose path begins with "defences". Throws UsageError, which begins
/// with where its value is; whether a key is a setting is seen when the run is loaded.
void add_to_defences(std::vector<DefenceSection>& defences, const Entry& entry,
                     const std::string& value_at);

}  // namespace fedhash::scenarios::settings
