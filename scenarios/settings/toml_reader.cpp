#include "scenarios/settings/toml_reader.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "common/errors.hpp"

namespace fedhash::scenarios::settings {
namespace {

Position position(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

Value value_of(const toml::node& node) {
    if (const auto* given = node.as_boolean()) return {given->get()};
    if (const auto* given = node.as_integer()) return {given->get()};
    if (const auto* given = node.as_floating_point()) return {given->get()};
    if (const auto* given = node.as_string()) return {given->get()};
    if (const auto* given = node.as_array()) {
        List list;
        for (const toml::node& element : *given) list.push_back(value_of(element));
        return {std::move(list)};
    }
    return {Other{node.is_table() ? "a table" : "a date or time"}};
}

void flatten(const toml::table& table, std::vector<std::string>& path,
             std::vector<Entry>& entries) {
    for (const auto& [key, node] : table) {
        path.emplace_back(key.str());
        entries.push_back({path, position(key.source()), position(node.source()), value_of(node),
                           node.is_table()});
        if (const auto* inner = node.as_table()) flatten(*inner, path, entries);
        path.pop_back();
    }
}

/// toml++ says "Error while parsing key-value pair: cannot redefine existing integer 'a'".
std::string complaint(std::string_view description) {
    constexpr std::string_view opening = "Error while parsing ";
    std::string text(description);
    if (text.starts_with(opening)) text.erase(0, opening.size());
    // Bare words; those that begin with t or f are taken for true and false.
    if (text.find("could not determine value type") != std::string::npos ||
        text.starts_with("boolean: expected"))
        text += "; text needs quotes: key = \"text\"";
    return text;
}

}  // namespace

std::vector<Entry> read_toml(std::string_view text, const std::string& name) {
    try {
        const toml::table table = toml::parse(text, std::string_view(name));
        std::vector<Entry> entries;
        std::vector<std::string> path;
        flatten(table, path, entries);
        // toml++ keeps keys sorted by name; people read files from the top.
        std::ranges::stable_sort(entries, {}, [](const Entry& entry) {
            return std::tuple(entry.key_at.line, entry.key_at.column);
        });
        return entries;
    } catch (const toml::parse_error& error) {
        const Position at = position(error.source());
        throw UsageError(fmt::format("{}:{}:{}: not TOML: {}", name, at.line, at.column,
                                     complaint(error.description())));
    }
}

std::optional<Value> read_toml_value(std::string_view text) {
    try {
        const toml::table table = toml::parse(fmt::format("value = {}\n", text));
        const toml::node* node = table.get("value");
        if (table.size() != 1 || !node) return std::nullopt;
        return value_of(*node);
    } catch (const toml::parse_error&) {
        return std::nullopt;
    }
}

}  // namespace fedhash::scenarios::settings
