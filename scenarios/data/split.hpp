// Who learns from what: every interaction goes to training, validation or testing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/data/dataset.hpp"

namespace fedhash::scenarios {

enum class Share : std::uint8_t { train, valid, test };

struct Split {
    std::vector<Share> shares;  // one per row
    std::string label;
    std::size_t users_not_scored =
        0;  // with fewer than 3 interactions: all of theirs are for training
};

constexpr std::size_t least_to_hold_out = 3;  // one each for training, validation and test

/// Leave-one-out or ratio split of rows that are sorted by user and item. A user's draw depends on
/// the seed, on its number and on how many rows it has, on no other user. Throws UsageError for a
/// setting out of range.
Split split(const std::vector<Interaction>& rows, bool has_times, const DataSettings& settings);

/// Of every user with two or more of these training rows, a seeded share of `holdout_ratio`, which
/// is above 0, goes to validation: at least one, never all. Throws UsageError for one out of range.
Split hold_out_training(const std::vector<Interaction>& rows, const DataSettings& settings);

}  // namespace fedhash::scenarios
