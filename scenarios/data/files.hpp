// Finding the files of a data set by their known names, each plain or with .gz behind.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace fedhash::scenarios {

/// What a data set consists of; an empty path is a part that is not there.
struct Files {
    std::filesystem::path train;  // or all interactions
    std::filesystem::path valid;
    std::filesystem::path test;
    std::filesystem::path candidates;
};

/// The first of `names` that the folder has, plain before .gz; empty when it has none.
std::filesystem::path first_present(const std::filesystem::path& folder,
                                    std::initializer_list<std::string_view> names);

/// The path, or the path with .gz behind when only that exists.
std::filesystem::path plain_or_gz(const std::filesystem::path& path);

/// The names of a folder's files, without .gz, sorted.
std::vector<std::string> file_names(const std::filesystem::path& folder);

/// The file's name without .gz.
std::string plain_name(const std::filesystem::path& file);

/// "ml-1m" of ml-1m.train.rating: what stands before `suffix` in the one file of the folder that
/// ends in it (or in the given file itself). Empty when there is none; throws UsageError when a
/// folder holds several, naming them.
std::string stem_before(const std::filesystem::path& path, std::string_view suffix);

}  // namespace fedhash::scenarios
