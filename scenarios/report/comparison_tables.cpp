#include "scenarios/report/comparison_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "common/errors.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios::report {
namespace {

constexpr std::size_t page_width = 100;
constexpr std::string_view commands_title = "How each row is made";
constexpr std::string_view below_mark = "†";
constexpr double likely = 0.05, very_likely = 0.01;

std::string mark(const std::optional<ComparedTest>& test) {
    if (!test) return "";
    return test->corrected < very_likely ? "**" : test->corrected < likely ? "*" : "";
}

bool has_deviation(const std::optional<Spread>& value) { return value && value->deviation > 0; }

std::string spread_text(const std::optional<Spread>& value) {
    if (!value) return std::string(dash);
    const std::string mean = fmt::format("{:.4f}", value->mean);
    return has_deviation(value) ? fmt::format("{} ± {:.4f}", mean, value->deviation) : mean;
}

/// Stars of a test, and whether popularity does better.
std::string marks_text(const ComparedLine& line, std::size_t m) {
    const std::string stars = m < line.tests.size() ? mark(line.tests[m]) : "";
    return stars + (line.below_popularity[m] ? std::string(below_mark) : "");
}

/// The cells of one metric, by line. Blanks in place of a deviation or a mark keep the digits below
/// each other.
std::vector<std::string> metric_cells(const Comparison& comparison, std::size_t m) {
    std::vector<std::string> cells;
    std::size_t numbers = 0, marks = 0;
    for (const ComparedLine& line : comparison.lines) {
        numbers = std::max(numbers, width_of(spread_text(line.metrics[m])));
        marks = std::max(marks, width_of(marks_text(line, m)));
    }
    for (const ComparedLine& line : comparison.lines) {
        std::string text = spread_text(line.metrics[m]);
        text.append(line.metrics[m] ? numbers - width_of(text) : 0, ' ');
        const std::string after = marks_text(line, m);
        cells.push_back(text + after + std::string(marks - width_of(after), ' '));
    }
    return cells;
}

std::string p_text(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
}

/// A method may have a baseline's name.
std::string way_text(const ComparedLine& line) {
    return line.scoring.empty() ? "baseline" : line.scoring;
}

std::vector<Cell> head(const ComparedLine& line) {
    return {{line.label, line.is_reference ? Tone::bold : Tone::plain}, {way_text(line)}};
}

/// "91% 84%": of the metrics shown, in their order.
std::string shares_text(const ComparedLine& line, const std::vector<std::size_t>& metrics) {
    std::string text;
    for (std::size_t m : metrics) {
        const auto& share = line.of_ceiling[m];
        text += fmt::format("{}{}", text.empty() ? "" : " ",
                            share ? fmt::format("{:3.0f}%", 100 * *share) : "   –");
    }
    return text;
}

Table quality_cells(const Comparison& comparison, const std::vector<std::size_t>& metrics) {
    Table table{{{"", false}, {"scored with", false}, {"runs"}}, {}};
    for (const ComparedLine& line : comparison.lines) {
        table.rows.push_back(head(line));
        table.rows.back().push_back({std::to_string(line.runs)});
    }
    for (std::size_t m : metrics) {
        table.columns.push_back({comparison.metrics[m]});
        const std::vector<std::string> cells = metric_cells(comparison, m);
        for (std::size_t i = 0; i < cells.size(); ++i) table.rows[i].push_back({cells[i]});
    }
    table.columns.push_back({"of ceiling"});
    for (std::size_t i = 0; i < comparison.lines.size(); ++i)
        table.rows[i].push_back({shares_text(comparison.lines[i], metrics)});
    return table;
}

/// The commands of all rows, each below its label.
std::string command_lines(const Comparison& comparison) {
    std::string text;
    for (const ComparedLine& line : comparison.lines) {
        if (line.commands.empty()) continue;
        text += fmt::format("# {}\n{}\n", line.label, fmt::join(line.commands, "\n"));
    }
    return text;
}

/// The parts that were asked for and have something to say, an empty line between them. `form` is
/// of a table, `verbatim` of commands.
template <class Form, class Verbatim>
std::string parts_text(const Comparison& comparison, const ComparisonParts& parts,
                       std::size_t width, const Form& form, const Verbatim& verbatim) {
    std::string text;
    const auto add = [&text](const std::string& part) {
        text += (text.empty() ? "" : "\n") + part;
    };
    if (parts.quality) add(form(quality_table(comparison, width)));
    if (const TitledTable codes = code_table(comparison); parts.codes && !codes.table.rows.empty())
        add(form(codes));
    if (parts.cost) add(form(cost_table(comparison)));
    if (parts.front) add(form(front_table(comparison)));
    if (const TitledTable tests = test_table(comparison); parts.tests && !tests.table.rows.empty())
        add(form(tests));
    if (const std::string lines = command_lines(comparison); parts.commands && !lines.empty())
        add(verbatim(lines));
    return text;
}

std::string terminal(const Comparison& comparison, const ComparisonParts& parts, const Style& style,
                     std::size_t width) {
    std::string text;
    for (const std::string& part : comparison.data)
        if (!part.empty()) text += (text.empty() ? "" : " · ") + part;
    if (!text.empty()) text = wrap(text, page_width, 2) + "\n\n";
    return text + parts_text(
                      comparison, parts, width,
                      [&style](const TitledTable& table) {
                          return terminal_text(table, style, page_width);
                      },
                      [&style](const std::string& lines) {
                          return style.paint(Tone::bold, commands_title) + "\n" + lines;
                      });
}

std::string markdown(const Comparison& comparison, const ComparisonParts& parts, const Style&,
                     std::size_t) {
    return parts_text(comparison, parts, 0, markdown_text, [](const std::string& lines) {
        return fmt::format("### {}\n\n```\n{}```\n", commands_title, lines);
    });
}

std::string latex(const Comparison& comparison, const ComparisonParts& parts, const Style&,
                  std::size_t) {
    return parts_text(comparison, parts, 0, latex_text, [](const std::string& lines) {
        return fmt::format("% {}\n\\begin{{verbatim}}\n{}\\end{{verbatim}}\n", commands_title,
                           lines);
    });
}

std::string csv(const Comparison& comparison, const ComparisonParts&, const Style&, std::size_t) {
    return comparison_csv(comparison);
}

struct Part {
    std::string_view name;
    bool ComparisonParts::*member;
};
constexpr std::array known_parts{
    Part{"quality", &ComparisonParts::quality}, Part{"codes", &ComparisonParts::codes},
    Part{"cost", &ComparisonParts::cost},       Part{"front", &ComparisonParts::front},
    Part{"tests", &ComparisonParts::tests},     Part{"commands", &ComparisonParts::commands}};

constexpr std::array formats{
    ComparisonFormat{"terminal", terminal},
    ComparisonFormat{"csv", csv},
    ComparisonFormat{"markdown", markdown},
    ComparisonFormat{"latex", latex},
};

}  // namespace

