// A table for somewhere else than a terminal: CSV, Markdown, LaTeX.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/report/table.hpp"

namespace fedhash::scenarios::report {

struct TitledTable {
    std::string title;
    Table table;
    std::vector<std::string> notes;  // sentences below it
};

/// A CSV field, quoted where it must be (RFC 4180).
std::string csv_field(std::string_view text);

/// Title dim, table, notes in lines of at most `width`.
std::string terminal_text(const TitledTable& table, const Style& style, std::size_t width);

/// A heading, a pipe table, the notes.
std::string markdown_text(const TitledTable& table);

/// A table environment with booktabs' rules (\usepackage{booktabs}); the title is its caption.
std::string latex_text(const TitledTable& table);

}  // namespace fedhash::scenarios::report
