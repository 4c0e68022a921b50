// What a reader found in the files, before anything is filtered, split or drawn.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/data/names.hpp"
#include "scenarios/data/prepared.hpp"

namespace fedhash::scenarios {

/// The time of a row whose time cell is empty: older than all others.
constexpr double no_time = -std::numeric_limits<double>::infinity();

struct Interaction {
    std::uint32_t user = 0;
    std::uint32_t item = 0;
    double rating = 1;
    double time = no_time;
};

struct Candidate {
    std::uint32_t user = 0;
    std::uint32_t item = 0;
};

struct Dataset {
    std::string label;                 // "ml-1m: MovieLens ratings.dat"
    std::vector<std::string> columns;  // "user = userId (column 1)"
    std::vector<std::string> files;    // "ml-1m/ratings.dat: 1,000,209 rows"
    Names users;
    Names items;

    std::vector<Interaction> train;  // everything, unless a split is given
    std::vector<Interaction> valid;
    std::vector<Interaction> test;
    bool has_ratings = false;
    bool has_times = false;
    bool given_valid = false;
    bool given_test = false;
    bool held_out_raw = false;  // LightFR: held-out ratings are on another scale than training ones

    // Given candidates, in file order. A list that names no part serves every part that is held
    // out.
    std::vector<Candidate> valid_candidates;
    std::vector<Candidate> test_candidates;
    bool given_candidates = false;

    std::vector<std::string> item_titles;    // empty, or one per item
    std::vector<Attribute> user_attributes;  // values: one per user, "" where unknown
    std::vector<Attribute> item_attributes;
    std::vector<std::string> notices;
    std::optional<PlantedCodes> planted;
};

/// Renumbers users and items in the fixed order of their ids, so that equal data give equal numbers
/// whatever the order of their rows. The names are returned in that order; Dataset::users and items
/// must not be asked for numbers afterwards.
struct FixedNames {
    std::vector<std::string> users;
    std::vector<std::string> items;
};
FixedNames put_in_fixed_order(Dataset& data);

/// rows[kept[0]], rows[kept[1]], ...; `width` consecutive elements make a row. An empty table stays
/// empty.
template <class T>
std::vector<T> selected(const std::vector<T>& table, const std::vector<std::uint32_t>& kept,
                        std::size_t width = 1) {
    std::vector<T> out;
    if (table.empty()) return out;
    out.reserve(kept.size() * width);
    for (std::uint32_t row : kept)
        for (std::size_t i = 0; i < width; ++i) out.push_back(table[row * width + i]);
    return out;
}

/// Sorts rows by user, then item, and of equal pairs keeps the last: the latest if there are times,
/// else the one furthest down the file. Returns how many were dropped.
std::size_t keep_last_of_pairs(std::vector<Interaction>& rows, std::size_t users);

}  // namespace fedhash::scenarios
