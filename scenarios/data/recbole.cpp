// RecBole's atomic files: tab-separated, a header of name:type.
// https://recbole.io/docs/user_guide/data/atomic_files.html
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/data/catalogue.hpp"
#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/lines.hpp"
#include "scenarios/data/table.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

constexpr std::array types{"token", "token_seq", "float", "float_seq"};

Layout recbole_layout(const fs::path& file, const DataSettings& settings) {
    Layout layout;
    layout.separator = Separator::tab;
    layout.hint =
        "the first line of a RecBole file names its columns, as in user_id:token<tab>item_id:token";
    Rows rows(file, layout.separator, layout.hint);
    if (!rows.next())
        throw DataError(file.string() + ": expected interactions, found an empty file");
    std::vector<std::string> names, sample;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string_view cell = rows[i];
        const auto colon = cell.rfind(':');
        const std::string_view type = colon == std::string_view::npos ? "" : cell.substr(colon + 1);
        if (std::find(types.begin(), types.end(), type) == types.end())
            rows.fail(
                i,
                fmt::format(
                    "expected a column as name:type, found {}; types are token, token_seq, float, "
                    "float_seq",
                    in_quotes(cell)));
        names.emplace_back(cell.substr(0, colon));
    }
    if (rows.next())
        for (std::size_t i = 0; i < rows.size(); ++i) sample.emplace_back(rows[i]);
    assign_columns(layout, names, sample, settings.columns, file.string());
    layout.least_columns = layout.most_columns = names.size();
    return layout;
}

/// "x" of x.inter, also of x.train.inter.
std::string set_name(const fs::path& inter) {
    std::string name = plain_name(inter);
    for (std::string_view ending : {".inter", ".train"})
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name;
}

}  // namespace

Files find_recbole(const fs::path& path) {
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    const fs::path place = folder ? path : path.parent_path();
    if (const std::string stem = stem_before(path, ".train.inter"); !stem.empty())
        return {first_present(place, {stem + ".train.inter"}),
                first_present(place, {stem + ".valid.inter"}),
                first_present(place, {stem + ".test.inter"}),
                {}};
    if (const std::string stem = stem_before(path, ".inter"); !stem.empty())
        return {folder ? first_present(place, {stem + ".inter"}) : path, {}, {}, {}};
    return {};
}

bool recognises_recbole(const std::vector<std::string>& lines) {
    return lines[0].find(":token\t") != std::string::npos;
}

Dataset read_recbole(const Files& files, const DataSettings& settings) {
    Dataset data;
    data.label = "RecBole " + plain_name(files.train);
    const auto layout = [&](const fs::path& file) { return recbole_layout(file, settings); };
    read_rows(files.train, layout(files.train), data, data.train);
    read_given_parts(files, layout, data);
    const fs::path folder = files.train.parent_path();
    const std::string stem = set_name(files.train);
    data.item_attributes = read_headed_attributes(first_present(folder, {stem + ".item"}),
                                                  Separator::tab, "item", data.items, data);
    data.user_attributes = read_headed_attributes(first_present(folder, {stem + ".user"}),
                                                  Separator::tab, "user", data.users, data);
    move_titles(data);
    return data;
}

}  // namespace fedhash::scenarios
