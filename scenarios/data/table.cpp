#include "scenarios/data/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

using Cells = std::vector<std::string>;

Cells cells_of(const std::string& line, Separator separator) {
    std::vector<Field> fields;
    std::string scratch;
    cut(line, separator, fields, scratch);
    Cells out;
    for (const Field& field : fields) out.emplace_back(field.text);
    return out;
}

/// The first separator, likeliest to be meant first, that cuts all lines into the same number of
/// columns, two or more. When there is none, half of the lines will do: then the error to give is
/// about the row that is amiss.
Separator guess_separator(const std::filesystem::path& file,
                          const std::vector<std::string>& lines) {
    for (const std::size_t enough : {lines.size(), (lines.size() + 1) / 2})
        for (Separator separator : {Separator::colons, Separator::tab, Separator::semicolon,
                                    Separator::comma, Separator::bar, Separator::blanks}) {
            const std::size_t columns = cells_of(lines[0], separator).size();
            const auto alike =
                std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
                    return cells_of(line, separator).size() == columns;
                });
            if (columns >= 2 && static_cast<std::size_t>(alike) >= enough) return separator;
        }
    throw error_at(
        file.string(), 1, 1,
        fmt::format(
            "expected rows of equally many columns, two or more, found {}; data.separator says "
            "what stands between them",
            in_quotes(lines[0])));
}

bool is_known(const std::string& cell, std::string_view role) {
    const auto& known = known_columns(role);
    return std::find(known.begin(), known.end(), folded(cell)) != known.end();
}

bool guess_header(const std::vector<Cells>& rows) {
    const auto numeric = [](const std::string& cell) { return parse_number(cell).has_value(); };
    for (const std::string& cell : rows[0])
        if (is_known(cell, "user") || is_known(cell, "item")) return true;
    return rows.size() > 1 && std::none_of(rows[0].begin(), rows[0].end(), numeric) &&
           std::any_of(rows[1].begin(), rows[1].end(), numeric);
}

/// A column that the settings give by name or by number.
std::size_t named_column(const std::string& wanted, std::string_view role, const Cells& header,
                         std::size_t columns, const std::string& file) {
    for (std::size_t i = 0; i < header.size(); ++i)
        if (header[i] == wanted) return i;
    for (std::size_t i = 0; i < header.size(); ++i)
        if (folded(header[i]) == folded(wanted)) return i;
    if (is_integer(wanted)) {
        if (const auto number = parse_number(wanted);
            number && *number >= 1 && *number <= static_cast<double>(columns))
            return static_cast<std::size_t>(*number) - 1;
        throw UsageError(fmt::format("data.columns.{}: no column {} in {}; it has {}", role, wanted,
                                     file, columns));
    }
    if (header.empty())
        throw UsageError(fmt::format(
            "data.columns.{}: {} has no header, so a column is given by its number, not as {}",
            role, file, in_quotes(wanted)));
    throw UsageError(fmt::format("data.columns.{}: no column {} in {}; it has: {}", role,
                                 in_quotes(wanted), file, fmt::join(header, ", ")));
}

void assign_positions(Layout& layout, const Cells& sample, const ColumnSettings& settings,
                      const std::string& file) {
    const auto numeric = [&](std::size_t i) {
        return i < sample.size() && parse_number(sample[i]).has_value();
    };
    const bool any_set = !(settings.user + settings.item + settings.rating + settings.time).empty();
    const auto given = [&](const std::string& wanted, std::string_view role,
                           std::optional<std::size_t> otherwise) {
        if (wanted == "-") return std::optional<std::size_t>{};
        return wanted.empty() ? otherwise : named_column(wanted, role, {}, sample.size(), file);
    };
    const auto absent = std::optional<std::size_t>{};
    layout.user = given(settings.user, "user", 0).value_or(0);
    layout.item = given(settings.item, "item", 1).value_or(1);
    layout.rating = given(settings.rating, "rating", !any_set && numeric(2) ? 2 : absent);
    layout.time = given(settings.time, "time", !any_set && numeric(2) && numeric(3) ? 3 : absent);
}

void note_columns(const Layout& layout, Dataset& data) {
    if (!data.columns.empty()) return;
    const auto note = [&](std::string_view role, std::optional<std::size_t> column) {
        if (!column) return;
        data.columns.push_back(layout.names.empty()
                                   ? fmt::format("{} = column {}", role, *column + 1)
                                   : fmt::format("{} = {} (column {})", role,
                                                 to_utf8(layout.names[*column]), *column + 1));
    };
    note("user", layout.user);
    note("item", layout.item);
    note("rating", layout.rating);
    note("time", layout.time);
}

}  // namespace

