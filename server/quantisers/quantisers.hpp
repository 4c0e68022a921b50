// The quantisers that the table in server/quantiser.cpp lists. A new one: a file here, a line here,
// a row there.
#pragma once

#include "server/quantiser.hpp"

namespace fedhash::server {

Quantised quantise_free(const RealModel& model, const QuantiserOptions& options);

}  // namespace fedhash::server
