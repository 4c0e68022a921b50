// Settings that the pieces of a method never read. Pieces that do nothing are refused
// (refusals.hpp); numbers come along when a scenario is shared by several methods, and are told.
#pragma once

#include <string>
#include <vector>

#include "common/variant.hpp"
#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

/// Keys of [method] that are known to change nothing, in the table's order. A key that is not here
/// may still do nothing.
std::vector<std::string> unused_settings(const Variant& variant);

/// "method.balance=3.0 changes nothing ..." for each of them that somebody set, by file,
/// environment or command line, to something else than its default.
std::vector<std::string> unused_notices(const Loaded& loaded, const Variant& variant);

}  // namespace fedhash::scenarios
