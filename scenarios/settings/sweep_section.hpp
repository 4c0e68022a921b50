// [sweep] of a scenario file:
//
//     [sweep]
//     all = true                    # test every point, choose none
//     seeds = 3
//     [sweep.over]
//     method.bits = [16, 32, 64]    # the first axis moves slowest
#pragma once

#include <string>

#include "scenarios/settings/load.hpp"
#include "scenarios/settings/toml_reader.hpp"

namespace fedhash::scenarios::settings {

/// Takes one entry of the file whose path begins with "sweep". Throws UsageError, which begins with
/// where the key or its value is; whether an axis is a setting is seen later.
void add_to_sweep(SweepSection& section, const Entry& entry, const std::string& key_at,
                  const std::string& value_at);

}  // namespace fedhash::scenarios::settings
