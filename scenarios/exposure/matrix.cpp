#include "scenarios/exposure/matrix.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

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
Value quality(const nlohmann::json& summary, std::string_view metric) {
    const nlohmann::json* metrics = report::find(summary, {"metrics"});
    const nlohmann::json* ways = report::find(summary, {"scorings"});
    if (metrics == nullptr || ways == nullptr) return std::nullopt;
    for (const nlohmann::json& way : *ways)
        if (const nlohmann::json* one = report::find(*metrics, {way.get<std::string>()}))
            return report::metric(*one, metric);
    return std::nullopt;
}

/// Of the user that was heard most often; nothing where there is no bound, or nobody was heard.
Value epsilon_of_user(const nlohmann::json& summary) {
    const nlohmann::json* users = report::find(summary, {"privacy", "users"});
    if (users == nullptr || users->empty()) return std::nullopt;
    if (report::number(users->back(), {"uploads"}).value_or(0) == 0) return std::nullopt;
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

constexpr std::string_view hit_ratio = "HR@10";

struct Cost {
    std::string title;
    std::function<Value(const DefenceRun&)> value;
    int digits;
};

std::vector<Cost> costs() {
    const auto metric = [](std::string_view name) {
        return [name](const DefenceRun& run) { return quality(run.summary, name); };
    };
    const auto bytes = [](const char* name) {
        return [name](const DefenceRun& run) {
            return report::number(run.summary, {"bytes", name});
        };
    };
    return {
        {std::string(hit_ratio), metric(hit_ratio), 4},
        {"NDCG@10", metric("NDCG@10"), 4},
        {"up, B", bytes("up_per_user_round"), 0},
        {"down, B", bytes("down_per_user_round"), 0},
        {"CPU, s", [](const DefenceRun& run) { return run.cpu_seconds; }, 1},
        {"e bit",
         [](const DefenceRun& run) {
             const Value of_code = epsilon_of(run.summary, "a bit of the code", "report");
             return of_code ? of_code : epsilon_of(run.summary, "a ballot", "report");
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

std::string seeds_text(const std::vector<DefenceRow>& rows) {
    const std::size_t seeds = rows.empty() ? 1 : rows.front().runs.size();
    return seeds > 1 ? fmt::format(" (means of {} seeds)", seeds) : "";
}

report::TitledTable cost_table(const std::vector<DefenceRow>& rows) {
    report::TitledTable titled;
    titled.title = "What defences cost" + seeds_text(rows);
    titled.table.columns = {{"defence", false}};
    for (const Cost& cost : costs()) {
        titled.table.columns.push_back({cost.title});
        if (cost.title == hit_ratio) titled.table.columns.push_back({"lost"});
    }
    const auto hits = [](const DefenceRun& run) { return quality(run.summary, hit_ratio); };
    for (const DefenceRow& row : rows) {
        std::vector<Cell> cells{{row.name}};
        for (const Cost& cost : costs()) {
            const Value value = mean(row, cost.value);
            cells.push_back(cell(value, cost.digits));
            if (cost.title != hit_ratio) continue;
            const Value first = mean(rows.front(), hits);
            const bool compared = &row != &rows.front() && first && value;
            cells.push_back(cell(compared ? Value(*first - *value) : Value(), 4));
        }
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
                                         cell(report::metric(*one, hit_ratio), 4, Tone::dim),
                                         {""},
                                         cell(report::metric(*one, "NDCG@10"), 4, Tone::dim)});
    titled.notes = {
        "Ties in expectation; lost: against the first line; random, popularity and iALS (real "
        "vectors): of the first run's data. "
        "up, down: bytes of a user in a round it took part in. CPU: of the coordinator and its "
        "clients, until the test at the end. e: epsilon of "
        "one report of a bit, and over the run of a code, an item set, and a user as a whole; "
        "a dash: no bound."};
    return titled;
}

/// What the figures of each attack are.
std::string legend_of(const std::vector<DefenceRow>& rows, const std::vector<std::string>& ids) {
    std::string legend;
    for (const std::string& id : ids) {
        std::string name;
        std::vector<std::string> figures;
        for (const DefenceRow& row : rows)
            for (const DefenceRun& run : row.runs) {
                const Exposure* one = headline(run, id);
                if (one == nullptr) continue;
                if (name.empty()) name = one->name.substr(0, one->name.find(':'));
                if (std::ranges::find(figures, one->figure) == figures.end())
                    figures.push_back(one->figure);
            }
        legend += fmt::format("{} {}: {}; ", id, name, fmt::join(figures, ", or "));
    }
    return legend + "a dash: nothing to work on, below.";
}

/// Which attacks were left out for which reason, and in which lines.
std::vector<std::string> reasons_of(const std::vector<DefenceRow>& rows) {
    constexpr std::size_t most_names = 3;
    std::vector<std::string> reasons;
    for (const std::string& id : attack_ids()) {
        std::map<std::string, std::vector<std::string>> lines;  // by reason
        for (const DefenceRow& row : rows) {
            if (row.runs.empty()) continue;
            for (const Exposure& one : row.runs.front().report.figures)
                if (one.attack == id && !one.refused.empty())
                    lines[one.refused].push_back(row.name);
        }
        for (const auto& [reason, names] : lines) {
            const std::string where =
                names.size() == rows.size() ? "everywhere"
                : names.size() <= most_names
                    ? fmt::format("{}", fmt::join(names, ", "))
                    : fmt::format("{} of {} lines", names.size(), rows.size());
            reasons.push_back(
                fmt::format("{}: {}{}.", id, reason, rows.size() > 1 ? " (" + where + ")" : ""));
        }
    }
    return reasons;
}

/// Of a line's runs: those whose audit failed, or the one that came closest to it.
std::vector<std::string> audits_of(const DefenceRow& row) {
    const auto least = [](const DefenceRun& run) {
        double likelihood = 1;
        for (const AuditTest& test : run.report.audit.tests)
            likelihood = std::min(likelihood, test.likelihood);
        return likelihood;
    };
    std::vector<std::string> texts;
    const auto tell = [&](const DefenceRun& run, const std::string& which) {
        const std::string text = audit_text(run.report.audit);
        if (!text.empty()) texts.push_back(fmt::format("{}{}: {}", row.name, which, text));
    };
    const bool several = row.runs.size() > 1;
    for (const DefenceRun& run : row.runs)
        if (run.report.violated()) tell(run, several ? fmt::format(", seed {}", run.seed) : "");
    if (texts.empty() && !row.runs.empty()) {
        const DefenceRun& closest = *std::ranges::min_element(row.runs, {}, least);
        tell(closest,
             several ? fmt::format(", all {} seeds, the closest {}", row.runs.size(), closest.seed)
                     : "");
    }
    return texts;
}

report::TitledTable found_table(const std::vector<DefenceRow>& rows) {
    const std::vector<std::string> ids = attacks_of(rows);
    report::TitledTable titled;
    titled.title = "What attacks find" + seeds_text(rows);
    titled.table.columns = {{"defence", false}};
    for (const std::string& id : ids) titled.table.columns.push_back({id});
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
    if (!ids.empty()) titled.notes.push_back(legend_of(rows, ids));
    titled.notes.push_back(
        "chance: who guesses with what everybody knows. The exact 95 % intervals are in "
        "the CSV form.");
    std::ranges::move(reasons_of(rows), std::back_inserter(titled.notes));
    for (const DefenceRow& row : rows) {
        std::ranges::move(audits_of(row), std::back_inserter(titled.notes));
        for (const DefenceRun& run : row.runs)
            if (run.report.sums)
                titled.notes.push_back(
                    fmt::format("{}{}: {}", row.name,
                                row.runs.size() > 1 ? fmt::format(", seed {}", run.seed) : "",
                                sum_text(*run.report.sums)));
    }
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
                                    value ? fmt::format("{:.{}f}", *value, cost.digits + 2) : "");
            }
            for (const std::string& line : exposure_csv_rows(run.report)) text += begin + line;
        }
    return text;
}

}  // namespace fedhash::scenarios
