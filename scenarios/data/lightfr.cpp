// The split published with LightFR (Zhang et al., TOIS 2023): CSV with a header; in the validation
// and test files a row rated above 0 is a held-out item with its raw rating, a row rated 0 a
// sampled candidate. Training ratings are rescaled to 0.01..1.01, so the two scales must not be
// mixed.
#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/rows.hpp"
#include "scenarios/data/table.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

void read_held_out(const fs::path& file, const DataSettings& settings, Dataset& data,
                   std::vector<Interaction>& relevant, std::vector<Candidate>& others) {
    if (file.empty()) return;
    std::vector<Interaction> rows;
    read_rows(file, layout_of(file, settings), data, rows);
    for (const Interaction& row : rows) {
        if (row.rating > 0)
            relevant.push_back(row);
        else
            others.push_back({row.user, row.item});
    }
}

}  // namespace

Files find_lightfr(const fs::path& path) {
    const std::string stem = stem_before(path, "_train.csv");
    if (stem.empty()) return {};
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    const fs::path place = folder ? path : path.parent_path();
    const Files files{folder ? first_present(place, {stem + "_train.csv"}) : path,
                      first_present(place, {stem + "_val.csv", stem + "_valid.csv"}),
                      first_present(place, {stem + "_test.csv"}),
                      {}};
    return files.test.empty() ? Files{} : files;
}

Dataset read_lightfr(const Files& files, const DataSettings& settings) {
    Dataset data;
    data.label = "LightFR " + plain_name(files.train);
    read_rows(files.train, layout_of(files.train, settings), data, data.train);
    data.given_valid = !files.valid.empty();
    data.given_test = !files.test.empty();
    data.held_out_raw = true;
    read_held_out(files.valid, settings, data, data.valid, data.valid_candidates);
    read_held_out(files.test, settings, data, data.test, data.test_candidates);
    data.given_candidates = !data.test_candidates.empty();
    read_candidate_lists(files.candidates, data);
    return data;
}

}  // namespace fedhash::scenarios
