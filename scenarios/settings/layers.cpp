#include "scenarios/settings/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "common/errors.hpp"
#include "scenarios/settings/defences_section.hpp"
#include "scenarios/settings/expectations.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/sweep_section.hpp"
#include "scenarios/settings/toml_reader.hpp"

namespace fedhash::scenarios::settings {
namespace {

namespace fs = std::filesystem;

std::string at(const std::string& file, Position position) {
    return fmt::format("{}:{}:{}", file, position.line, position.column);
}

/// Dots separate; a part that has one itself keeps its quotes, so that "run.seed" = 3 is not
/// run.seed = 3.
std::string key_of(std::span<const std::string> path) {
    std::vector<std::string> parts;
    for (const std::string& part : path)
        parts.push_back(part.find('.') == std::string::npos ? part : toml_string(part));
    return joined(parts, ".");
}

[[noreturn]] void fail_section(const std::string& where, const std::string& section) {
    if (section == "sweep" || section == "expect" || section == "defences")
        throw UsageError(
            fmt::format("{}: [{}] can stand in a scenario file alone; edit a copy of "
                        "it, or use the options of fedhash sweep",
                        where, section));
    std::vector<std::string> known = sections();
    known.emplace_back("expect");
    known.emplace_back("sweep");
    known.emplace_back("defences");
    if (const auto near = nearest(section, known))
        throw UsageError(
            fmt::format("{}: unknown section [{}]; did you mean [{}]?", where, section, *near));
    throw UsageError(fmt::format("{}: unknown section [{}]; there is [{}]", where, section,
                                 joined(known, "], [")));
}

[[noreturn]] void fail_key(const std::string& where, const std::string& section,
                           const std::string& name) {
    const std::vector<std::string> known = sections();
    if (!section.empty() && std::ranges::find(known, section) == known.end())
        fail_section(where, section);

    const std::string opening = fmt::format("{}: unknown key '{}'{}", where, name,
                                            section.empty() ? "" : " in [" + section + "]");
    const std::vector<std::string> names = names_in(section);
    if (const auto near = nearest(name, names))
        throw UsageError(fmt::format("{}; did you mean '{}'?", opening, *near));
    for (const Setting& setting : all_settings())
        if (setting.name() == name)
            throw UsageError(fmt::format("{}; did you mean '{}'?", opening, setting.key));
    if (section.empty())
        throw UsageError(
            fmt::format("{}; keys are written section.key, with one of the sections {}", opening,
                        joined(known, ", ")));
    throw UsageError(fmt::format("{}; its keys: {}", opening, joined(names, ", ")));
}

std::string read_file(const fs::path& file) {
    std::error_code error;
    if (fs::is_directory(file, error))
        throw UsageError(fmt::format("{}: a folder, not a scenario file; in it: {}", file.string(),
                                     joined(toml_files(file), ", ")));
    std::ifstream in(file, std::ios::binary);
    if (!in && !fs::exists(file, error)) {
        const auto near = nearest(file.filename().string(), toml_files(file.parent_path()));
        throw UsageError(
            fmt::format("{}: no such file{}", file.string(),
                        near ? "; did you mean " + (file.parent_path() / *near).string() + "?"
                             : std::string()));
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) throw UsageError(fmt::format("{}: cannot be read", file.string()));
    return text;
}

/// A value from outside a TOML file: `--set`, the environment.
Value bare_value(const Setting& setting, const std::string& text) {
    if (std::holds_alternative<Text>(setting.allowed) ||
        std::holds_alternative<Choice>(setting.allowed)) {
        if (text.starts_with('"') || text.starts_with('\''))
            if (auto value = read_toml_value(text);
                value && std::holds_alternative<std::string>(value->held))
                return *value;
        return {text};
    }
    if (std::holds_alternative<Cutoffs>(setting.allowed) && text.find('[') == std::string::npos)
        if (auto value = read_toml_value("[" + text + "]")) return *value;
    if (auto value = read_toml_value(text)) return *value;
    double number = 0;  // ".5" is not TOML
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return {number};
    return {text};
}

}  // namespace

Layer file_layer(const fs::path& file, const std::string& origin_file) {
    const std::string name = file.string();
    const std::vector<std::string> known = sections();
    Layer layer;
    Scenario checked;  // values are checked here too, so that the first mistake in the file is the
                       // one that is told
    for (const Entry& entry : read_toml(read_file(file), name)) {
        if (entry.path.front() == "expect") {
            if (entry.is_table) continue;
            const std::string where = at(name, entry.value_at);
            if (entry.path.size() == 1)
                throw UsageError(fmt::format("{}: expected a section [expect], found {}", where,
                                             found(entry.value)));
            const auto* condition = std::get_if<std::string>(&entry.value.held);
            const std::vector<std::string> path(entry.path.begin() + 1, entry.path.end());
            layer.expectations.push_back(parse_expectation(
                joined(path, "."), condition ? *condition : found(entry.value), where));
            layer.expectations.back().origin = at(origin_file, entry.key_at);
            continue;
        }
        if (entry.path.front() == "sweep") {
            if (!layer.sweep) layer.sweep.emplace();
            add_to_sweep(*layer.sweep, entry, at(name, entry.key_at), at(name, entry.value_at));
            continue;
        }
        if (entry.path.front() == "defences") {
            add_to_defences(layer.defences, entry, at(name, entry.value_at));
            continue;
        }
        const std::string key = key_of(entry.path);
        if (const Setting* setting = find_setting(key)) {
            const std::string where = at(name, entry.value_at);
            assign(*setting, entry.value, checked, where);
            layer.assignments.push_back(
                {setting, entry.value, where, at(origin_file, entry.key_at)});
            continue;
        }
        const bool is_section = std::ranges::find(known, key) != known.end();
        if (is_section && entry.is_table) continue;
        if (is_section)
            throw UsageError(fmt::format("{}: expected a section [{}], found {}",
                                         at(name, entry.value_at), key, found(entry.value)));
        if (entry.is_table) fail_section(at(name, entry.key_at), key);
        fail_key(at(name, entry.key_at), key_of(std::span(entry.path).first(entry.path.size() - 1)),
                 entry.path.back());
    }
    return layer;
}

Layer environment_layer(const Environment& environment) {
    Layer layer;
    for (const Setting& setting : all_settings()) {
        const std::string name = environment_name(setting.key);
        const auto text = environment(name);
        if (!text || text->empty()) continue;
        const std::string origin = "environment " + name;
        layer.assignments.push_back({&setting, bare_value(setting, *text), origin, origin});
    }
    return layer;
}

Layer command_line_layer(std::span<const Override> overrides) {
    constexpr std::string_view expect = "expect.";
    Layer layer;
    for (const Override& override : overrides) {
        const std::string& origin = override.origin;
        if (override.key.starts_with(expect)) {
            layer.expectations.push_back(
                parse_expectation(override.key.substr(expect.size()), override.value, origin));
            continue;
        }
        const Setting* setting = find_setting(override.key);
        if (!setting) {
            const auto dot = override.key.rfind('.');
            if (dot == std::string::npos) fail_key(origin, "", override.key);
            fail_key(origin, override.key.substr(0, dot), override.key.substr(dot + 1));
        }
        layer.assignments.push_back(
            {setting, bare_value(*setting, override.value), origin, origin});
    }
    return layer;
}

std::vector<std::string> toml_files(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code unreadable;
    for (fs::directory_iterator it(folder.empty() ? "." : folder, unreadable), end; it != end;
         it.increment(unreadable))
        if (it->path().extension() == ".toml") names.push_back(it->path().filename().string());
    std::ranges::sort(names);
    return names;
}

}  // namespace fedhash::scenarios::settings
