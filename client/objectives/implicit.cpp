// `implicit`: that an interaction exists is all that counts. Every rated item should score the
// user's target
//   t_u = T k (n_u / mean)^-a   at first (learner.cpp refits it when asked to),
// and the interaction term pulls every other pair to 0 through the k x k Gram matrix of all item
// codes.
#include <algorithm>

#include "client/objectives/objectives.hpp"

namespace fedhash::client {

namespace {

void targets(const UserData&, const Variant&, std::int64_t user_target,
             std::span<std::int32_t> out) {
    std::fill(out.begin(), out.end(), static_cast<std::int32_t>(user_target));
}

}  // namespace

const Objective implicit_objective{"implicit", targets, true,
                                   "observed items score the user's target, all others 0"};

}  // namespace fedhash::client
