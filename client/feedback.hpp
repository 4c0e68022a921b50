// What a device takes its user's interactions to mean: which items it lists, and what each of them
// should score.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "client/shard.hpp"
#include "common/random.hpp"
#include "common/variant.hpp"

namespace fedhash::client {

struct Listed {
    std::vector<ItemId> items;        // ascending
    std::vector<std::int32_t> goals;  // what b.d should be, in 1/16 (square losses)
    std::vector<float> labels;        // relevance in [0, 1] (ranking losses)
    void clear();
    void resize(std::size_t count);
    void add(ItemId item, std::int32_t goal, float label);
};

struct Feedback {
    const char* name;
    /// Lists a user's items, in the place of what was listed; `target` is the user's own in 1/16.
    /// `random` is of this user and round.
    void (*list)(const UserData& user, std::uint32_t catalogue, const Variant& variant,
                 std::int64_t target, Stream random, Listed& listed);
    bool one_goal;  // all listed items share the user's target
    const char* about;
};

std::span<const Feedback> feedbacks();

/// Throws UsageError that lists the known names.
const Feedback& find_feedback(std::string_view name);

}  // namespace fedhash::client
