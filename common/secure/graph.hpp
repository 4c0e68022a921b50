// Who masks with whom: a random k-regular graph, so that a user's cost does not grow with the
// cohort (Bell, Bonawitz, Gascon, Lepoint, Raykova, CCS 2020).
#pragma once

#include <cstdint>
#include <vector>

#include "common/ids.hpp"

namespace fedhash::secure {

/// The neighbours of each of the users, parallel to them, ascending. The users stand in a random
/// circle, each beside degree / 2 others on either side; everyone beside everyone where there are
/// at most degree + 1. `degree` is even; one user less than two has no neighbours.
std::vector<std::vector<UserId>> neighbours(const std::vector<UserId>& users, std::uint32_t degree,
                                            std::uint64_t seed);

/// Shares of so many neighbours give a user's secrets. More than half: a server that tells one part
/// of them that the user is there and the other that it is gone gets one of its two secrets at
/// most.
constexpr std::size_t threshold_of(std::size_t neighbour_count) { return neighbour_count / 2 + 1; }

}  // namespace fedhash::secure
