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

/// The cells of one metric, by line. Blanks in place of a deviation or a mark keep the digits below
/// each other.
std::vector<std::string> metric_cells(const Comparison& comparison, std::size_t m) {
    std::vector<std::string> cells;
    std::size_t numbers = 0, marks = 0;
    for (const ComparedLine& line : comparison.lines) {
        numbers = std::max(numbers, width_of(spread_text(line.metrics[m])));
        if (m < line.tests.size()) marks = std::max(marks, mark(line.tests[m]).size());
    }
    for (const ComparedLine& line : comparison.lines) {
        std::string text = spread_text(line.metrics[m]);
        text.append(line.metrics[m] ? numbers - width_of(text) : 0, ' ');
        const std::string stars = m < line.tests.size() ? mark(line.tests[m]) : "";
        cells.push_back(text + stars + std::string(marks - stars.size(), ' '));
    }
    return cells;
}

std::string p_text(double p) { return p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p); }

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? 0 : static_cast<std::size_t>(found - names.begin());
}

std::vector<Cell> head(const ComparedLine& line) {
    return {{line.label, line.is_reference ? Tone::bold : Tone::plain}, {line.scoring}};
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
    for (std::size_t i = 0; i < comparison.lines.size(); ++i) {
        const auto& share = comparison.lines[i].of_ceiling;
        table.rows[i].push_back({share ? fmt::format("{:.0f}%", 100 * *share) : std::string(dash)});
    }
    return table;
}

std::string terminal(const Comparison& comparison, const Style& style, std::size_t width) {
    std::string text;
    for (const std::string& part : comparison.data)
        if (!part.empty()) text += (text.empty() ? "" : " · ") + part;
    if (!text.empty()) text = wrap(text, page_width, 2) + "\n\n";
    text += terminal_text(quality_table(comparison, width), style, page_width);
    text += "\n" + terminal_text(cost_table(comparison), style, page_width);
    if (const TitledTable tests = test_table(comparison); !tests.table.rows.empty())
        text += "\n" + terminal_text(tests, style, page_width);
    return text;
}

template <std::string (*form)(const TitledTable&)>
std::string document(const Comparison& comparison, const Style&, std::size_t) {
    std::string text = form(quality_table(comparison)) + "\n" + form(cost_table(comparison));
    if (const TitledTable tests = test_table(comparison); !tests.table.rows.empty())
        text += "\n" + form(tests);
    return text;
}

std::string csv(const Comparison& comparison, const Style&, std::size_t) {
    return comparison_csv(comparison);
}

constexpr std::array formats{
    ComparisonFormat{"terminal", terminal},
    ComparisonFormat{"csv", csv},
    ComparisonFormat{"markdown", document<markdown_text>},
    ComparisonFormat{"latex", document<latex_text>},
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
    result.notes.push_back(
        fmt::format("of ceiling: share of the {} of iALS.", comparison.headline));
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
                       {"up, down: what a user sends and receives in the whole run, on average."}};
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
                                     {line.scoring},
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
