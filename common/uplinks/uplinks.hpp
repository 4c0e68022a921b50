// The uplinks that the table in common/uplink.cpp lists. A new one: a file here, a line here, a row
// there.
#pragma once

#include "common/uplink.hpp"

namespace fedhash {

extern const UplinkEntry code_uplink;
extern const UplinkEntry gradient_uplink;
extern const UplinkEntry filler_uplink;

}  // namespace fedhash
