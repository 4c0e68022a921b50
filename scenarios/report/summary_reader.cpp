#include "scenarios/report/summary_reader.hpp"

#include <nlohmann/json.hpp>

namespace fedhash::scenarios::report {

using nlohmann::json;

const json* find(const json& summary, Path path) {
    const json* at = &summary;
    for (std::string_view key : path) {
        if (!at->is_object()) return nullptr;
        const auto next = at->find(key);
        if (next == at->end()) return nullptr;
        at = &*next;
    }
    return at->is_null() ? nullptr : at;
}

std::optional<double> number(const json& summary, Path path) {
    const json* value = find(summary, path);
    return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
}

std::optional<std::uint64_t> count(const json& summary, Path path) {
    const json* value = find(summary, path);
    if (!value || !value->is_number_integer() || value->get<std::int64_t>() < 0)
        return std::nullopt;
    return value->get<std::uint64_t>();
}

std::string text(const json& summary, Path path) {
    const json* value = find(summary, path);
    return value && value->is_string() ? value->get<std::string>() : "";
}

std::optional<double> metric(const json& metrics, std::string_view name, std::string_view which) {
    if (const auto bracketed = number(metrics, {name, which})) return bracketed;
    return number(metrics, {name});
}

}  // namespace fedhash::scenarios::report