TitledTable quality_table(const Comparison& comparison, std::size_t width) {
    std::vector<std::size_t> shown(comparison.metrics.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    TitledTable result{"How well", quality_cells(comparison, shown), {}};
    std::string left_out;
    while (width > 0 && width_of(result.table) > width && shown.size() > 1) {
        const bool keep_last = comparison.metrics[shown.back()] == comparison.headline;
        const auto victim = shown.end() - (keep_last ? 2 : 1);
        left_out = comparison.metrics[*victim] + (left_out.empty() ? "" : ", ") + left_out;
        shown.erase(victim);
        result.table = quality_cells(comparison, shown);
    }
    const bool seeds = std::ranges::any_of(comparison.lines, [](const ComparedLine& line) {
        return std::ranges::any_of(line.metrics, has_deviation);
    });
    if (seeds) result.notes.push_back("±: standard deviation over seeds.");
    std::string names;
    for (std::size_t m : shown) names += (names.empty() ? "" : ", ") + comparison.metrics[m];
    result.notes.push_back(fmt::format("of ceiling: shares of the {} of iALS.", names));
    const bool below = std::ranges::any_of(comparison.lines, [](const ComparedLine& line) {
        return std::ranges::find(line.below_popularity, true) != line.below_popularity.end();
    });
    if (below) result.notes.push_back(fmt::format("{}: below popularity.", below_mark));
    if (comparison.tests > 0)
        result.notes.push_back(fmt::format(
            "* p < {}, ** p < {}: differs from {}; paired t test over users, corrected by Holm's "
            "method for {}.",
            likely, very_likely, comparison.reference, counted(comparison.tests, "test", "tests")));
    if (!left_out.empty())
        result.notes.push_back("Too narrow for " + left_out + "; choose with --metrics.");
    return result;
}

TitledTable cost_table(const Comparison& comparison) {
    TitledTable result{"At what cost",
                       {{{"", false}, {"up"}, {"down"}, {"rounds"}, {"time"}}, {}},
                       {"up, down: what a user sends and receives in the whole run, on average.",
                        "time: of one run, on average, without reading data and baselines."}};
    const bool swept = std::ranges::any_of(comparison.lines,
                                           [](const ComparedLine& line) { return line.tried > 0; });
    if (swept) {
        result.table.columns.push_back({"tried"});
        result.notes.push_back("tried: settings of which the best on validation was taken.");
    }
    const auto bytes = [](std::optional<double> value) {
        return Cell{value ? bytes_text(*value) : std::string(dash)};
    };
    for (const ComparedLine& line : comparison.lines) {
        if (!line.bytes_up && !line.bytes_down && !line.rounds && !line.seconds) continue;
        result.table.rows.push_back(
            {{line.label},
             bytes(line.bytes_up),
             bytes(line.bytes_down),
             {line.rounds ? fmt::format("{:.6g}", *line.rounds) : std::string(dash)},
             {line.seconds ? duration_text(*line.seconds) : std::string(dash)}});
        if (swept)
            result.table.rows.back().push_back(
                {line.tried > 0 ? count_text(line.tried) : std::string(dash)});
    }
    return result;
}

TitledTable test_table(const Comparison& comparison) {
    const std::size_t m = index_of(comparison.metrics, comparison.headline);
    TitledTable result{fmt::format("{} against {}", comparison.metrics.at(m), comparison.reference),
                       {{{"", false},
                         {"scored with", false},
                         {"difference"},
                         {"95 % interval"},
                         {"p"},
                         {"p, corrected"},
                         {"users"}},
                        {}},
                       {}};
    for (const ComparedLine& line : comparison.lines) {
        if (m >= line.tests.size() || !line.tests[m]) continue;
        const auto& [test, corrected] = *line.tests[m];
        result.table.rows.push_back({{line.label},
                                     {way_text(line)},
                                     {fmt::format("{:+.4f}", test.difference)},
                                     {fmt::format("[{:+.4f}, {:+.4f}]", test.low, test.high)},
                                     {p_text(test.p)},
                                     {p_text(corrected)},
                                     {count_text(test.users)}});
    }
    if (comparison.metrics.size() > 1)
        result.notes.push_back("The tests of the other metrics are in --format csv.");
    return result;
}

ComparisonParts chosen_parts(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    ComparisonParts parts{false, false, false, false, false, false};
    for (const std::string& name : names) {
        const auto found = std::ranges::find(known_parts, name, &Part::name);
        if (found == known_parts.end()) {
            std::vector<std::string> known;
            for (const Part& part : known_parts) known.emplace_back(part.name);
            throw UsageError(fmt::format("--tables: unknown table '{}'{}; there is {}", name,
                                         settings::did_you_mean(name, known),
                                         settings::joined(known, ", ")));
        }
        parts.*(found->member) = true;
    }
    return parts;
}

const ComparisonFormat& find_comparison_format(const std::string& name) {
    const auto found = std::ranges::find(formats, name, &ComparisonFormat::name);
    if (found != formats.end()) return *found;
    std::vector<std::string> names;
    for (const ComparisonFormat& format : formats) names.emplace_back(format.name);
    throw UsageError(fmt::format("--format: unknown format '{}'{}; there is {}", name,
                                 settings::did_you_mean(name, names),
                                 settings::joined(names, ", ")));
}

}  // namespace fedhash::scenarios::report
