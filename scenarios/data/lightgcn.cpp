// LightGCN's (and NGCF's) split: a line is a user and its items, separated by blanks or tabs; a
// user may have no items. https://github.com/gusye1234/LightGCN-PyTorch
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/rows.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

void read_users(const fs::path& file, Dataset& data, std::vector<Interaction>& out) {
    Rows rows(file, Separator::blanks, "");
    const std::size_t before = out.size();
    while (rows.next()) {
        const std::uint32_t user = data.users.intern(rows.id(0, "user"));
        for (std::size_t i = 1; i < rows.size(); ++i) {
            Interaction row;
            row.user = user;
            row.item = data.items.intern(rows.id(i, "item"));
            out.push_back(row);
        }
    }
    if (out.size() == before)
        throw DataError(file.string() +
                        ": expected interactions, found none; a line is a user and its items");
    data.files.push_back(fmt::format("{}: {} interactions{}", file.string(),
                                     grouped(out.size() - before),
                                     rows.lines().crlf() ? ", CR LF" : ""));
}

}  // namespace

Files find_lightgcn(const fs::path& path) {
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    if (!folder && plain_name(path) != "train.txt") return {};
    const fs::path place = folder ? path : path.parent_path();
    const Files files{folder ? first_present(place, {"train.txt"}) : path,
                      first_present(place, {"valid.txt", "val.txt", "validation.txt"}),
                      first_present(place, {"test.txt"}),
                      {}};
    return files.test.empty() ? Files{} : files;
}

bool recognises_lightgcn(const std::vector<std::string>& lines) {
    // Rows of integers, not all of one length: a table would have as many columns in each.
    std::vector<Field> fields;
    std::string scratch;
    std::vector<std::size_t> sizes;
    for (const std::string& line : lines) {
        cut(line, Separator::blanks, fields, scratch);
        if (!std::all_of(fields.begin(), fields.end(),
                         [](const Field& field) { return is_integer(field.text); }))
            return false;
        sizes.push_back(fields.size());
    }
    return std::any_of(sizes.begin(), sizes.end(),
                       [&](std::size_t size) { return size != sizes[0]; });
}

Dataset read_lightgcn(const Files& files, const DataSettings&) {
    Dataset data;
    data.label = "LightGCN " + plain_name(files.train);
    data.columns = {"a line is a user and its items"};
    read_users(files.train, data, data.train);
    data.given_valid = !files.valid.empty();
    data.given_test = !files.test.empty();
    if (data.given_valid) read_users(files.valid, data, data.valid);
    if (data.given_test) read_users(files.test, data, data.test);
    read_candidate_lists(files.candidates, data);
    return data;
}

}  // namespace fedhash::scenarios
