// A device of an attacker's own: the method is public, and so is the program.
#pragma once

#include <map>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios {

/// What a device of this method would upload of items that it was shown, on the published codes of
/// a round (`tables`, which stays with the caller). It starts from a code by chance: an attacker
/// does not know the user's.
attacks::Shadow shadow_device(const Variant& variant, const std::map<std::uint32_t, Codes>& tables);

}  // namespace fedhash::scenarios
