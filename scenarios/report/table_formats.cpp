#include "scenarios/report/table_formats.hpp"

#include <array>
#include <utility>

#include "scenarios/report/format.hpp"

namespace fedhash::scenarios::report {
namespace {

using Replacement = std::pair<std::string_view, std::string_view>;

// What means something to Markdown (of GitHub's kind) within a cell.
constexpr std::array markdown_specials{Replacement{"|", "\\|"}, Replacement{"*", "\\*"},
                                       Replacement{"_", "\\_"}, Replacement{"`", "\\`"},
                                       Replacement{"<", "&lt;"}};

// What means something to LaTeX, or has no glyph in its default text fonts. A bracket at the start
// of a row would be an argument of the \\ before it.
constexpr std::array latex_specials{Replacement{"[-", "{[}$-$"},  // a minus is not a hyphen
                                    Replacement{", -", ", $-$"},
                                    Replacement{"\\", "\\textbackslash{}"},
                                    Replacement{"%", "\\%"},
                                    Replacement{"_", "\\_"},
                                    Replacement{"&", "\\&"},
                                    Replacement{"#", "\\#"},
                                    Replacement{"$", "\\$"},
                                    Replacement{"{", "\\{"},
                                    Replacement{"}", "\\}"},
                                    Replacement{"^", "\\textasciicircum{}"},
                                    Replacement{"~", "\\textasciitilde{}"},
                                    Replacement{"<", "$<$"},
                                    Replacement{">", "$>$"},
                                    Replacement{"[", "{[}"},
                                    Replacement{"]", "{]}"},
                                    Replacement{"±", "$\\pm$"},
                                    Replacement{"†", "$\\dagger$"},
                                    Replacement{"×", "$\\times$"},
                                    Replacement{"–", "--"},
                                    Replacement{"…", "\\ldots{}"},
                                    Replacement{"·", "$\\cdot$"}};

template <std::size_t count>
std::string escaped(std::string_view text, const std::array<Replacement, count>& specials) {
    std::string result;
    while (!text.empty()) {
        std::string_view taken = text.substr(0, 1), written = taken;
        for (const auto& [special, replacement] : specials)
            if (text.starts_with(special)) {
                taken = special;
                written = replacement;
                break;
            }
        result += written;
        text.remove_prefix(taken.size());
    }
    return result;
}

/// Blanks within a cell align a terminal's columns as well; elsewhere one of them is shown.
std::string with_single_blanks(std::string_view text) {
    std::string single;
    for (char c : text)
        if (c != ' ' || !single.ends_with(' ')) single += c;
    return single;
}

std::string markdown(std::string_view text) {
    return escaped(with_single_blanks(text), markdown_specials);
}

std::string latex(std::string_view text) {
    const bool negative = text.starts_with('-');
    return (negative ? "$-$" : "") +
           escaped(with_single_blanks(text.substr(negative ? 1 : 0)), latex_specials);
}

/// Blanks around a cell align a terminal's columns, and nothing else.
std::string_view bare(std::string_view text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    return text;
}

std::string_view cell(const std::vector<Cell>& row, std::size_t column) {
    return column < row.size() ? bare(row[column].text) : std::string_view{};
}

}  // namespace

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string terminal_text(const TitledTable& table, const Style& style, std::size_t width) {
    std::string text = style.paint(Tone::bold, table.title) + "\n" + render(table.table, style);
    for (const std::string& note : table.notes)
        text += style.paint(Tone::dim, wrap(note, width, 2)) + "\n";
    return text;
}

std::string markdown_text(const TitledTable& table) {
    const auto& columns = table.table.columns;
    std::string text = "### " + markdown(table.title) + "\n\n|";
    for (const Column& column : columns) text += " " + markdown(column.title) + " |";
    text += "\n|";
    for (const Column& column : columns) text += column.right ? " ---: |" : " :--- |";
    text += '\n';
    for (const auto& row : table.table.rows) {
        text += '|';
        for (std::size_t i = 0; i < columns.size(); ++i)
            text += " " + markdown(cell(row, i)) + " |";
        text += '\n';
    }
    for (const std::string& note : table.notes) text += "\n" + markdown(note) + "\n";
    return text;
}

std::string latex_text(const TitledTable& table) {
    const auto& columns = table.table.columns;
    std::string text =
        "\\begin{table}\n\\centering\n\\caption{" + latex(table.title) + "}\n\\begin{tabular}{";
    for (const Column& column : columns) text += column.right ? 'r' : 'l';
    text += "}\n\\toprule\n";
    const auto add_row = [&](const auto& text_of) {
        for (std::size_t i = 0; i < columns.size(); ++i)
            text += (i > 0 ? " & " : "") + latex(text_of(i));
        text += " \\\\\n";
    };
    add_row([&](std::size_t i) { return std::string_view(columns[i].title); });
    text += "\\midrule\n";
    for (const auto& row : table.table.rows) add_row([&](std::size_t i) { return cell(row, i); });
    text += "\\bottomrule\n\\end{tabular}\n";
    for (const std::string& note : table.notes) text += "\\par\\footnotesize " + latex(note) + "\n";
    return text + "\\end{table}\n";
}

}  // namespace fedhash::scenarios::report
