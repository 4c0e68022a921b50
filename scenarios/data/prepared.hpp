// From files (or the generator) to what a simulation deals out: users with training, validation and
// test parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/shard.hpp"
#include "scenarios/data/settings.hpp"

namespace fedhash::scenarios {

/// Ground truth of synthetic data: the codes that the generator drew from. Row-major, (bits + 63) /
/// 64 words a row, bit set = +1.
struct PlantedCodes {
    std::uint32_t bits = 0;
    std::vector<std::uint64_t> users;
    std::vector<std::uint64_t> items;
};

/// One thing known about every user or every item ("gender", "genres"); "" where unknown.
struct Attribute {
    std::string name;
    std::vector<std::string> values;
};

/// Everything about the data that a run needs. Users and items are dense; names are the ids found
/// in the files.
struct Prepared {
    std::string label;                    // "ml-1m: MovieLens ratings.dat", for reports
    std::vector<client::UserData> users;  // users[u].user == UserId{u}
    client::Ranking ranking;              // items, and how candidates are chosen
    std::vector<std::string> user_names;
    std::vector<std::string> item_names;
    std::vector<std::string> item_titles;  // empty, or one per item ("" where unknown)
    std::vector<Attribute>
        user_attributes;  // what the format carries; values are parallel to users
    std::vector<Attribute> item_attributes;  // likewise to items
    std::vector<std::uint32_t> item_counts;  // training interactions of each item
    std::string
        split_label;  // "leave-one-out, seeded random (seed 1); validation: one more per user"
    std::string candidates_label;  // "all items", "99 sampled negatives (seed 1)", "given list,
                                   // exactly as given"
    bool has_validation = false;
    std::vector<std::string>
        notices;       // what a person should know: duplicates, overridden settings, blemishes
    std::string hash;  // sha256, hex, of users (ids, parts, candidates) and catalogue size
    std::optional<PlantedCodes> planted;
};

/// Reads, filters, splits and draws candidates. Throws DataError (file:line:column, found,
/// expected) or UsageError.
Prepared prepare(const DataSettings& settings);

/// What `fedhash data info` prints: format, columns, users, items, interactions, density, Gini of
/// item popularity, rating histogram, duplicates, times. Several lines of text.
std::string describe(const DataSettings& settings);

}  // namespace fedhash::scenarios
