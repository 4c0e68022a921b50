#include "scenarios/data/names.hpp"

#include <algorithm>
#include <compare>
#include <numeric>

#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view digits_of(std::string_view id) {
    if (id.starts_with('-')) id.remove_prefix(1);
    return id.substr(std::min(id.find_first_not_of('0'), id.size()));
}

/// By value, whatever the length; "-0" is 0. Equal values ("7", "07") by their text.
bool numerically_less(std::string_view a, std::string_view b) {
    const std::string_view x = digits_of(a), y = digits_of(b);
    const bool a_negative = a.starts_with('-') && !x.empty();
    const bool b_negative = b.starts_with('-') && !y.empty();
    if (a_negative != b_negative) return a_negative;
    if (x != y) {
        const bool smaller = x.size() != y.size() ? x.size() < y.size() : x < y;
        return smaller != a_negative;
    }
    return a < b;
}

}  // namespace

std::uint32_t Names::intern(std::string_view id) {
    if (!is_ascii(id)) {
        const std::string text = to_utf8(id);
        const auto [place, added] =
            numbers_.try_emplace(text, static_cast<std::uint32_t>(list_.size()));
        if (added) list_.push_back(text);
        return place->second;
    }
    const auto known = numbers_.find(id);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<std::uint32_t>(list_.size());
    numbers_.emplace(id, number);
    list_.emplace_back(id);
    return number;
}

std::optional<std::uint32_t> Names::find(std::string_view id) const {
    const auto known = is_ascii(id) ? numbers_.find(id) : numbers_.find(to_utf8(id));
    if (known == numbers_.end()) return {};
    return known->second;
}

std::vector<std::uint32_t> Names::fixed_order() const {
    std::vector<std::uint32_t> order(list_.size());
    std::iota(order.begin(), order.end(), 0U);
    const bool numeric = std::all_of(list_.begin(), list_.end(),
                                     [](const std::string& id) { return is_integer(id); });
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return numeric ? numerically_less(list_[a], list_[b]) : list_[a] < list_[b];
    });
    return order;
}

}  // namespace fedhash::scenarios
