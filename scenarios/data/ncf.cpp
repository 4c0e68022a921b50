// NCF's split (He et al., WWW 2017): training and test rows with tabs, and a list of negatives for
// each test row. https://github.com/hexiangnan/neural_collaborative_filtering, Dataset.py
#include <fmt/format.h>

#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/table.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

Layout ncf_layout(const fs::path& file) {
    Layout layout = layout_of(file, DataSettings{});
    layout.hint = "a row is user<tab>item[<tab>rating[<tab>time]]";
    return layout;
}

}  // namespace

Files find_ncf(const fs::path& path) {
    const std::string stem = stem_before(path, ".train.rating");
    if (stem.empty()) return {};
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    const fs::path place = folder ? path : path.parent_path();
    return {folder ? first_present(place, {stem + ".train.rating"}) : path,
            first_present(place, {stem + ".valid.rating"}),
            first_present(place, {stem + ".test.rating"}),
            first_present(place, {stem + ".test.negative"})};
}

Dataset read_ncf(const Files& files, const DataSettings&) {
    Dataset data;
    data.label = "NCF " + plain_name(files.train);
    read_rows(files.train, ncf_layout(files.train), data, data.train);
    read_given_parts(files, ncf_layout, data);
    return data;
}

}  // namespace fedhash::scenarios
