// What the exchanges cannot carry.
#pragma once

#include "server/options.hpp"

namespace fedhash::scenarios {

/// Refuses methods and settings that the exchange does not go with. Throws UsageError.
void check_exchange(const server::Options& options);

}  // namespace fedhash::scenarios
