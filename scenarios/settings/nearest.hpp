// "Did you mean ...?": the known name that a mistyped one is nearest to.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fedhash::scenarios::settings {

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment),
/// ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate within a third of the name's length, first one at equal distance; failing that,
/// the only candidate that contains the name; nothing when nothing is near.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean 'x'?" or "".
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace fedhash::scenarios::settings
