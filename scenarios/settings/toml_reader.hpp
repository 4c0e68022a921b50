// TOML as a flat list of keys with their positions, in file order; toml++ stays behind this header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios::settings {

struct Position {
    std::uint32_t line = 0, column = 0;  // from 1
};

/// A key with its value, or a table (`is_table`), which comes before its own keys.
struct Entry {
    std::vector<std::string> path;  // {"data", "columns", "user"}
    Position key_at, value_at;
    Value value;
    bool is_table = false;
};

/// `name` is what error messages call the file. Throws UsageError with name:line:column.
std::vector<Entry> read_toml(std::string_view text, const std::string& name);

/// One TOML value by itself: 3, [5, 10], "x". Nothing when it is not TOML.
std::optional<Value> read_toml_value(std::string_view text);

}  // namespace fedhash::scenarios::settings
