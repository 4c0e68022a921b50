// What a user's code should achieve: for every rated item the score that b_u.d_i should have. Both
// objectives here are square losses, so they differ in their targets alone and share the lowering
// to a quadratic problem (learner.cpp):
//
//   sum over rated i of w (t_ui - b.d_i)^2  +  c0 sum over all i of (b.d_i)^2  +  lambda (sum_k
//   b_k)^2
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "client/shard.hpp"
#include "common/variant.hpp"

namespace fedhash::client {

struct Objective {
    const char* name;
    /// Writes t_ui in 1/16 for every training item of the user; `user_target` is the user's own
    /// target (implicit). Null: nothing is learnt, codes stay what they are.
    void (*targets)(const UserData& user, const Variant& variant, std::int64_t user_target,
                    std::span<std::int32_t> targets);
    bool one_target;  // all items of a user share user_target
    const char* about;
};

std::span<const Objective> objectives();

/// Throws UsageError that lists the known names.
const Objective& find_objective(std::string_view name);

}  // namespace fedhash::client
