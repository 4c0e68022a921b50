// Learners of a real private vector, by name (client/learner.cpp lists them).
#pragma once

#include "client/learner.hpp"
#include "client/ridge.hpp"

namespace fedhash::client {

std::unique_ptr<const Learner> make_vector_learner(const Variant& variant, std::uint64_t seed);
std::unique_ptr<const Learner> make_scaled_code_learner(const Variant& variant, std::uint64_t seed);

/// a0 and lambda (n_u + a0 n) of the teacher's user step.
RidgeTerms teacher_terms(const Variant& variant, const UserData& user, const Shared& shared);

/// work.listed = what the user observed.
void list_observed(const UserData& user, Workspace& work);

}  // namespace fedhash::client
