#include "scenarios/settings/table.hpp"

#include <doctest/doctest.h>

#include <set>

#include "scenarios/settings/value.hpp"
#include "tests/scenarios/settings/scratch.hpp"

using namespace fedhash::scenarios;
using namespace fedhash::scenarios::settings;

TEST_CASE("every row has its own key, its own place and a help line") {
    std::set<std::string_view> keys;
    std::set<std::string> variables;
    std::set<const void*> places;
    Scenario scenario;
    for (const Setting& setting : all_settings()) {
        CAPTURE(setting.key);
        CHECK(keys.insert(setting.key).second);
        CHECK(variables.insert(environment_name(setting.key)).second);
        const void* place =
            std::visit([](auto* field) -> const void* { return field; }, setting.field(scenario));
        CHECK(places.insert(place).second);
        CHECK_FALSE(setting.help.empty());
    }
}

TEST_CASE("every default is allowed by its own row and comes back unchanged") {
    const Scenario defaults;
    for (const Setting& setting : all_settings()) {
        CAPTURE(setting.key);
        const std::string text = value_text(setting, defaults);
        const Loaded loaded = load_with({}, {{std::string(setting.key), text}});
        CHECK(value_text(setting, loaded.scenario) == text);
        CHECK(origin(loaded, std::string(setting.key)) == "command line");
    }
}

TEST_CASE("rows of a section stand together") {
    std::set<std::string> seen;
    for (const std::string& section : sections()) {
        CAPTURE(section);
        CHECK(seen.insert(section).second);
        CHECK_FALSE(names_in(section).empty());
    }
}

TEST_CASE("every number is refused just outside its range and taken at its ends") {
    for (const Setting& setting : all_settings()) {
        const auto* whole = std::get_if<Whole>(&setting.allowed);
        if (!whole) continue;
        CAPTURE(setting.key);
        const std::string key(setting.key);
        CHECK(refusal_of({key, std::to_string(whole->low)}) == "accepted");
        CHECK(refusal_of({key, std::to_string(whole->high)}) == "accepted");
        CHECK(refusal_of({key, std::to_string(whole->low - 1)}) != "accepted");
        if (whole->high < std::numeric_limits<std::int64_t>::max())
            CHECK(refusal_of({key, std::to_string(whole->high + 1)}) != "accepted");
        CHECK(refusal_of({key, "1.0"}) != "accepted");
    }
}

TEST_CASE("an open bound is refused, a closed one taken") {
    CHECK(refusal_of({"run.participation", "0"}) ==
          "command line: run.participation: expected a number above 0 and at most 1, found 0");
    CHECK(refusal_of({"run.participation", "1"}) == "accepted");
    CHECK(refusal_of({"method.memory", "0"}) == "accepted");
    CHECK(refusal_of({"run.participation", "0"}) ==
          "command line: run.participation: expected a number above 0 and at most 1, found 0");
    CHECK(refusal_of({"run.participation", "nan"}) ==
          "command line: run.participation: expected a number above 0 and at most 1, found nan");
    CHECK(
        refusal_of({"data.threshold", "inf"}) ==
        "command line: data.threshold: expected a number between -1000000 and 1000000, found inf");
}

TEST_CASE("text is quoted so that TOML reads it back") {
    CHECK(toml_string("a\"b\\c\td\n\x01") == "\"a\\\"b\\\\c\\td\\n\\u0001\"");
    const std::string odd = "tab\t quote\" back\\ line\n bell\x07 ü 値 #'";
    CHECK(load_with({}, {{"title", toml_string(odd)}}).scenario.title == odd);
}
