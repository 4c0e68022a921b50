// Any file with one interaction a row: goodbooks, KuaiRec, HetRec, FilmTrust, Book-Crossing and
// one's own.
#include "scenarios/data/catalogue.hpp"
#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/rows.hpp"
#include "scenarios/data/table.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

Files find_delimited(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) return {};
    return {first_present(
                path, {"ratings.csv", "ratings.txt", "ratings.tsv", "user_artists.dat",
                       "user_ratedmovies-timestamps.dat", "user_ratedmovies.dat", "big_matrix.csv",
                       "small_matrix.csv", "interactions.csv", "BX-Book-Ratings.csv"}),
            {},
            {},
            {}};
}

bool recognises_delimited(const std::vector<std::string>& lines) {
    return lines[0].find_first_of("\t;,| ") != std::string::npos;
}

Dataset read_delimited(const Files& files, const DataSettings& settings) {
    Dataset data;
    data.label = plain_name(files.train);
    read_rows(files.train, layout_of(files.train, settings), data, data.train);
    read_given_parts(
        files, [&](const fs::path& file) { return layout_of(file, settings); }, data);

    const fs::path folder = files.train.parent_path();
    if (const auto commas = first_present(folder, {"movies.csv", "books.csv", "items.csv"});
        !commas.empty())
        data.item_attributes =
            read_headed_attributes(commas, Separator::comma, "item", data.items, data);
    else
        data.item_attributes =
            read_headed_attributes(first_present(folder, {"artists.dat", "movies.dat"}),
                                   Separator::tab, "item", data.items, data);
    move_titles(data);
    return data;
}

}  // namespace fedhash::scenarios
