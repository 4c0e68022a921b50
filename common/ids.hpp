// Distinct integer types for the three things that must never be mixed up. Each is a dense index
// from 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fedhash {

enum class UserId : std::uint32_t {};
enum class ItemId : std::uint32_t {};
enum class Round : std::uint32_t {};  // training rounds count from 1; 0 is "before the first"

constexpr std::size_t index(UserId user) { return static_cast<std::size_t>(user); }
constexpr std::size_t index(ItemId item) { return static_cast<std::size_t>(item); }
constexpr std::uint32_t number(Round round) { return static_cast<std::uint32_t>(round); }

}  // namespace fedhash
