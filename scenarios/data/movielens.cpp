// MovieLens and what imitates it: ratings.dat (user::item::rating[::time], MovieTweetings too),
// u.data (the same with tabs) and the ratings.csv of 20M and later.
// https://grouplens.org/datasets/movielens/
#include "scenarios/data/catalogue.hpp"
#include "scenarios/data/formats.hpp"
#include "scenarios/data/given.hpp"
#include "scenarios/data/lines.hpp"
#include "scenarios/data/table.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {

namespace fs = std::filesystem;

namespace {

bool headed_by_movie_id(const std::vector<std::string>& lines) {
    const std::string folded_line = lines.empty() ? "" : folded(lines[0]);
    return folded_line.starts_with("userid,movieid,rating");
}

Layout movielens_layout(const fs::path& file) {
    const auto lines = first_lines(file, 1);
    if (lines.empty())
        throw DataError(file.string() + ": expected interactions, found an empty file");
    if (headed_by_movie_id(lines)) {
        DataSettings csv;
        csv.separator = ",";
        csv.header = "yes";
        return layout_of(file, csv);
    }
    Layout layout;
    const bool colons = lines[0].find("::") != std::string::npos;
    layout.separator = colons ? Separator::colons : Separator::tab;
    layout.rating = 2;
    layout.least_columns = 3;
    layout.most_columns = 4;
    layout.hint = colons ? "a row is user::item::rating[::time]"
                         : "a row is user::item::rating[::time], or the same with tabs";
    // Without the fourth column in the first row the file has no times; with it, every row must
    // have one.
    Rows first(file, layout.separator, layout.hint);
    first.next();
    first.expect_columns(3, 4);
    if (first.size() == 4) {
        layout.time = 3;
        layout.least_columns = 4;
    }
    return layout;
}

/// u.item: 5 columns of facts, then a 0/1 flag per genre, in the order of u.genre.
Attribute genres_of_flags(const fs::path& file, const Names& items, Dataset& data) {
    static constexpr std::string_view genres[] = {
        "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
        "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
        "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};
    AttributeFile flags{file, Separator::bar, false, 0, {}};
    for (std::size_t g = 0; g < std::size(genres); ++g)
        flags.columns.push_back({std::string(genres[g]), 5 + g});
    Attribute out{"genres", std::vector<std::string>(items.size())};
    const auto files_before = data.files.size();
    for (const Attribute& flag : read_attributes(flags, items, data))
        for (std::size_t i = 0; i < items.size(); ++i)
            if (flag.values[i] == "1")
                out.values[i] += (out.values[i].empty() ? "" : "|") + flag.name;
    data.files.resize(files_before);  // noted once, with the titles
    return out;
}

void read_catalogue(const fs::path& folder, Dataset& data) {
    const Names &users = data.users, &items = data.items;
    if (const auto file = first_present(folder, {"movies.dat"}); !file.empty()) {
        data.item_attributes = read_attributes(
            {file, Separator::colons, false, 0, {{"title", 1}, {"genres", 2}}}, items, data);
    } else if (const auto flags = first_present(folder, {"u.item"}); !flags.empty()) {
        data.item_attributes = read_attributes(
            {flags, Separator::bar, false, 0, {{"title", 1}, {"release date", 2}}}, items, data);
        data.item_attributes.push_back(genres_of_flags(flags, items, data));
    } else {
        data.item_attributes = read_headed_attributes(first_present(folder, {"movies.csv"}),
                                                      Separator::comma, "item", items, data);
    }
    move_titles(data);

    if (const auto file = first_present(folder, {"users.dat"}); !file.empty()) {
        const auto lines = first_lines(file, 1);
        // MovieTweetings' users.dat has two columns, the second an account name: not for us.
        if (!lines.empty() && lines[0].find("::") != lines[0].rfind("::"))
            data.user_attributes =
                read_attributes({file,
                                 Separator::colons,
                                 false,
                                 0,
                                 {{"gender", 1}, {"age", 2}, {"occupation", 3}, {"zip code", 4}}},
                                users, data);
    } else {
        data.user_attributes =
            read_attributes({first_present(folder, {"u.user"}),
                             Separator::bar,
                             false,
                             0,
                             {{"age", 1}, {"gender", 2}, {"occupation", 3}, {"zip code", 4}}},
                            users, data);
    }
}

}  // namespace

Files find_movielens(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
        const std::string name = plain_name(path);
        return {name == "ratings.dat" || name == "ratings-notime.dat" || name == "u.data"
                    ? path
                    : fs::path(),
                {},
                {},
                {}};
    }
    fs::path file = first_present(path, {"ratings.dat", "ratings-notime.dat", "u.data"});
    if (file.empty()) {
        file = first_present(path, {"ratings.csv"});
        if (!file.empty() && !headed_by_movie_id(first_lines(file, 1))) file.clear();
    }
    return {file, {}, {}, {}};
}

bool recognises_movielens(const std::vector<std::string>& lines) {
    return headed_by_movie_id(lines) || lines[0].find("::") != std::string::npos;
}

Dataset read_movielens(const Files& files, const DataSettings&) {
    Dataset data;
    data.label = "MovieLens " + plain_name(files.train);
    read_rows(files.train, movielens_layout(files.train), data, data.train);
    read_given_parts(files, movielens_layout, data);
    read_catalogue(files.train.parent_path(), data);
    return data;
}

}  // namespace fedhash::scenarios
