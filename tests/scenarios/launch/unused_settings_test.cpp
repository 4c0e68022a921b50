// Numbers that a method does not read: what is told to change nothing changes nothing.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/errors.hpp"
#include "scenarios/launch/unused.hpp"
#include "scenarios/settings/table.hpp"
#include "scenarios/settings/value.hpp"
#include "tests/scenarios/launch/small_run.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

const std::filesystem::path presets = std::filesystem::path(FEDHASH_SCENARIOS) / "methods";

std::vector<std::string> preset_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(presets))
        names.push_back(entry.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

scenarios::Loaded loaded(const std::string& preset, std::vector<scenarios::Override> changes) {
    changes.insert(changes.begin(), {"method.name", preset});
    return scenarios::load({}, presets, changes, [](const std::string&) { return std::nullopt; });
}

std::vector<std::string> unused_of(const std::string& preset) {
    return scenarios::unused_settings(scenarios::variant_of(with_preset(preset), 1, 1));
}

/// Another value that the table allows.
std::string other_value(const std::string& key, const scenarios::Scenario& scenario) {
    const scenarios::settings::Setting& setting = *scenarios::settings::find_setting(key);
    const std::string now = scenarios::settings::value_text(setting, scenario);
    if (now == "true") return "false";
    if (now == "false") return "true";
    if (const auto* choice = std::get_if<scenarios::settings::Choice>(&setting.allowed)) {
        for (const auto name : choice->names)
            if (now.find(name) == std::string::npos) return std::string(name);
    }
    if (key == "method.mix") return now.find("bpr") == std::string::npos ? "bpr:1" : "square:1";
    if (key == "method.relaxation") return now == "1.0" ? "0.5" : "1.0";
    if (key == "method.reluctance") return now == "1.0" ? "1.5" : "1.0";
    return now == "2" || now == "2.0" ? "4" : "2";
}

}  // namespace

TEST_CASE("a preset sets nothing that its pieces do not read") {
    const scenarios::Scenario defaults;
    for (const std::string& name : preset_names()) {
        CAPTURE(name);
        const scenarios::Scenario scenario = with_preset(name);
        for (const std::string& key : unused_of(name)) {
            CAPTURE(key);
            const scenarios::settings::Setting& setting = *scenarios::settings::find_setting(key);
            CHECK(scenarios::settings::value_text(setting, scenario) ==
                  scenarios::settings::value_text(setting, defaults));
        }
    }
}

TEST_CASE("a setting that is told to change nothing changes neither scores nor bytes") {
    const scenarios::Prepared data = generated(24, 40);
    const std::vector<scenarios::Override> small{
        {"run.rounds", "8"}, {"method.bits", "16"}, {"run.clients", "2"}};
    std::size_t settings = 0;
    for (const std::string& name : preset_names()) {
        CAPTURE(name);
        std::vector<scenarios::Override> changes = small;
        const bool quantises = name.starts_with("ials-");
        if (quantises) changes.push_back({"method.teacher.factors", "16"});
        const scenarios::Scenario plain = with_preset(name, changes);
        const nlohmann::json before = run_here(plain, data);
        for (const std::string& key : unused_of(name)) {
            if (FEDHASH_SANITIZED && settings++ % 24 != 0) continue;
            const std::string value = other_value(key, plain);
            CAPTURE(key);
            CAPTURE(value);
            std::vector<scenarios::Override> changed = changes;
            changed.push_back({key, value});
            const nlohmann::json after = run_here(with_preset(name, changed), data);
            for (const std::string part : {"/metrics", "/validation", "/bytes/up", "/bytes/down"}) {
                CAPTURE(part);
                const nlohmann::json::json_pointer at(part);
                const bool same = before.at(at) == after.at(at);  // not two pages of figures
                CHECK(same);
            }
        }
    }
}

TEST_CASE("who sets what nobody reads is told, presets and defaults apart") {
    const auto notices = [](std::vector<scenarios::Override> changes) {
        const scenarios::Loaded scenario = loaded("dcd-plus", std::move(changes));
        return scenarios::unused_notices(scenario, scenarios::variant_of(scenario.scenario, 1, 1));
    };
    CHECK(notices({}).empty());
    CHECK(notices({{"method.box_interaction", "0.5"}}).empty());
    CHECK(notices({{"method.weight", "8"}}).empty());  // the default
    const std::vector<std::string> told =
        notices({{"method.weight", "3"}, {"method.teacher.ridge", "0.5"}});
    REQUIRE(told.size() == 2);
    CHECK(told[0] == "method.weight=3 changes nothing: no piece of dcd-plus reads it");
    CHECK(told[1].find("method.teacher.ridge=0.5") == 0);
}
