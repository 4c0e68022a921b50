#include "scenarios/settings/sweep_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/errors.hpp"
#include "scenarios/settings/nearest.hpp"

namespace fedhash::scenarios::settings {
namespace {

/// As it would be written after `--set key=`.
std::string text_of(const Value& value, const std::string& where) {
    if (const auto* text = std::get_if<std::string>(&value.held)) return *text;
    if (const auto* flag = std::get_if<bool>(&value.held)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value.held)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value.held)) return fmt::format("{}", *real);
    const auto* list = std::get_if<List>(&value.held);
    if (list == nullptr)
        throw UsageError(fmt::format("{}: no setting can be {}", where, found(value)));
    std::vector<std::string> parts;
    for (const Value& part : *list) parts.push_back(text_of(part, where));
    return "[" + joined(parts, ", ") + "]";
}

SweepSection::Axis axis_of(const Entry& entry, const std::string& where) {
    const std::vector<std::string> path(entry.path.begin() + 2, entry.path.end());
    SweepSection::Axis axis{joined(path, "."), {}, where};
    const auto* values = std::get_if<List>(&entry.value.held);
    if (values == nullptr || values->empty())
        throw UsageError(fmt::format("{}: sweep.over.{}: expected a list of values, found {}",
                                     where, axis.key, found(entry.value)));
    for (const Value& value : *values) axis.values.push_back(text_of(value, where));
    return axis;
}

}  // namespace

void add_to_sweep(SweepSection& section, const Entry& entry, const std::string& key_at,
                  const std::string& value_at) {
    if (entry.path.size() > 2 && entry.path[1] == "over") {
        if (!entry.is_table) section.over.push_back(axis_of(entry, value_at));
        return;
    }
    if (entry.path.size() == 1 || entry.path[1] == "over") {
        if (entry.is_table) return;
        throw UsageError(fmt::format("{}: expected a section [{}], found {}", value_at,
                                     joined(entry.path, "."), found(entry.value)));
    }
    const std::string& key = entry.path[1];
    if (key == "all" && entry.path.size() == 2) {
        const auto* flag = std::get_if<bool>(&entry.value.held);
        if (flag == nullptr)
            throw UsageError(fmt::format("{}: sweep.all: expected true or false, found {}",
                                         value_at, found(entry.value)));
        section.all = *flag;
    } else if (key == "seeds" && entry.path.size() == 2) {
        constexpr std::int64_t most = 1000;
        const auto* count = std::get_if<std::int64_t>(&entry.value.held);
        if (count == nullptr || *count < 1 || *count > most)
            throw UsageError(
                fmt::format("{}: sweep.seeds: expected a whole number between 1 and {}, found {}",
                            value_at, most, found(entry.value)));
        section.seeds = static_cast<std::uint64_t>(*count);
    } else {
        const std::vector<std::string> known{"all", "seeds", "over"};
        throw UsageError(fmt::format("{}: unknown key '{}' in [sweep]; its keys: {}{}", key_at, key,
                                     joined(known, ", "), did_you_mean(key, known)));
    }
}

}  // namespace fedhash::scenarios::settings
