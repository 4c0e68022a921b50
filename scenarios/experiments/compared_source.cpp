#include "scenarios/experiments/compared_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/errors.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;

/// The only row of a method.
std::optional<std::size_t> row_of_method(const std::vector<ComparedRow>& rows,
                                         const std::vector<RunRecord>& runs,
                                         const std::string& method) {
    std::optional<std::size_t> found;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (runs[rows[r].runs.front()].settings.scenario.method.name != method) continue;
        if (found) return std::nullopt;
        found = r;
    }
    return found;
}

/// The row that a label, a method or a folder names.
std::optional<std::size_t> find_row(const std::vector<ComparedRow>& rows,
                                    const std::vector<RunRecord>& runs,
                                    const std::string& reference) {
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r].label == reference) return r;
    if (const auto row = row_of_method(rows, runs, reference)) return row;
    std::error_code error;
    if (!fs::exists(reference, error)) return std::nullopt;
    for (const fs::path& folder : find_runs({reference}).folders)
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (const auto* list : {&rows[r].runs, &rows[r].repeats})
                for (std::size_t i : *list)
                    if (fs::equivalent(runs[i].folder, folder)) return r;
    return std::nullopt;
}

[[noreturn]] void fail_reference(const std::string& reference,
                                 const std::vector<ComparedRow>& rows) {
    if (reference == "random")
        throw UsageError(
            "--baseline random: no figures of single users are kept for it; choose popularity, "
            "ials, or a row");
    std::vector<std::string> names{"popularity", "ials"};
    for (const ComparedRow& row : rows) names.push_back(row.label);
    throw UsageError(fmt::format(
        "--baseline {}: no such row or run{}; there is '{}'", settings::toml_string(reference),
        settings::did_you_mean(reference, names), settings::joined(names, "', '")));
}

/// The reference's line with the same way of scoring, else its first one.
std::optional<std::size_t> line_of(const std::vector<ComparedSource>& sources, std::size_t row,
                                   const std::string& scoring) {
    std::optional<std::size_t> first;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        if (sources[s].row != row) continue;
        if (sources[s].scoring == scoring) return s;
        if (!first) first = s;
    }
    return first;
}

std::string population(const RunRecord& run) {
    return run.settings.scenario.data.format == "synthetic" ? run.data("hash") : "";
}

/// Rows of user_metrics go by user; tables of different lengths cannot be of the same users.
bool same_users(const UserTable& a, const UserTable& b) {
    return std::ranges::all_of(a.front(), [&b](const auto& entry) {
        const auto other = b.front().find(entry.first);
        return other == b.front().end() || other->second.users() == entry.second.users();
    });
}

}  // namespace

std::optional<UserTable> user_table(const ComparedSource& source,
                                    const std::vector<RunRecord>& runs,
                                    const std::vector<std::string>& metrics, std::string& notice) {
    UserTable table(metrics.size());
    for (std::size_t i : source.runs) {
        const fs::path file = runs[i].folder / "user_metrics" / (source.name + ".npy");
        std::error_code error;
        if (!fs::exists(file, error)) {
            notice = fmt::format("no test for {}: {} is not there", source.label, file.string());
            return std::nullopt;
        }
        const std::vector<std::string> names = runs[i].metric_names();
        const UserMatrix matrix = read_user_metrics(file);
        if (matrix.columns != names.size())
            throw DataError(fmt::format("{}: {} columns, and summary.json names {} metrics",
                                        file.string(), matrix.columns, names.size()));
        for (std::size_t m = 0; m < metrics.size(); ++m) {
            const auto column =
                static_cast<std::size_t>(std::ranges::find(names, metrics[m]) - names.begin());
            if (!table[m][population(runs[i])].add(matrix, column)) {
                notice = fmt::format("no test for {}: its runs have different numbers of users",
                                     source.label);
                return std::nullopt;
            }
        }
    }
    return table;
}

// Rows may have been sorted since.
std::optional<std::size_t> row_of_first_run(const std::vector<ComparedRow>& rows) {
    const auto holds_it = [](const ComparedRow& row) {
        return std::ranges::find(row.runs, 0u) != row.runs.end() ||
               std::ranges::find(row.repeats, 0u) != row.repeats.end();
    };
    return static_cast<std::size_t>(std::ranges::find_if(rows, holds_it) - rows.begin());
}

std::vector<std::optional<std::size_t>> opponents(const std::vector<ComparedSource>& sources,
                                                  const std::vector<ComparedRow>& rows,
                                                  const std::vector<RunRecord>& runs,
                                                  const std::string& reference,
                                                  std::string& label) {
    std::vector<std::optional<std::size_t>> against(sources.size());
    const bool is_baseline = reference == "popularity" || reference == "ials";
    const auto row = is_baseline         ? std::nullopt
                     : reference.empty() ? row_of_first_run(rows)
                                         : find_row(rows, runs, reference);
    if (!is_baseline && !row) fail_reference(reference, rows);
    label = row ? rows[*row].label : reference;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        if (row && sources[s].row != row) against[s] = line_of(sources, *row, sources[s].scoring);
        for (std::size_t other = 0; is_baseline && other < sources.size(); ++other)
            if (other != s && !sources[other].row && sources[other].name == reference &&
                sources[other].data == sources[s].data)
                against[s] = other;
        // Other data, other users.
        if (against[s] && sources[*against[s]].data != sources[s].data) against[s].reset();
    }
    return against;
}

void add_tests(Comparison& comparison, const std::vector<ComparedSource>& sources,
               const std::vector<std::optional<std::size_t>>& against,
               const std::vector<RunRecord>& runs) {
    std::vector<std::optional<UserTable>> tables(sources.size());
    std::vector<bool> wanted(sources.size());
    for (std::size_t s = 0; s < sources.size(); ++s)
        if (against[s] && sources[s].name != "random") wanted[s] = wanted[*against[s]] = true;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        std::string notice;
        if (wanted[s]) tables[s] = user_table(sources[s], runs, comparison.metrics, notice);
        if (!notice.empty()) comparison.notices.push_back(notice);
    }
    std::vector<double> p_values;
    std::vector<ComparedTest*> tests;
    for (std::size_t s = 0; s < sources.size(); ++s) {
        ComparedLine& line = comparison.lines[s];
        line.tests.resize(comparison.metrics.size());
        if (!against[s] || !tables[s] || !tables[*against[s]]) continue;
        if (!same_users(*tables[s], *tables[*against[s]])) {
            comparison.notices.push_back(fmt::format("no test for {}: it has other users than {}",
                                                     sources[s].label, sources[*against[s]].label));
            continue;
        }
        for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
            std::vector<double> gaps;
            const auto& theirs = (*tables[*against[s]])[m];
            for (const auto& [who, means] : (*tables[s])[m])
                if (const auto same = theirs.find(who); same != theirs.end())
                    std::ranges::copy(differences(means, same->second), std::back_inserter(gaps));
            const auto test = paired_t_test(gaps);
            if (!test) continue;
            line.tests[m] = ComparedTest{*test, test->p};
            tests.push_back(&*line.tests[m]);
            p_values.push_back(test->p);
        }
    }
    const std::vector<double> corrected = holm(p_values);
    for (std::size_t t = 0; t < tests.size(); ++t) tests[t]->corrected = corrected[t];
    comparison.tests = tests.size();
}

}  // namespace fedhash::scenarios
