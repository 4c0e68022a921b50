// What a user's code should look like beyond its scores: terms that add to (A, c) of the problem
// min x'Ax - 2c'x, in units of 1/16.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "client/learner.hpp"

namespace fedhash::client {

struct Regulariser {
    const char* name;
    void (*add)(const Variant& variant, const Shared& shared, const Learnt& learnt,
                std::vector<std::int32_t>& A, std::vector<std::int64_t>& c);
    const char* about;
};

std::span<const Regulariser> regularisers();

/// Throws UsageError that lists the known names.
const Regulariser& find_regulariser(std::string_view name);

}  // namespace fedhash::client
