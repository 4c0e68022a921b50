#include "scenarios/experiments/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "common/errors.hpp"
#include "common/scoring.hpp"
#include "scenarios/settings/table.hpp"

namespace fedhash::scenarios {
namespace {

using Values = std::map<std::string, std::string>;  // key -> value as TOML

constexpr std::array seeds{std::string_view("run.seed"), std::string_view("data.seed")};
constexpr std::array ignored{std::string_view("title"), std::string_view("run.port"),
                             std::string_view("run.threads"), std::string_view("data.path")};

bool decides(const Resolved& value) {
    return std::ranges::find(seeds, value.key) == seeds.end() &&
           std::ranges::find(ignored, value.key) == ignored.end() &&
           !value.key.starts_with("output.") && !value.key.starts_with("baselines.");
}

Values deciding_values(const Loaded& loaded) {
    Values values;
    for (const Resolved& value : loaded.values)
        if (decides(value)) values[value.key] = value.value;
    return values;
}

/// What a method's preset alone would give; nothing when the preset is gone.
Values preset_values(const std::string& method, const std::filesystem::path& presets) {
    const Environment nothing = [](const std::string&) { return std::nullopt; };
    const std::vector<Override> named{{"method.name", method}};
    try {
        return deciding_values(load({}, presets, named, nothing));
    } catch (const UsageError&) {
        return {};
    }
}

/// "sweeps" for "method.sweeps", as long as no other setting has that name.
std::string short_name(const std::string& key) {
    const settings::Setting* setting = settings::find_setting(key);
    const auto same = std::ranges::count_if(
        settings::all_settings(),
        [setting](const settings::Setting& other) { return other.name() == setting->name(); });
    return same == 1 ? std::string(setting->name()) : key;
}

struct Group {
    std::string method, size;
    std::string data_label;
    Values values;
    std::map<std::uint64_t, std::string> hashes;  // of the data, by data.seed
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> runs;  // by data.seed, run.seed
    ComparedRow row;
};

/// ", 64 bits"; ", 128 factors" of a method without codes; nothing of one that counts.
std::string size_text(const MethodSettings& method) {
    Variant variant;
    variant.learner = method.learner;
    variant.quantiser = method.quantiser;
    if (makes_codes(variant)) return fmt::format(", {} bits", method.bits);
    if (method.learner == "counts") return "";
    return fmt::format(", {} factors",
                       method.learner == "teacher" ? teacher_factors(method) : method.bits);
}

Group group_of(const RunRecord& run) {
    const Scenario& scenario = run.settings.scenario;
    return {scenario.method.name,
            size_text(scenario.method),
            run.data("label"),
            deciding_values(run.settings),
            {{scenario.data.seed, run.data("hash")}},
            {},
            {}};
}

/// Equal settings are not enough: files may have been replaced. With another data.seed the data are
/// expected to differ.
bool belong_together(const Group& group, const Group& alone) {
    const auto& [seed, hash] = *alone.hashes.begin();
    const auto same_seed = group.hashes.find(seed);
    return group.values == alone.values && group.data_label == alone.data_label &&
           (same_seed == group.hashes.end() || same_seed->second == hash);
}

std::set<std::string> keys_that_differ(const std::vector<const Group*>& groups) {
    std::set<std::string> keys;
    for (const Group* group : groups)
        for (const auto& [key, value] : group->values) {
            const auto other = groups.front()->values.find(key);
            if (other == groups.front()->values.end() || other->second != value) keys.insert(key);
        }
    return keys;
}

void label(std::vector<Group>& groups, const std::filesystem::path& presets) {
    std::vector<const Group*> all;
    std::set<std::string> data;
    for (const Group& group : groups) {
        all.push_back(&group);
        data.insert(group.row.data);
    }
    const std::set<std::string> anywhere = keys_that_differ(all);
    for (Group& group : groups) {
        std::vector<const Group*> same_method;
        for (const Group* other : all)
            if (other->method == group.method) same_method.push_back(other);
        const std::set<std::string> within = keys_that_differ(same_method);
        const Values usual = preset_values(group.method, presets);

        group.row.label = group.method + group.size;
        for (const auto& [key, value] : group.values) {
            if (key == "method.name" || key == "method.bits") continue;
            const auto preset = usual.find(key);
            const bool departs = preset != usual.end() && preset->second != value;
            if (within.contains(key) || (anywhere.contains(key) && departs))
                group.row.label += fmt::format(", {}={}", short_name(key), value);
        }
        if (data.size() > 1) group.row.label += ", " + group.data_label;
    }
    std::map<std::string, std::size_t> used;
    for (Group& group : groups)
        if (const std::size_t times = ++used[group.row.label]; times > 1)
            group.row.label += fmt::format(", other data ({})", times);
}

}  // namespace

std::vector<ComparedRow> group_runs(const std::vector<RunRecord>& runs,
                                    const std::filesystem::path& presets) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Group alone = group_of(runs[i]);
        auto found = std::ranges::find_if(
            groups, [&alone](const Group& group) { return belong_together(group, alone); });
        if (found == groups.end()) {
            groups.push_back(std::move(alone));
            found = groups.end() - 1;
        }
        const Scenario& scenario = runs[i].settings.scenario;
        found->hashes[scenario.data.seed] = runs[i].data("hash");
        const std::pair seeds_of_run(scenario.data.seed, scenario.run.seed);
        const bool is_new = found->runs.try_emplace(seeds_of_run, i).second;
        if (!is_new) found->row.repeats.push_back(i);
    }
    for (Group& group : groups) {
        for (const auto& [seeds_of_run, run] : group.runs) group.row.runs.push_back(run);
        std::set<std::string> hashes;
        for (const auto& [seed, hash] : group.hashes) hashes.insert(hash);
        group.row.data = fmt::format("{}", fmt::join(hashes, " "));
    }
    label(groups, presets);
    std::vector<ComparedRow> rows;
    for (Group& group : groups) rows.push_back(std::move(group.row));
    return rows;
}

}  // namespace fedhash::scenarios
