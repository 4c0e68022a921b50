// What a coordinator that lies (server/adversary.hpp) comes to: what it learns of its victims, and
// whether anybody notices.
#pragma once

#include <string>
#include <vector>

#include "scenarios/exposure/score.hpp"
#include "server/adversary.hpp"

namespace fedhash::scenarios {

constexpr const char* active_id = "A11";

/// Figures of A11. `victims`: what was seen of them, and what they were shown; `others`: the same
/// of those who were told the truth.
std::vector<Exposure> expose_active(const server::ServerLie& lie, const server::LieRecord& lies,
                                    const attacks::Sight& victims, const attacks::Sight& others,
                                    const Truth& truth);

}  // namespace fedhash::scenarios
