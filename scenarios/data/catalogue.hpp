// Titles and attributes that come beside the interactions. They decorate reports and feed attribute
// attacks; nothing is learnt from them, so a damaged file costs a notice, not the run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/data/dataset.hpp"
#include "scenarios/data/rows.hpp"

namespace fedhash::scenarios {

struct AttributeColumn {
    std::string name;
    std::size_t column = 0;
};

/// Where the attributes of one kind of id stand in a file.
struct AttributeFile {
    std::filesystem::path path;  // empty: nothing to read
    Separator separator = Separator::comma;
    bool header = false;
    std::size_t key = 0;  // column of the id
    std::vector<AttributeColumn> columns;
};

/// One Attribute per column, values parallel to `names`; ids without interactions are skipped.
/// Empty, with a notice, when the file cannot be read; empty when it is not there.
std::vector<Attribute> read_attributes(const AttributeFile& file, const Names& names,
                                       Dataset& data);

/// The same for a file with a header: all its columns but the key are attributes. `key` is a role,
/// "user" or "item".
std::vector<Attribute> read_headed_attributes(const std::filesystem::path& path,
                                              Separator separator, std::string_view key,
                                              const Names& names, Dataset& data);

/// Takes the attribute that holds titles out of Dataset::item_attributes, if there is one.
void move_titles(Dataset& data);

}  // namespace fedhash::scenarios
