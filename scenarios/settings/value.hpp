// A value as somebody wrote it, before it is checked against a row of the table; and the way back,
// from Scenario to text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/settings/table.hpp"

namespace fedhash::scenarios::settings {

struct Value;
using List = std::vector<Value>;
struct Other {
    std::string name;  // "a table", "a date": nothing that a setting can be
};
struct Value {
    std::variant<bool, std::int64_t, double, std::string, List, Other> held;
};

/// "the string "ten"", "12", "a list": for "expected ..., found ...".
std::string found(const Value& value);

/// "a whole number between 1 and 100000": for "expected ...".
std::string expected(const Setting& setting);

/// "1 to 100000": the same for the help text.
std::string allowed_text(const Setting& setting);

/// Checks and stores. Throws UsageError, which begins with `where`.
void assign(const Setting& setting, const Value& value, Scenario& scenario,
            const std::string& where);

/// The current value as TOML.
std::string value_text(const Setting& setting, const Scenario& scenario);

/// A TOML basic string.
std::string toml_string(std::string_view text);

std::string joined(const std::vector<std::string>& parts, std::string_view between);

}  // namespace fedhash::scenarios::settings
