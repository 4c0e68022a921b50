// What two runs must share to have had the same data.
#pragma once

#include <string>

#include "scenarios/data/prepared.hpp"

namespace fedhash::scenarios {

/// SHA-256, in hex, of the catalogue's size, the kind of ranking, and every user's training ratings
/// (items and values), held-out items and candidates: little-endian words, lists with their length
/// before them. Names, titles and labels are not part of it.
std::string fingerprint(const Prepared& data);

}  // namespace fedhash::scenarios
