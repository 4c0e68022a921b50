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
    /// Adds to work.A and work.c; `learnt` holds the code that the problem starts from.
    void (*add)(const Variant& variant, const UserData& user, const Shared& shared,
                const Learnt& learnt, Workspace& work);
    bool whitens;  // needs the published plane `whitening`; the server treats items alike
    const char* about;
};

std::span<const Regulariser> regularisers();

/// Throws UsageError that lists the known names.
const Regulariser& find_regulariser(std::string_view name);

}  // namespace fedhash::client
