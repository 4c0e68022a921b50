#include "scenarios/settings/load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>

#include "common/errors.hpp"
#include "scenarios/settings/expectations.hpp"
#include "scenarios/settings/layers.hpp"
#include "scenarios/settings/nearest.hpp"

namespace fedhash::scenarios {

using namespace settings;

namespace {

namespace fs = std::filesystem;

/// Where to look, first first.
std::vector<fs::path> preset_folders(const fs::path& file, const fs::path& presets) {
    std::vector<fs::path> folders;
    if (!file.empty()) folders.push_back(file.parent_path() / "methods");
    if (!presets.empty()) folders.push_back(presets);
    return folders;
}

[[noreturn]] void fail_preset(const std::string& name, const std::string& origin,
                              const std::vector<fs::path>& folders) {
    std::set<std::string> found_names;
    for (const fs::path& folder : folders)
        for (const std::string& preset : toml_files(folder))
            found_names.insert(fs::path(preset).stem().string());
    const std::vector<std::string> names(found_names.begin(), found_names.end());
    throw UsageError(fmt::format(
        "{}: method.name: no preset methods/{}.toml{}; {}", origin, name, did_you_mean(name, names),
        names.empty() ? "none is installed" : "there is " + joined(names, ", ")));
}

/// `set_above`: what the layers above have; a preset that could add nothing may be missing, so that
/// the resolved copy of a run works without it.
Layer preset_layer(const std::string& name, const std::string& origin,
                   const std::vector<fs::path>& folders,
                   const std::set<const Setting*>& set_above) {
    // A name, not a path to somewhere else.
    const bool plain = !name.empty() && fs::path(name).filename() == name && name.front() != '.';
    const std::string file_name = name + ".toml";
    fs::path preset;
    for (const fs::path& folder : folders)
        if (std::error_code error;
            plain && preset.empty() && fs::is_regular_file(folder / file_name, error))
            preset = folder / file_name;
    if (preset.empty()) {
        const bool needed = std::ranges::any_of(all_settings(), [&](const Setting& setting) {
            return setting.key.starts_with("method.") && preset_may_set(setting.key) &&
                   !set_above.contains(&setting);
        });
        if (needed) fail_preset(name, origin, folders);
        return {};
    }
    Layer layer = file_layer(preset, "preset methods/" + file_name);
    for (const Assignment& assignment : layer.assignments)
        if (!preset_may_set(assignment.setting->key))
            throw UsageError(fmt::format(
                "{}: a method preset may set [method] keys, run.rounds and run.participation, "
                "not {}",
                assignment.where, assignment.setting->key));
    if (!layer.expectations.empty())
        throw UsageError(fmt::format(
            "{}: a method preset has no [expect]; it belongs into the scenario", preset.string()));
    if (layer.sweep)
        throw UsageError(fmt::format(
            "{}: a method preset has no [sweep]; it belongs into the scenario", preset.string()));
    if (!layer.defences.empty())
        throw UsageError(
            fmt::format("{}: a method preset has no [defences]; it belongs into the scenario",
                        preset.string()));
    return layer;
}

void apply(const Layer& layer, Scenario& scenario, std::map<const Setting*, std::string>& origins) {
    for (const Assignment& assignment : layer.assignments) {
        assign(*assignment.setting, assignment.value, scenario, assignment.where);
        origins[assignment.setting] = assignment.origin;
    }
    for (const Expectation& expectation : layer.expectations) {
        auto& expect = scenario.expect;
        const auto same = std::ranges::find(expect, expectation.name, &Expectation::name);
        if (same == expect.end())
            expect.push_back(expectation);
        else
            *same = expectation;
    }
}

// A variable that is named like a setting and is none would be ignored without a word.
void check_names_of_environment() {
    std::vector<std::string> known;
    for (const Setting& setting : all_settings()) known.push_back(environment_name(setting.key));
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string name(text.substr(0, text.find('=')));
        const bool meant = std::ranges::any_of(sections(), [&](const std::string& section) {
            return name.starts_with(environment_name(section) + "_");
        });
        if (meant && std::ranges::find(known, name) == known.end())
            throw UsageError(fmt::format("environment {}: no setting has this name{}", name,
                                         did_you_mean(name, known)));
    }
}

}  // namespace

Environment process_environment() {
    check_names_of_environment();
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

bool preset_may_set(std::string_view key) {
    return (key.starts_with("method.") && key != "method.name") || key == "run.rounds" ||
           key == "run.participation";
}

std::string environment_name(std::string_view key) {
    std::string name = "FEDHASH_";
    for (char c : key)
        name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

Override parse_override(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw UsageError(
            fmt::format("command line: expected key=value after --set, found {}; for example --set "
                        "run.rounds=20",
                        toml_string(text)));
    return {text.substr(0, equals), text.substr(equals + 1)};
}

Loaded load(const fs::path& file, const fs::path& presets, std::span<const Override> overrides,
            const Environment& environment) {
    const std::vector<Layer> layers{file.empty() ? Layer{} : file_layer(file, file.string()),
                                    environment_layer(environment), command_line_layer(overrides)};
    // Once without the preset, to learn its name.
    Scenario named;
    std::map<const Setting*, std::string> above;
    for (const Layer& layer : layers) apply(layer, named, above);
    std::set<const Setting*> set_above;
    for (const auto& [setting, origin] : above) set_above.insert(setting);
    const auto name_origin = above.find(find_setting("method.name"));

    Loaded loaded;
    std::map<const Setting*, std::string> origins;
    apply(preset_layer(named.method.name,
                       name_origin == above.end() ? "default" : name_origin->second,
                       preset_folders(file, presets), set_above),
          loaded.scenario, origins);
    for (const Layer& layer : layers) apply(layer, loaded.scenario, origins);
    check_expected(loaded.scenario);

    for (const Setting& setting : all_settings()) {
        const auto origin = origins.find(&setting);
        loaded.values.push_back({std::string(setting.key), value_text(setting, loaded.scenario),
                                 origin == origins.end() ? "default" : origin->second});
    }
    loaded.file = file.string();
    loaded.sweep = layers.front().sweep;
    loaded.defences = layers.front().defences;
    return loaded;
}

}  // namespace fedhash::scenarios
