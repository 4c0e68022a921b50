// The table of settings: one row each, with the key, the place in Scenario (whose initialiser is
// the default), what is allowed, the unit and the help. Everything that reads, checks, prints or
// explains settings walks this table.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/settings/scenario.hpp"

namespace fedhash::scenarios::settings {

struct Whole {
    std::int64_t low, high;
    std::string_view word = {};  // stands for 0, which is not in the range: run.clients = "users"
};
/// The largest whole number of TOML: a range up to it is told as "or more".
inline constexpr std::int64_t largest_whole = std::numeric_limits<std::int64_t>::max();
struct Real {
    double low, high;
    bool above_low = false, below_high = false;  // bounds that are not allowed themselves
};
struct Flag {};
struct Choice {
    std::vector<std::string_view> names;
};
struct Text {
    bool number_too = false;  // 3 is read as "3"
};
struct Cutoffs {
    std::int64_t low, high;
    std::size_t most;
};
using Allowed = std::variant<Whole, Real, Flag, Choice, Text, Cutoffs>;

using Field = std::variant<bool*, std::uint16_t*, std::uint32_t*, std::uint64_t*, double*,
                           std::string*, std::vector<std::uint32_t>*>;

struct Setting {
    std::string_view key;  // "data.columns.user"
    Field (*field)(Scenario&);
    Allowed allowed;
    std::string_view unit;
    std::string_view help;
    bool* (*chosen)(Scenario&) = nullptr;  // set when somebody chose a value, even the default one

    std::string_view section() const;  // "data.columns"; "" for the title
    std::string_view name() const;     // "user"
};

/// In the order of help and of config.toml: by section, title first.
std::span<const Setting> all_settings();

/// nullptr when there is none.
const Setting* find_setting(std::string_view key);

/// "run", "method", "data", "data.columns", ... in table order.
std::vector<std::string> sections();

/// Names of the settings of one section, in table order.
std::vector<std::string> names_in(std::string_view section);

}  // namespace fedhash::scenarios::settings
