// Files with one interaction a row: which column is what, and reading them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/data/dataset.hpp"
#include "scenarios/data/rows.hpp"
#include "scenarios/data/settings.hpp"

namespace fedhash::scenarios {

/// Columns count from 0 here, from 1 in settings and messages.
struct Layout {
    Separator separator = Separator::comma;
    bool header = false;
    std::size_t user = 0;
    std::size_t item = 1;
    std::optional<std::size_t> rating;
    std::optional<std::size_t> time;
    std::vector<std::string> names;  // of the header; empty without one
    std::size_t least_columns = 2;
    std::size_t most_columns = std::numeric_limits<std::size_t>::max();
    std::string hint;
};

/// The well-known names of a role's column ("user", "item", "rating", "time"), folded, likeliest
/// first.
const std::vector<std::string_view>& known_columns(std::string_view role);

/// Works out a delimited file's layout from the settings, its header and its first rows. Throws
/// UsageError for a column that is not there, DataError where nothing can be told.
Layout layout_of(const std::filesystem::path& file, const DataSettings& settings);

/// Fills in the four roles from a header: the columns the settings name, then the well-known names.
/// `header` has no type suffixes; `sample` is the first row, to tell a numeric time from a date in
/// words.
void assign_columns(Layout& layout, const std::vector<std::string>& header,
                    const std::vector<std::string>& sample, const ColumnSettings& settings,
                    const std::string& file);

/// Appends the rows of a file; notes the file, and the columns once. Throws DataError when there is
/// none.
void read_rows(const std::filesystem::path& file, const Layout& layout, Dataset& data,
               std::vector<Interaction>& rows);

}  // namespace fedhash::scenarios
