// Which settings two runs must share to be the same run, as a short hash: how a sweep finds again
// what it has done already.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/settings/load.hpp"

namespace fedhash::scenarios {

/// Every setting that a run's figures may depend on, `key = value` a line, in the table's order:
/// all but the title, [output] and [expect]. A value that nobody chose is marked where the data may
/// decide; data.path is absolute.
std::string identity_text(const Loaded& loaded);

/// The first 12 hex digits of the text's SHA-256: 48 bits, so that ten thousand trials meet by
/// accident with probability 2e-7.
std::string short_hash(std::string_view text);

}  // namespace fedhash::scenarios
