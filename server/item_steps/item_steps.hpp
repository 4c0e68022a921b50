// The rules that the table in server/item_step.cpp lists. A new one: a file here, a line here, a
// row there.
#pragma once

#include "server/item_step.hpp"

namespace fedhash::server {

std::unique_ptr<ItemStep> make_curvature(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_gradient(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_newton(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_box(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_adam(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_sgd(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_polar(const Variant& variant, std::size_t items);
std::unique_ptr<ItemStep> make_none(const Variant& variant, std::size_t items);

}  // namespace fedhash::server
