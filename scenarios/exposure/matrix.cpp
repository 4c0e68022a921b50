#include "scenarios/exposure/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "scenarios/exposure/exposure.hpp"
#include "scenarios/exposure/exposure_table.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios {

namespace {

using report::Cell;
using report::Tone;
using Value = std::optional<double>;

/// Of the first way of scoring that was measured.
Value quality(const nlohmann::json& summary, const std::string& metric) {
    const nlohmann::json* metrics = report::find(summary, {"metrics"});
    const nlohmann::json* ways = report::find(summary, {"scorings"});
    if (metrics == nullptr || ways == nullptr) return std::nullopt;
    for (const nlohmann::json& way : *ways)
        if (const nlohmann::json* one = report::find(*metrics, {way.get<std::string>()}))
            return report::metric(*one, metric);
    return std::nullopt;
}

/// Of the user that was heard most often; nothing where there is no bound.
Value epsilon_of_user(const nlohmann::json& summary) {
    const nlohmann::json* users = report::find(summary, {"privacy", "users"});
    if (users == nullptr || users->empty()) return std::nullopt;
    return report::number(users->back(), {"epsilon"});
}

Value epsilon_of(const nlohmann::json& summary, const std::string& what, const char* when) {
    const nlohmann::json* parts = report::find(summary, {"privacy", "parts"});
    if (parts == nullptr) return std::nullopt;
    for (const nlohmann::json& part : *parts)
        if (report::text(part, {"what"}) == what && report::number(part, {"epsilon"}))
            return report::number(part, {when});
    return std::nullopt;
}

Value mean(const DefenceRow& row, const std::function<Value(const DefenceRun&)>& value) {
    double sum = 0;
    for (const DefenceRun& run : row.runs) {
        const Value one = value(run);
        if (!one) return std::nullopt;
        sum += *one;
    }
    return row.runs.empty() ? Value() : sum / static_cast<double>(row.runs.size());
}

const Exposure* headline(const DefenceRun& run, const std::string& attack) {
    for (const Exposure& figure : run.report.figures)
        if (figure.attack == attack && figure.headline) return &figure;
    return nullptr;
}

Cell cell(const Value& value, int digits, Tone tone = Tone::plain) {
    return value ? Cell{fmt::format("{:.{}f}", *value, digits), tone}
                 : Cell{std::string(report::dash), Tone::dim};
}

struct Cost {
    const char* title;
    std::function<Value(const DefenceRun&)> value;
    int digits;
};

std::vector<Cost> costs() {
    const auto metric = [](const char* name) {
        return [name](const DefenceRun& run) { return quality(run.summary, name); };
    };
    const auto bytes = [](const char* name) {
        return [name](const DefenceRun& run) {
            return report::number(run.summary, {"bytes", name});
        };
    };
    return {
        {"HR@10", metric("HR@10"), 4},
        {"NDCG@10", metric("NDCG@10"), 4},
        {"up, B", bytes("up_per_user_round"), 0},
        {"down, B", bytes("down_per_user_round"), 0},
        {"CPU, s", [](const DefenceRun& run) { return run.cpu_seconds; }, 1},
        {"e bit",
         [](const DefenceRun& run) {
             return epsilon_of(run.summary, "a bit of the code", "report");
         },
         2},
        {"e code, run",
         [](const DefenceRun& run) { return epsilon_of(run.summary, "the code", "epsilon"); }, 1},
        {"e items, run",
         [](const DefenceRun& run) { return epsilon_of(run.summary, "the item set", "epsilon"); },
         1},
        {"e user, run", [](const DefenceRun& run) { return epsilon_of_user(run.summary); }, 1}};
}

std::vector<std::string> attacks_of(const std::vector<DefenceRow>& rows) {
    std::vector<std::string> ids = attack_ids();
    std::erase_if(ids, [&](const std::string& id) {
        return std::ranges::none_of(rows, [&](const DefenceRow& row) {
            return std::ranges::any_of(
                row.runs, [&](const DefenceRun& run) { return headline(run, id) != nullptr; });
        });
    });
    return ids;
}

report::TitledTable cost_table(const std::vector<DefenceRow>& rows) {
    report::TitledTable titled;
    titled.title = "What defences cost";
    titled.table.columns = {{"defence", false}};
    for (const Cost& cost : costs()) titled.table.columns.push_back({cost.title});
    for (const DefenceRow& row : rows) {
        std::vector<Cell> cells{{row.name}};
        for (const Cost& cost : costs()) cells.push_back(cell(mean(row, cost.value), cost.digits));
        titled.table.rows.push_back(std::move(cells));
    }
    // The first run's; who knows nothing, what is popular, and a real-valued model.
    const nlohmann::json* baselines =
        rows.empty() || rows.front().runs.empty()
            ? nullptr
            : report::find(rows.front().runs.front().summary, {"baselines"});
    for (const char* name : {"random", "popularity", "ials"})
        if (const nlohmann::json* one = baselines ? report::find(*baselines, {name}) : nullptr)
            titled.table.rows.push_back({{fmt::format("  {}", name), Tone::dim},
                                         cell(report::metric(*one, "HR@10"), 4, Tone::dim),
                                         cell(report::metric(*one, "NDCG@10"), 4, Tone::dim)});
    titled.notes = {
        "Ties in expectation; random, popularity and iALS (real vectors): of the first run's data. "
        "up, down: bytes of a user in a round it took part in. CPU: of the coordinator and its "
        "clients, until the test at the end. e: epsilon of "
        "one report of a bit, and over the run of a code, an item set, and a user as a whole; "
        "a dash: no bound."};
    return titled;
}

report::TitledTable found_table(const std::vector<DefenceRow>& rows) {
    const std::vector<std::string> ids = attacks_of(rows);
    report::TitledTable titled;
    titled.title = "What attacks find";
    titled.table.columns = {{"defence", false}};
    for (const std::string& id : ids) titled.table.columns.push_back({id});
    std::string legend;
    for (const std::string& id : ids)
        for (const DefenceRow& row : rows)
            if (const Exposure* one = row.runs.empty() ? nullptr : headline(row.runs.front(), id)) {
                legend += fmt::format("{}{} {}: {}", legend.empty() ? "" : "; ", id, one->name,
                                      one->figure);
                break;
            }
    for (const DefenceRow& row : rows) {
        std::vector<Cell> found{{row.name}}, chance{{"  chance", Tone::dim}};
        for (const std::string& id : ids) {
            const auto of = [&](auto member) {
                return mean(row, [&](const DefenceRun& run) {
                    const Exposure* one = headline(run, id);
                    return one == nullptr ? Value() : Value(one->*member);
                });
            };
            const Exposure* one = row.runs.empty() ? nullptr : headline(row.runs.front(), id);
            const bool above = one != nullptr && one->interval && one->interval->low > one->chance;
            const int digits = one != nullptr && one->ceiling > 1 ? 0 : 3;  // counts, or shares
            found.push_back(cell(of(&Exposure::value), digits, above ? Tone::bad : Tone::plain));
            chance.push_back(cell(of(&Exposure::chance), digits, Tone::dim));
        }
        titled.table.rows.push_back(std::move(found));
        titled.table.rows.push_back(std::move(chance));
    }
    titled.notes = {
        legend + ".",
        "chance: who guesses with what everybody knows. The exact 95 % intervals are in "
        "the CSV form; a dash: nothing to work on."};
    for (const DefenceRow& row : rows)
        if (!row.runs.empty() && !row.runs.front().report.audit.empty())
            titled.notes.push_back(
                fmt::format("{}: {}", row.name, audit_text(row.runs.front().report.audit)));
    return titled;
}

}  // namespace

std::vector<report::TitledTable> matrix_tables(const std::vector<DefenceRow>& rows) {
    return {cost_table(rows), found_table(rows)};
}

std::string matrix_csv(const std::vector<DefenceRow>& rows) {
    std::string text = "defence,seed," + exposure_csv_head();
    for (const DefenceRow& row : rows)
        for (const DefenceRun& run : row.runs) {
            const std::string begin = fmt::format("{},{},", report::csv_field(row.name), run.seed);
            for (const Cost& cost : costs()) {
                const Value value = cost.value(run);
                text += fmt::format("{}cost,,{},{},,,,,,,\n", begin, report::csv_field(cost.title),
                                    value ? fmt::format("{:.10g}", *value) : "");
            }
            for (const Exposure& one : run.report.figures) text += begin + exposure_csv_row(one);
        }
    return text;
}

}  // namespace fedhash::scenarios
