#include "scenarios/report/table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "scenarios/report/format.hpp"

namespace fedhash::scenarios::report {
namespace {

constexpr std::size_t gap = 2;

std::vector<std::size_t> widths(const Table& table) {
    std::vector<std::size_t> result;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        std::size_t width = width_of(table.columns[column].title);
        for (const auto& row : table.rows)
            if (column < row.size()) width = std::max(width, width_of(row[column].text));
        result.push_back(width);
    }
    return result;
}

std::string line(const Table& table, const std::vector<std::size_t>& width,
                 const std::vector<Cell>& cells, const Style& style) {
    std::string text;
    std::size_t owed = 0;  // blanks are written only when something follows
    for (std::size_t column = 0; column < std::min(cells.size(), table.columns.size()); ++column) {
        const Cell& cell = cells[column];
        const std::size_t slack = width[column] - width_of(cell.text);
        const bool right = table.columns[column].right;
        if (column > 0) owed += gap;
        if (cell.text.empty()) {
            owed += slack;
            continue;
        }
        text += std::string(owed + (right ? slack : 0), ' ');
        text += style.paint(cell.tone, cell.text);
        owed = right ? 0 : slack;
    }
    return text + '\n';
}

/// Columns up to where the last column begins.
std::size_t width_before_last(const Table& table) {
    std::size_t total = 0;
    const auto all = widths(table);
    for (std::size_t column = 0; column + 1 < all.size(); ++column) total += all[column] + gap;
    return total;
}

}  // namespace

std::string Style::paint(Tone tone, std::string_view text) const {
    const char* code = "";
    switch (tone) {
        case Tone::plain:
            break;
        case Tone::bold:
            code = "\x1b[1m";
            break;
        case Tone::dim:
            code = "\x1b[2m";
            break;
        case Tone::good:
            code = "\x1b[32m";
            break;
        case Tone::bad:
            code = "\x1b[1;31m";
            break;
    }
    if (!on || tone == Tone::plain || text.empty()) return std::string(text);
    return code + std::string(text) + "\x1b[0m";
}

Style style_for(bool terminal, const char* no_color, const char* term) {
    const bool refused = no_color && *no_color;
    const bool dumb = term && std::string_view(term) == "dumb";
    return {terminal && !refused && !dumb};
}

Style style_of(int descriptor) {
    return style_for(isatty(descriptor) != 0, std::getenv("NO_COLOR"), std::getenv("TERM"));
}

std::size_t terminal_columns(int descriptor) {
    winsize size{};
    if (isatty(descriptor) == 0 || ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

std::string render(const Table& table, const Style& style) {
    const auto width = widths(table);
    std::vector<Cell> titles;
    for (const Column& column : table.columns) titles.push_back({column.title, Tone::dim});
    std::string text = line(table, width, titles, style);
    for (const auto& row : table.rows) text += line(table, width, row, style);
    return text;
}

std::size_t width_of(const Table& table) {
    std::size_t total = 0;
    for (std::size_t width : widths(table)) total += width + gap;
    return total == 0 ? 0 : total - gap;
}

std::string render_wrapped(Table table, std::size_t columns, const Style& style) {
    const std::size_t before = width_before_last(table);
    for (auto& row : table.rows)
        if (row.size() == table.columns.size())
            // The first line starts where wrap() indents the others to.
            row.back().text =
                wrap(std::string(before, '.') + row.back().text, columns, before).substr(before);
    return render(table, style);
}

std::string render_cut(Table table, std::size_t columns, const Style& style) {
    constexpr std::size_t least = 20;
    const std::size_t before = width_before_last(table);
    const std::size_t left = std::max(least, columns - std::min(columns, before));
    if (columns > 0)
        for (auto& row : table.rows)
            if (row.size() == table.columns.size()) row.back().text = fit(row.back().text, left);
    return render(table, style);
}

}  // namespace fedhash::scenarios::report
