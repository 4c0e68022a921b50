#include "scenarios/exposure/exposure_table.hpp"

#include <fmt/format.h>

#include "scenarios/report/format.hpp"

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
        const bool again = one.attack == before;
        before = one.attack;
        std::vector<report::Cell> row{{again ? "" : one.attack}, {again ? "" : one.name}};
        if (!one.refused.empty()) {
            row.push_back({"-", Tone::dim});
            titled.notes.push_back(fmt::format("{}: {}.", one.attack, one.refused));
        } else {
            row.push_back({one.figure});
            row.push_back({number(one.value)});
            row.push_back({number(one.chance), Tone::dim});
            row.push_back({number(one.ceiling), Tone::dim});
            row.push_back({one.interval
                               ? fmt::format("{:.4f}-{:.4f}", one.interval->low, one.interval->high)
                               : "",
                           Tone::dim});
            row.push_back({report::count_text(one.trials) + " " + one.of, Tone::dim});
        }
        titled.table.rows.push_back(std::move(row));
    }
    titled.notes.push_back(
        "The attacker is the coordinator itself: it does as it should, and looks. It knows the "
        "method, the published codes and how popular items are. chance: who guesses with that "
        "alone. 95 %: exact, over users (of shares Clopper and Pearson, of means by Chernoff's "
        "bound).");
    if (!report.audit.empty()) titled.notes.push_back(audit_text(report.audit));
    return titled;
}

std::string exposure_csv_head() {
    return "attack,name,figure,value,chance,ceiling,low,high,trials,of,refused\n";
}

std::string exposure_csv_row(const Exposure& one) {
    const bool refused = !one.refused.empty();
    const auto cell = [&](double value) {
        return refused ? std::string() : fmt::format("{:.10g}", value);
    };
    return fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{}\n", one.attack, report::csv_field(one.name),
        report::csv_field(one.figure), cell(one.value), cell(one.chance), cell(one.ceiling),
        one.interval ? cell(one.interval->low) : "", one.interval ? cell(one.interval->high) : "",
        refused ? std::string() : std::to_string(one.trials), report::csv_field(one.of),
        report::csv_field(one.refused));
}

std::string exposure_csv(const ExposureReport& report) {
    std::string text = exposure_csv_head();
    for (const Exposure& one : report.figures) text += exposure_csv_row(one);
    return text;
}

}  // namespace fedhash::scenarios
