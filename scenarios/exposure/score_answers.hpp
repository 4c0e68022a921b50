// Scores of attacks on single answers, yes or no (score.hpp).
#pragma once

#include <vector>

#include "scenarios/exposure/score.hpp"

namespace fedhash::scenarios {

/// Of pairs that were asked about, members and others by turns.
std::vector<Exposure> score_membership(const std::vector<attacks::Claim>& claims);

/// Of two items each, the first of which the user has: which one a row tells, where it tells one.
std::vector<Exposure> score_pairs(const std::vector<attacks::Claim>& claims);

/// Single bits of codes.
std::vector<Exposure> score_bits(const std::vector<attacks::Claim>& claims, const Truth& truth);

/// Whether candidates took part (Truth::present).
std::vector<Exposure> score_presence(const std::vector<attacks::Claim>& claims, const Truth& truth);

}  // namespace fedhash::scenarios
