#include <fmt/format.h>

#include "scenarios/report/comparison_tables.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios::report {
namespace {

struct CodeColumn {
    const char* title;
    std::optional<double> ComparedCodes::*member;
    std::string (*text)(double);
    const char* note;
};

const CodeColumn columns[] = {
    {"dead bits", &ComparedCodes::dead_bits, [](double v) { return fmt::format("{:.3g}", v); },
     "dead bits: the same in all items."},
    {"balance", &ComparedCodes::balance, [](double v) { return fmt::format("{:.2f}", v); },
     "balance: mean over bits of |mean over items|; 0 is even, 1 is dead."},
    {"correlation", &ComparedCodes::correlation, [](double v) { return fmt::format("{:.2f}", v); },
     "correlation: mean over pairs of bits, without its sign."},
    {"shared", &ComparedCodes::duplicates, [](double v) { return fmt::format("{:.1f}%", 100 * v); },
     "shared: items whose code another item has too."},
    {"tied", &ComparedCodes::tied, [](double v) { return fmt::format("{:.1f}", v); },
     "tied: items as far away as the last one of a user's list; drawn: places of the list that are "
     "drawn among them."},
    {"drawn", &ComparedCodes::drawn, [](double v) { return fmt::format("{:.1f}", v); }, ""},
};

}  // namespace

TitledTable code_table(const Comparison& comparison) {
    TitledTable result{"What the codes are like", {{{"", false}}, {}}, {}};
    std::vector<const ComparedLine*> lines;
    for (const ComparedLine& line : comparison.lines)
        if (line.codes) lines.push_back(&line);
    if (lines.empty()) return result;
    for (const ComparedLine* line : lines) result.table.rows.push_back({{line->label}});
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
        result.table.columns.push_back({comparison.metrics[m]});
        for (std::size_t r = 0; r < lines.size(); ++r) {
            const auto &worst = lines[r]->at_worst[m], &best = lines[r]->at_best[m];
            result.table.rows[r].push_back(
                {worst && best ? fmt::format("{:.4f}–{:.4f}", *worst, *best) : std::string(dash)});
        }
    }
    result.notes.emplace_back("Metrics from the unluckiest to the luckiest order of ties.");
    for (const CodeColumn& column : columns) {
        bool any = false;
        for (const ComparedLine* line : lines) any = any || (*line->codes).*column.member;
        if (!any) continue;
        result.table.columns.push_back({column.title});
        for (std::size_t r = 0; r < lines.size(); ++r) {
            const auto& value = (*lines[r]->codes).*column.member;
            result.table.rows[r].push_back({value ? column.text(*value) : std::string(dash)});
        }
        if (*column.note != '\0') result.notes.emplace_back(column.note);
    }
    return result;
}

}  // namespace fedhash::scenarios::report
