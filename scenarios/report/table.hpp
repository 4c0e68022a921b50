// Plain aligned tables for a terminal, and what may be done to make them easier on the eye.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fedhash::scenarios::report {

enum class Tone { plain, bold, dim, good, bad };

/// Off when nobody would see it, or asked for it not to be: then `paint` returns the text as it is.
struct Style {
    bool on = false;
    std::string paint(Tone tone, std::string_view text) const;
};

/// On for a terminal unless NO_COLOR is set to something or TERM is "dumb". Either variable may be
/// nullptr.
Style style_for(bool terminal, const char* no_color, const char* term);

/// Of a file descriptor of this process: 1 or 2.
Style style_of(int descriptor);

/// Columns of the terminal behind a file descriptor; 0 when it is none.
std::size_t terminal_columns(int descriptor);

struct Cell {
    std::string text;
    Tone tone = Tone::plain;
};

struct Column {
    std::string title;
    bool right = true;  // numbers; text goes left
};

struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;  // may be shorter than `columns`
};

/// Columns two blanks apart, titles dim; no blanks at line ends. Each line ends in a newline.
std::string render(const Table& table, const Style& style);

/// render() with the last column, of running text, in lines that fit into `columns`.
std::string render_wrapped(Table table, std::size_t columns, const Style& style);

/// render() with the last column cut so that lines fit into `columns`; 0: however long they are.
std::string render_cut(Table table, std::size_t columns, const Style& style);

/// Columns that render() takes.
std::size_t width_of(const Table& table);

}  // namespace fedhash::scenarios::report
