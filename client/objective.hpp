// What a user's scores should achieve. A loss L of the scores s_i of the listed items enters every
// solver the same way, as a quadratic that touches it at the present scores and lies above it
// (majorise-minimise; for the square loss it is the loss itself):
//
//   L(s) <= L(s0) - 2 sum_i e_i (s_i - s0_i) + sum_i W_i (s_i - s0_i)^2 ,
//   e_i = -1/2 dL/ds_i  (the pull),  W_i >= 0  (the curvature),
//
// so that min over the code is a problem x'Ax - 2c'x (code_learner.cpp), and the same two numbers
// are what the item side needs of this user. To the sum of L over users the interaction term adds
// c0 (b.d)^2 over all pairs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "client/feedback.hpp"

namespace fedhash::client {

struct Response {
    std::span<std::int32_t> pulls;    // e_i in 1/16
    std::span<std::int32_t> weights;  // W_i in 1/16
};

struct Objective {
    const char* name;
    /// `scores` are parallel to the listed items. The loss is scaled so that the curvature of one
    /// pair is at most variant.weight: weights of different losses are comparable. Integer, or
    /// doubles by + - * / and common/portable.hpp alone: the same on every machine. Null: nothing
    /// is learnt, codes stay what they are.
    void (*respond)(const Listed& listed, std::span<const std::int32_t> scores,
                    const Variant& variant, Response response);
    bool exact;  // the quadratic is the loss: one pass is enough, curvature is the same everywhere
    bool pulls_only;  // W = 0: only a term of all pairs bends the problem
    bool ranks;       // compares items of one list with each other: needs more than one label
    bool majorises;   // the quadratic lies above the loss; else W is the weight of a proximal step
    const char* about;
};

std::span<const Objective> objectives();

/// Throws UsageError that lists the known names.
const Objective& find_objective(std::string_view name);

/// "square:1, bpr:0.5": the parts of objective `mix` with their shares. Throws UsageError when it
/// is malformed, a part is unknown or nothing to mix, or shares add up to more than max_mix_share.
std::vector<MixShare> parse_mix(std::string_view text);
constexpr double max_mix_share = 4;

/// The same of what a coordinator said.
void check_mix(std::span<const MixShare> mix);

}  // namespace fedhash::client
