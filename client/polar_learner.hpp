// The device of collaborative hashing (Liu et al., CVPR 2014): p_u = sum over observed items of
// their published factors y_i, and x_u = W p_u with the published whitening W = sqrt(m) (sum over
// users of p p')^-1/2. Its code is the sign of x_u. Ratings count as 1; the rest is in
// server/item_steps/polar.cpp.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

std::unique_ptr<const Learner> make_polar_learner(const Variant& variant, std::uint64_t seed);

/// x_u on the present factors; p_u itself before the first whitening is published.
std::vector<double> whitened_image(const UserData& user, const Shared& shared, Workspace& work);

}  // namespace fedhash::client
