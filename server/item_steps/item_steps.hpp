// The rules that the table in server/item_step.cpp lists. A new one: a file here, a line here, a
// row there.
#pragma once

#include "server/item_step.hpp"

namespace fedhash::server {

std::unique_ptr<ItemStep> make_curvature(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_exact(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_exact_inertia(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_gradient(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_majority(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_majority_up(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_votes_gram(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_newton(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_binary(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_box(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_adam(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_sgd(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_polar(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_counts(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_none(const Variant& variant, std::size_t items);

/// Own-bit factor rho of a descent in 64ths: from its start in round 1 linearly to 1 three rounds
/// before the end. Below 1 codes keep moving that plain descent would freeze after a few rounds;
/// the last rounds settle them.
std::int64_t own_bit(const Variant& variant, Progress progress);

}  // namespace fedhash::server
