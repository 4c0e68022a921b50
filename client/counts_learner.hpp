// Learns nothing: says which items the user has, so that the server can count. What is published
// are the counts, and everybody ranks by them.
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

std::unique_ptr<const Learner> make_counts_learner(const Variant& variant, std::uint64_t seed);

}  // namespace fedhash::client
