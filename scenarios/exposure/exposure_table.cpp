#include "scenarios/exposure/exposure_table.hpp"

#include <fmt/format.h>

#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios {

namespace {

std::string number(double value) {
    return value != 0 && value < 0.001 ? fmt::format("{:.1e}", value)
                                       : fmt::format("{:.4f}", value);
}

}  // namespace

report::TitledTable exposure_table(const ExposureReport& report) {
    using report::Tone;
    report::TitledTable titled;
    titled.title = fmt::format("{}: round {}, {}", report.method, report.round,
                               report::counted(report.users, "upload", "uploads"));
    titled.table.columns = {{"attack", false}, {"what", false}, {"figure", false}, {"found"},
                            {"chance"},        {"ceiling"},     {"95 %"},          {"of"}};
    std::string before;
    for (const Exposure& one : report.figures) {
        if (!one.refused.empty()) {
            titled.notes.push_back(fmt::format("{} {}: {}.", one.attack, one.name, one.refused));
            continue;
        }
        const bool again = one.attack == before, counted = one.trials > 0;
        before = one.attack;
        const std::string ends =
            counted && one.interval
                ? fmt::format("{:.4f}-{:.4f}", one.interval->low, one.interval->high)
                : "";
        titled.table.rows.push_back({{again ? "" : one.attack},
                                     {again ? "" : one.name},
                                     {one.figure},
                                     {counted ? number(one.value) : std::string(report::dash)},
                                     {number(one.chance), Tone::dim},
                                     {number(one.ceiling), Tone::dim},
                                     {ends, Tone::dim},
                                     {report::count_text(one.trials) + " " + one.of, Tone::dim}});
    }
    titled.notes.push_back(
        "The attacker is the coordinator itself: it does as it should, and looks. It knows the "
        "method, the published codes and how popular items are. chance: who guesses with that "
        "alone. 95 %: exact, over users (of shares Clopper and Pearson, of means by Chernoff's "
        "bound).");
    if (report.sums) titled.notes.push_back(sum_text(*report.sums));
    if (const std::string text = audit_text(report.audit); !text.empty())
        titled.notes.push_back(text);
    return titled;
}

std::string exposure_csv_head() {
    return "attack,name,figure,value,chance,ceiling,low,high,trials,of,refused\n";
}

namespace {

std::string exposure_row(const Exposure& one) {
    const bool counted = one.refused.empty() && one.trials > 0;
    const auto cell = [](bool there, double value) {
        return there ? fmt::format("{:.10g}", value) : std::string();
    };
    const Interval ends = one.interval.value_or(Interval{});
    const bool has_ends = counted && one.interval;
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", one.attack,
                       report::csv_field(one.name), report::csv_field(one.figure),
                       cell(counted, one.value), cell(one.refused.empty(), one.chance),
                       cell(one.refused.empty(), one.ceiling), cell(has_ends, ends.low),
                       cell(has_ends, ends.high),
                       one.refused.empty() ? std::to_string(one.trials) : std::string(),
                       report::csv_field(one.of), report::csv_field(one.refused));
}

std::string audit_row(const AuditTest& test) {
    return fmt::format("audit {},{},{},{:.10g},,{:.10g},,,{},trials,\n", test.attack,
                       report::csv_field(test.claim), test.violated ? "FAILED" : "passed",
                       test.found(), test.ceiling, test.trials);
}

}  // namespace

std::vector<std::string> exposure_csv_rows(const ExposureReport& report) {
    std::vector<std::string> rows;
    for (const Exposure& one : report.figures) rows.push_back(exposure_row(one));
    for (const AuditTest& test : report.audit.tests) rows.push_back(audit_row(test));
    for (const std::string& claim : report.audit.untested)
        rows.push_back(fmt::format("audit,{},not tested,,,,,,,,\n", report::csv_field(claim)));
    if (report.sums)
        rows.push_back(
            fmt::format("sums,masked and in clear,integers that {},{},,,,,{},integers,\n",
                        report.sums->promised > 0 ? "noise changed" : "differ",
                        report.sums->different, report.sums->integers));
    return rows;
}

std::string exposure_csv(const ExposureReport& report) {
    const auto with = [](std::string line, const std::string& more) {
        line.pop_back();
        return line + more + "\n";
    };
    const std::string run = fmt::format(",{},{}", report::csv_field(report.method), report.round);
    std::string text = with(exposure_csv_head(), ",method,round");
    for (const std::string& row : exposure_csv_rows(report)) text += with(row, run);
    return text;
}

}  // namespace fedhash::scenarios
