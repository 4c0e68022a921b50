// The formats that can be read, one row each; and reading by the settings.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/data/dataset.hpp"
#include "scenarios/data/files.hpp"
#include "scenarios/data/settings.hpp"

namespace fedhash::scenarios {

struct Format {
    std::string_view name;
    /// The files of a data set by the format's known names, given its folder or its main file;
    /// Files::train is empty when there are none. Null: the format has no files.
    Files (*find)(const std::filesystem::path& path);
    /// Whether a file under any name, of which these are the first lines, is one of this format.
    bool (*recognises)(const std::vector<std::string>& lines);
    Dataset (*read)(const Files& files, const DataSettings& settings);
    std::string_view file_names;
    std::string_view summary;
};

/// In the order in which data.format=auto tries them.
std::span<const Format> formats();

/// Reads what the settings name. Throws UsageError or DataError. Ids are numbered as found: see
/// put_in_fixed_order.
Dataset load(const DataSettings& settings);

// The rows of the table, each with its file.
Files find_lightfr(const std::filesystem::path& path);
Dataset read_lightfr(const Files& files, const DataSettings& settings);
Files find_ncf(const std::filesystem::path& path);
Dataset read_ncf(const Files& files, const DataSettings& settings);
Files find_movielens(const std::filesystem::path& path);
bool recognises_movielens(const std::vector<std::string>& lines);
Dataset read_movielens(const Files& files, const DataSettings& settings);
Files find_recbole(const std::filesystem::path& path);
bool recognises_recbole(const std::vector<std::string>& lines);
Dataset read_recbole(const Files& files, const DataSettings& settings);
Files find_lightgcn(const std::filesystem::path& path);
bool recognises_lightgcn(const std::vector<std::string>& lines);
Dataset read_lightgcn(const Files& files, const DataSettings& settings);
Files find_delimited(const std::filesystem::path& path);
bool recognises_delimited(const std::vector<std::string>& lines);
Dataset read_delimited(const Files& files, const DataSettings& settings);
Dataset generate(const Files& none, const DataSettings& settings);

}  // namespace fedhash::scenarios
