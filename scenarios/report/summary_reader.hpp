// Reading summary.json when any key may be absent or null: an interrupted run knows less than a
// complete one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace fedhash::scenarios::report {

using Path = std::initializer_list<std::string_view>;

/// nullptr when absent or null.
const nlohmann::json* find(const nlohmann::json& summary, Path path);

std::optional<double> number(const nlohmann::json& summary, Path path);
std::optional<std::uint64_t> count(const nlohmann::json& summary, Path path);
std::string text(const nlohmann::json& summary, Path path);  // "" when absent

/// A metric is a number or {expected, optimistic, pessimistic}; `which` names the one of the three.
std::optional<double> metric(const nlohmann::json& metrics, std::string_view name,
                             std::string_view which = "expected");

constexpr std::string_view dash = "–";

}  // namespace fedhash::scenarios::report
