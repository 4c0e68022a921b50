// Vectors of a few bits an entry. Odd levels -(2^P - 1), ..., -1, 1, ..., 2^P - 1 are P codes,
// level = sum over planes p of 2^p plane_p, so that an inner product with a code is P popcounts.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

/// A real vector rounded to odd levels in `planes` planes. The largest level stands for 1, 1.6 or
/// 2.6 standard deviations with 1, 2, more planes.
std::vector<std::int32_t> odd_levels(std::span<const double> vector, std::uint32_t planes);

/// What a level of odd_levels is worth: vector ~ level_step * levels.
double level_step(std::span<const double> vector, std::uint32_t planes);

/// Whether plane p of a level is +1.
bool in_plane(std::int32_t level, std::uint32_t planes, std::uint32_t p);

/// The planes of levels, the one of weight 1 first, words_for(levels.size()) words each.
std::vector<std::uint64_t> planes_of(std::span<const std::int32_t> levels, std::uint32_t planes);

/// scores[j] = sum over p of 2^p plane_p . chosen_j; `planes` as planes_of returns them.
void score_by_planes(std::span<const std::uint64_t> planes, const Codes& chosen, Workspace& work,
                     std::span<double> scores);

}  // namespace fedhash::client
