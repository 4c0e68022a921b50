#include "scenarios/report/sweep_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios::report {
namespace {

using State = TrialOutcome::State;

constexpr std::size_t reason_width = 60;

std::optional<double> figure_of(const Trial& one, const std::string& name) {
    for (const auto& [known, value] : one.figures)
        if (known == name) return value;
    return std::nullopt;
}

/// Names of all figures of any trial, in the order in which they first appear.
std::vector<std::string> figure_names(const SweepResult& result, bool with_tests) {
    std::vector<std::string> names;
    const auto add = [&names](const std::vector<Trial>& trials) {
        for (const Trial& one : trials)
            for (const auto& [name, value] : one.figures)
                if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    for (const SweptPoint& swept : result.points) add(swept.trials);
    if (with_tests) add(result.tests);
    return names;
}

/// What the points were ranked by, then HR and NDCG at the same cut-off.
std::vector<std::string> shown_figures(const SweepResult& result) {
    std::vector<std::string> shown{result.by};
    const auto at = result.by.find('@');
    if (at == std::string::npos) return shown;
    const std::string cutoff = result.by.substr(at);
    for (const std::string& name : figure_names(result, false)) {
        const bool usual = name.ends_with(".HR" + cutoff) || name.ends_with(".NDCG" + cutoff);
        if (usual && name != result.by) shown.push_back(name);
    }
    return shown;
}

std::string mean_text(const SweptPoint& swept, const std::string& name) {
    double sum = 0;
    for (const Trial& one : swept.trials) {
        const auto value = figure_of(one, name);
        if (one.outcome.state != State::finished || !value) return std::string(dash);
        sum += *value;
    }
    return fmt::format("{:.4f}", sum / static_cast<double>(swept.trials.size()));
}

Cell state_cell(const SweptPoint& swept) {
    for (const Trial& one : swept.trials)
        if (one.outcome.state == State::failed)
            return {fit("failed: " + one.outcome.reason, reason_width), Tone::bad};
    for (const Trial& one : swept.trials)
        if (one.outcome.state == State::open) return {"not run yet", Tone::dim};
    return {};
}

std::string trials_text(const SweepResult& result) {
    const std::size_t finished = result.count(State::finished),
                      failed = result.count(State::failed), open = result.count(State::open);
    std::string text = fmt::format("{}: {} finished",
                                   counted(finished + failed + open, "trial", "trials"), finished);
    if (failed > 0) text += fmt::format(", {} failed", failed);
    if (open > 0) text += fmt::format(", {} not run yet", open);
    return text + (result.tests.empty() ? "."
                   : result.points.size() == 1
                       ? fmt::format(", {} of them tests.", result.tests.size())
                       : fmt::format(", {} of them to test the winner.", result.tests.size()));
}

std::string csv_row(const char* part, const std::vector<Override>& settings, const Trial& one,
                    const std::vector<std::string>& names) {
    std::string row = part;
    for (const Override& setting : settings) row += "," + csv_field(setting.value);
    row += fmt::format(",{},{},{},{}", one.seed, one.data_seed, name(one.outcome.state),
                       csv_field(one.outcome.run.string()));
    for (const std::string& name : names) {
        const auto value = figure_of(one, name);
        row += value ? fmt::format(",{:.10g}", *value) : ",";
    }
    return row + "," + csv_field(one.outcome.reason) + "\n";
}

}  // namespace

TitledTable sweep_table(const SweepResult& result) {
    if (result.points.front().trials.empty())
        return {"One point: nothing to tune", {}, {trials_text(result)}};
    TitledTable text{"On the validation part, best first", {}, {trials_text(result)}};
    Table& table = text.table;
    for (const Override& setting : result.points.front().settings)
        table.columns.push_back({setting.key});
    const std::vector<std::string> figures = shown_figures(result);
    for (const std::string& name : figures) table.columns.push_back({name});
    table.columns.push_back({"", false});
    for (std::size_t p : ranking(result)) {
        const SweptPoint& swept = result.points[p];
        const Tone tone = result.winner == p ? Tone::bold : Tone::plain;
        std::vector<Cell> row;
        for (const Override& setting : swept.settings) row.push_back({setting.value, tone});
        for (const std::string& name : figures) row.push_back({mean_text(swept, name), tone});
        row.push_back(state_cell(swept));
        table.rows.push_back(std::move(row));
    }
    return text;
}

std::string sweep_csv(const SweepPlan& plan, const SweepResult& result) {
    const std::vector<std::string> names = figure_names(result, true);
    std::string text = "part";
    for (const Axis& axis : plan.axes) text += "," + csv_field(axis.key);
    text += ",run.seed,data.seed,state,run";
    for (const std::string& name : names) text += "," + csv_field(name);
    text += ",reason\n";
    for (std::size_t p : ranking(result))
        for (const Trial& one : result.points[p].trials)
            text +=
                csv_row(result.all ? "test" : "validation", result.points[p].settings, one, names);
    for (const Trial& one : result.tests)
        text += csv_row("test", result.points[*result.winner].settings, one, names);
    return text;
}

std::vector<std::size_t> ranking(const SweepResult& result) {
    std::vector<std::size_t> order(result.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&result](std::size_t a, std::size_t b) {
        const auto &left = result.points[a].score, &right = result.points[b].score;
        return left && (!right || *left > *right);
    });
    return order;
}

}  // namespace fedhash::scenarios::report
