#include "scenarios/data/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "scenarios/data/table.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

std::vector<Attribute> read_all(const AttributeFile& file, const Names& names) {
    std::vector<Attribute> out;
    for (const AttributeColumn& column : file.columns)
        out.push_back({column.name, std::vector<std::string>(names.size())});
    Rows rows(file.path, file.separator, "");
    for (bool header = file.header; rows.next();) {
        if (std::exchange(header, false) || rows.size() <= file.key) continue;
        const auto number = names.find(rows[file.key]);
        if (!number) continue;
        for (std::size_t c = 0; c < file.columns.size(); ++c)
            if (file.columns[c].column < rows.size())
                out[c].values[*number] = to_utf8(rows[file.columns[c].column]);
    }
    return out;
}

}  // namespace

std::vector<Attribute> read_attributes(const AttributeFile& file, const Names& names,
                                       Dataset& data) {
    if (file.path.empty()) return {};
    try {
        auto out = read_all(file, names);
        data.files.push_back(file.path.string());
        return out;
    } catch (const DataError& error) {
        data.notices.push_back(fmt::format("titles and attributes left out: {}", error.what()));
        return {};
    }
}

std::vector<Attribute> read_headed_attributes(const std::filesystem::path& path,
                                              Separator separator, std::string_view key,
                                              const Names& names, Dataset& data) {
    if (path.empty()) return {};
    AttributeFile file{path, separator, true, 0, {}};
    std::optional<std::size_t> key_column;
    try {
        Rows rows(path, separator, "");
        if (!rows.next()) return {};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::string name(rows[i].substr(0, rows[i].find(':')));  // RecBole's type suffix
            const auto& known = known_columns(key);
            const bool is_key =
                std::find(known.begin(), known.end(), folded(name)) != known.end() ||
                folded(name) == "id";
            if (is_key && !key_column)
                key_column = i;
            else
                file.columns.push_back({to_utf8(name), i});
        }
    } catch (const DataError& error) {
        data.notices.push_back(fmt::format("titles and attributes left out: {}", error.what()));
        return {};
    }
    if (!key_column) {
        data.notices.push_back(fmt::format(
            "titles and attributes left out: {}: no column of {} ids", path.string(), key));
        return {};
    }
    file.key = *key_column;
    return read_attributes(file, names, data);
}

void move_titles(Dataset& data) {
    for (const std::string_view wanted :
         {"title", "movietitle", "booktitle", "name", "artistname", "originaltitle"}) {
        const auto found = std::find_if(
            data.item_attributes.begin(), data.item_attributes.end(),
            [&](const Attribute& attribute) { return folded(attribute.name) == wanted; });
        if (found == data.item_attributes.end()) continue;
        data.item_titles = std::move(found->values);
        data.item_attributes.erase(found);
        return;
    }
}

}  // namespace fedhash::scenarios
