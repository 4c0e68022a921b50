// The device learns its user's code: lower the objective to  min x'Ax - 2c'x  over codes, solve.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

std::unique_ptr<const Learner> make_code_learner(const Variant& variant, std::uint64_t seed);

/// t = 16 T k (n / mean)^-a, by logarithms in integer arithmetic.
std::int64_t initial_target(const Variant& variant, std::size_t count);

}  // namespace fedhash::client
