#include "scenarios/data/formats.hpp"

#include <fmt/format.h>

#include <array>

#include "scenarios/data/lines.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

bool by_name_only(const std::vector<std::string>&) { return false; }

// Published splits before bare ratings: a folder may hold both, and a split is what one would want
// to compare with.
constexpr std::array table{
    Format{"lightfr", find_lightfr, by_name_only, read_lightfr,
           "*_train.csv, *_val.csv, *_test.csv",
           "LightFR's split: held-out rows rated 0 are the candidates"},
    Format{"ncf", find_ncf, by_name_only, read_ncf,
           "*.train.rating, *.test.rating, *.test.negative",
           "NCF's leave-one-out split with 99 listed negatives"},
    Format{"movielens", find_movielens, recognises_movielens, read_movielens,
           "ratings.dat, ratings-notime.dat, u.data, ratings.csv (with a movieId column)",
           "MovieLens and MovieTweetings, with titles and attributes"},
    Format{"recbole", find_recbole, recognises_recbole, read_recbole, "*.inter, *.train.inter",
           "RecBole atomic files, with .item and .user"},
    Format{"lightgcn", find_lightgcn, recognises_lightgcn, read_lightgcn,
           "train.txt, test.txt, valid.txt", "LightGCN's split: a line is a user and its items"},
    Format{"delimited", find_delimited, recognises_delimited, read_delimited,
           "ratings.csv, ratings.txt, ratings.tsv, user_artists.dat, user_ratedmovies*.dat, "
           "big_matrix.csv, "
           "small_matrix.csv, interactions.csv, BX-Book-Ratings.csv",
           "one interaction a row; data.columns, data.separator and data.header say how"},
    Format{"synthetic", nullptr, by_name_only, generate, "none",
           "generated from planted codes (data.synthetic)"},
};

std::string known_formats() {
    std::string out = "auto";
    for (const Format& format : table) out += fmt::format(", {}", format.name);
    return out;
}

const Format& format_named(const std::string& name) {
    for (const Format& format : table)
        if (format.name == name) return format;
    throw UsageError(
        fmt::format("data.format: unknown value {}; known: {}", in_quotes(name), known_formats()));
}

[[noreturn]] void fail_not_found(const fs::path& folder, std::span<const Format> tried) {
    std::string names;
    for (const Format& format : tried)
        if (format.find != nullptr)
            names += fmt::format("; {}: {}", format.name, format.file_names);
    throw DataError(fmt::format(
        "{}: expected a data set, found none of these files (plain or .gz){}; data.train=FILE "
        "names another file",
        folder.string(), names));
}

const Format& detect(const fs::path& path, bool is_folder) {
    for (const Format& format : table)
        if (format.find != nullptr && !format.find(path).train.empty()) return format;
    if (is_folder) fail_not_found(path, table);
    const auto lines = first_lines(path, 5);
    if (lines.empty())
        throw DataError(path.string() + ": expected interactions, found an empty file");
    for (const Format& format : table)
        if (format.recognises(lines)) return format;
    throw error_at(path.string(), 1, 1,
                   fmt::format("expected a known format, found {}; data.format names it: {}",
                               in_quotes(lines[0]), known_formats()));
}

/// The files of the format's known names, then those that the settings name instead.
Files choose_files(const Format& format, const fs::path& main, bool is_folder, const fs::path& base,
                   const DataSettings& settings) {
    Files files;
    if (!settings.train.empty()) {
        files.train =
            main;  // not the siblings: a published test part belongs to its own training part
    } else {
        files = format.find(main);
        if (files.train.empty() && is_folder) fail_not_found(main, std::span(&format, 1));
        if (files.train.empty()) files.train = main;
    }
    if (!settings.valid.empty()) files.valid = plain_or_gz(base / settings.valid);
    if (!settings.test.empty()) {
        files.test = plain_or_gz(base / settings.test);
        files.candidates.clear();
    }
    if (!settings.candidates.empty()) files.candidates = plain_or_gz(base / settings.candidates);
    if (!files.valid.empty() && files.test.empty())
        throw UsageError(
            "data.valid: a given validation file needs a given test file; set data.test");
    if (!files.candidates.empty() && files.test.empty())
        throw UsageError(
            "data.candidates: given candidates need the test file they belong to; set data.test");
    return files;
}

}  // namespace

std::span<const Format> formats() { return table; }

Dataset load(const DataSettings& settings) {
    const Format* named = settings.format == "auto" ? nullptr : &format_named(settings.format);
    if (named != nullptr && named->find == nullptr) return named->read({}, settings);

    if (settings.path.empty() && settings.train.empty())
        throw UsageError(
            "data.path: expected a folder or a file, found nothing; or set data.format=synthetic");
    std::error_code ignored;
    const fs::path path = plain_or_gz(settings.path.empty() ? "." : settings.path);
    if (!fs::exists(path, ignored))
        throw DataError(fmt::format("{}: no such file or folder; data.path says where the data are",
                                    path.string()));
    const bool path_is_folder = fs::is_directory(path, ignored);
    const fs::path base = path_is_folder ? path : path.parent_path();
    const fs::path main = settings.train.empty() ? path : plain_or_gz(base / settings.train);
    const bool is_folder = settings.train.empty() && path_is_folder;

    const Format& format = named != nullptr ? *named : detect(main, is_folder);
    Dataset data = format.read(choose_files(format, main, is_folder, base, settings), settings);
    fs::path shown = path.lexically_normal();
    if (!shown.has_filename()) shown = shown.parent_path();
    data.label = fmt::format(
        "{}: {}", path_is_folder ? shown.filename().string() : plain_name(shown), data.label);
    return data;
}

}  // namespace fedhash::scenarios
