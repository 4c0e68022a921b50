// Trained codes for search-bench: a run of `fedhash` on generated data, as a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>

namespace fedhash::scenarios {

/// The generator makes a catalogue of so many items in seconds; more would take minutes.
constexpr std::size_t most_trained_items = 100'000;

/// A run folder in `folder` with codes of `bits` bits for `items` items and 2,000 users, learnt by
/// implicit-dcd in five rounds. Uses the program `fedhash` beside this one. Throws RunError with
/// the end of what the run said.
std::filesystem::path train_codes(const std::filesystem::path& folder, std::uint32_t bits,
                                  std::size_t items, std::uint64_t seed);

}  // namespace fedhash::scenarios
