// Parts and candidates that come in files of their own.
#pragma once

#include <filesystem>
#include <functional>

#include "scenarios/data/dataset.hpp"
#include "scenarios/data/files.hpp"
#include "scenarios/data/table.hpp"

namespace fedhash::scenarios {

/// Reads the validation and test files that are there as tables, and the candidate lists.
void read_given_parts(const Files& files,
                      const std::function<Layout(const std::filesystem::path&)>& layout,
                      Dataset& data);

/// Reads candidate lists, replacing those found so far; nothing for an empty path. A line is a user
/// and items, separated by tabs, blanks or commas; a user may have several lines. In NCF's form the
/// first field is (user,item), the item being the held-out one that the line was drawn for: lines
/// whose item is not held out for that user are counted in a notice.
void read_candidate_lists(const std::filesystem::path& file, Dataset& data);

}  // namespace fedhash::scenarios