const std::vector<std::string_view>& known_columns(std::string_view role) {
    static const std::vector<std::string_view> users{"userid", "user", "uid", "reviewerid"};
    static const std::vector<std::string_view> items{
        "itemid", "movieid",   "artistid", "videoid",    "bookid",
        "item",   "songid",    "trackid",  "businessid", "isbn",
        "asin",   "productid", "poiid",    "locationid", "iid"};
    static const std::vector<std::string_view> ratings{"rating", "ratings", "bookrating",
                                                       "weight", "value",   "watchratio",
                                                       "score",  "stars",   "playcount"};
    static const std::vector<std::string_view> times{"timestamp", "time", "unixtime", "date", "ts"};
    return role == "user" ? users : role == "item" ? items : role == "rating" ? ratings : times;
}

void assign_columns(Layout& layout, const Cells& header, const Cells& sample,
                    const ColumnSettings& settings, const std::string& file) {
    layout.header = true;
    layout.names = header;
    const auto guess = [&](std::string_view role,
                           bool must_be_number) -> std::optional<std::size_t> {
        for (std::string_view known : known_columns(role))
            for (std::size_t i = 0; i < header.size(); ++i)
                if (folded(header[i]) == known &&
                    (!must_be_number ||
                     (i < sample.size() && (sample[i].empty() || parse_number(sample[i])))))
                    return i;
        return {};
    };
    const auto column = [&](const std::string& wanted, std::string_view role, bool must_be_number) {
        if (wanted == "-") return std::optional<std::size_t>{};
        if (wanted.empty()) return guess(role, must_be_number);
        return std::optional(named_column(wanted, role, header, header.size(), file));
    };
    const auto user = column(settings.user, "user", false),
               item = column(settings.item, "item", false);
    for (const auto& [found, role] : {std::pair{user, "user"}, std::pair{item, "item"}})
        if (!found)
            throw UsageError(fmt::format(
                "data.columns.{}: {}:1:1: cannot tell which column is the {}; set it to one of: {}",
                role, file, role, fmt::join(header, ", ")));
    layout.user = *user;
    layout.item = *item;
    layout.rating = column(settings.rating, "rating", false);
    layout.time = column(settings.time, "time", true);
}

Layout layout_of(const std::filesystem::path& file, const DataSettings& settings) {
    constexpr std::size_t sample_lines = 20;
    const std::vector<std::string> lines = first_lines(file, sample_lines);
    if (lines.empty())
        throw DataError(file.string() + ": expected interactions, found an empty file");

    Layout layout;
    layout.separator = settings.separator == "auto" ? guess_separator(file, lines)
                                                    : separator_named(settings.separator);
    std::vector<Cells> rows;
    for (const std::string& line : lines) rows.push_back(cells_of(line, layout.separator));

    if (settings.header != "auto" && settings.header != "yes" && settings.header != "no")
        throw UsageError(fmt::format("data.header: unknown value {}; known: auto, yes, no",
                                     in_quotes(settings.header)));
    const auto names_one = [](const std::string& column) {
        return !column.empty() && column != "-" && !is_integer(column);
    };
    const ColumnSettings& columns = settings.columns;
    const bool header = settings.header == "auto"
                            ? names_one(columns.user) || names_one(columns.item) ||
                                  names_one(columns.rating) || names_one(columns.time) ||
                                  guess_header(rows)
                            : settings.header == "yes";
    if (header)
        assign_columns(layout, rows[0], rows.size() > 1 ? rows[1] : Cells{}, columns,
                       file.string());
    else
        assign_positions(layout, rows[0], columns, file.string());
    layout.least_columns =
        std::max({layout.user, layout.item, layout.rating.value_or(0), layout.time.value_or(0)}) +
        1;
    layout.hint = "data.columns, data.separator and data.header say how the file is laid out";
    return layout;
}

void read_rows(const std::filesystem::path& file, const Layout& layout, Dataset& data,
               std::vector<Interaction>& out) {
    Rows rows(file, layout.separator, layout.hint);
    const std::size_t before = out.size();
    std::size_t without_time = 0;
    bool header = layout.header;
    while (rows.next()) {
        if (header) {
            header = false;
            continue;
        }
        rows.expect_columns(layout.least_columns, layout.most_columns);
        Interaction row;
        row.user = data.users.intern(rows.id(layout.user, "user"));
        row.item = data.items.intern(rows.id(layout.item, "item"));
        if (layout.rating) row.rating = rows.number(*layout.rating, "rating");
        if (layout.time) {
            if (rows[*layout.time].empty())
                ++without_time;
            else
                row.time = rows.number(*layout.time, "time");
        }
        out.push_back(row);
    }
    if (out.size() == before)
        throw DataError(file.string() + ": expected interactions, found none");
    note_columns(layout, data);
    data.has_ratings = data.has_ratings || layout.rating;
    data.has_times = data.has_times || layout.time;
    data.files.push_back(fmt::format("{}: {} rows{}", file.string(), grouped(out.size() - before),
                                     rows.lines().crlf() ? ", CR LF" : ""));
    if (without_time > 0)
        data.notices.push_back(fmt::format("{}: {} rows have no time and count as the oldest",
                                           file.string(), grouped(without_time)));
}

}  // namespace fedhash::scenarios
