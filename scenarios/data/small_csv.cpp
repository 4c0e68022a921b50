#include "scenarios/data/small_csv.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fedhash::scenarios {

std::vector<std::string> cells_of(std::string_view text, char separator) {
    std::vector<std::string> cells;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        cells.emplace_back(trimmed(text.substr(start, end - start)));
        start = end + 1;
    }
    return cells;
}

SmallCsv::SmallCsv(const std::string& file, std::vector<std::string> needed,
                   const std::optional<std::vector<std::string>>& also)
    : lines_(file) {
    if (!lines_.next()) throw DataError(file + ": empty; expected a row of column names");
    columns_ = cells_of(lines_.text(), ',');
    std::vector<std::string> allowed = needed;
    if (also) allowed.insert(allowed.end(), also->begin(), also->end());
    for (const std::string& column : columns_)
        if (also && std::ranges::find(allowed, column) == allowed.end())
            throw fault(fmt::format("unknown column {}; there is {}", in_quotes(column),
                                    fmt::join(allowed, ", ")));
    for (auto column = columns_.begin(); column != columns_.end(); ++column)
        if (std::find(std::next(column), columns_.end(), *column) != columns_.end())
            throw fault(fmt::format("column {} is there twice", in_quotes(*column)));
    for (const std::string& column : needed)
        if (!has(column))
            throw fault(fmt::format("no column {}; expected {}", column, fmt::join(allowed, ",")));
}

bool SmallCsv::next() {
    if (!lines_.next()) return false;
    cells_ = cells_of(lines_.text(), ',');
    if (cells_.size() != columns_.size())
        throw fault(fmt::format("{} cells under {} columns", cells_.size(), columns_.size()));
    return true;
}

bool SmallCsv::has(const std::string& column) const {
    return std::ranges::find(columns_, column) != columns_.end();
}

std::size_t SmallCsv::place_of(const std::string& column) const {
    return static_cast<std::size_t>(std::ranges::find(columns_, column) - columns_.begin());
}

const std::string& SmallCsv::text(const std::string& column) const {
    return cells_[place_of(column)];
}

double SmallCsv::number(const std::string& column, double low, double high,
                        double otherwise) const {
    if (!has(column)) return otherwise;
    const auto value = parse_number(text(column));
    if (!value || *value < low || *value > high)
        throw fault(fmt::format("{}: expected a number from {} to {}, found {}", column, low, high,
                                in_quotes(text(column))),
                    column);
    return *value;
}

DataError SmallCsv::fault(const std::string& message, const std::string& column) const {
    std::size_t cell = place_of(column), at = 0;
    for (; cell > 0; --cell) at = lines_.text().find(',', at) + 1;
    at = std::min(lines_.text().find_first_not_of(" \t", at), lines_.text().size());
    return error_at(lines_.file(), lines_.number(), at + 1, message);
}

DataError SmallCsv::fault(const std::string& message) const {
    return error_at(lines_.file(), lines_.number(), 1, message);
}

}  // namespace fedhash::scenarios
