#include "scenarios/experiments/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>
#include <string_view>

#include "common/errors.hpp"
#include "common/measures.hpp"
#include "scenarios/experiments/compared_source.hpp"
#include "scenarios/experiments/row_commands.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {
namespace {

struct Baseline {
    const char* name;
    const char* label;
};
constexpr std::array baselines{Baseline{"random", "random"}, Baseline{"popularity", "popularity"},
                               Baseline{"ials", "iALS, the ceiling"}};

/// Names of metrics that all runs measured, in the first one's order.
std::vector<std::string> common_metrics(const std::vector<RunRecord>& runs) {
    std::vector<std::string> common = runs.front().metric_names();
    for (const RunRecord& run : runs) {
        const std::vector<std::string> names = run.metric_names();
        std::erase_if(common, [&names](const std::string& name) {
            return std::ranges::find(names, name) == names.end();
        });
    }
    return common;
}

std::uint32_t headline_of(const std::vector<std::string>& names) {
    std::vector<std::uint32_t> cutoffs;
    for (const std::string& name : names) {
        std::uint32_t k = 0;
        if (name.starts_with("NDCG@") &&
            std::from_chars(name.data() + 5, name.data() + name.size(), k).ec == std::errc{})
            cutoffs.push_back(k);
    }
    if (cutoffs.empty()) throw UsageError("the runs have no NDCG in common (see eval.k)");
    std::ranges::sort(cutoffs);
    return headline_cutoff(cutoffs);
}

std::vector<std::string> chosen_metrics(const std::vector<std::string>& asked,
                                        const std::vector<std::string>& common, std::uint32_t k) {
    for (const std::string& name : asked)
        if (std::ranges::find(common, name) == common.end())
            throw UsageError(fmt::format("--metrics: not all runs measured '{}'{}; there is {}",
                                         name, settings::did_you_mean(name, common),
                                         settings::joined(common, ", ")));
    if (!asked.empty()) return asked;
    std::vector<std::string> chosen;
    for (const std::string& name :
         {fmt::format("HR@{}", k), fmt::format("NDCG@{}", k), fmt::format("Recall@{}", k),
          std::string("NDCG@20"), std::string("Recall@20")})
        if (std::ranges::find(common, name) != common.end() &&
            std::ranges::find(chosen, name) == chosen.end())
            chosen.push_back(name);
    return chosen;
}

void check_data(const std::vector<ComparedRow>& rows, const std::vector<RunRecord>& runs) {
    for (const ComparedRow& row : rows) {
        if (row.data == rows.front().data) continue;
        const RunRecord &first = runs[rows.front().runs.front()], &other = runs[row.runs.front()];
        std::string what;
        for (const char* key : {"label", "split", "candidates"}) {
            const std::string a = first.data(key), b = other.data(key);
            if (a != b)
                what += fmt::format("; {} is {} there and {} here", key, settings::toml_string(a),
                                    settings::toml_string(b));
        }
        if (what.empty())
            what = "; the data have other contents, or the rows other seeds of the split";
        throw UsageError(fmt::format(
            "{} was not measured on the same users, held-out items and candidates as {}{}. Compare "
            "runs of one data set, split and data.seed, or give --mixed to see them beside each "
            "other without a test",
            other.folder.string(), first.folder.string(), what));
    }
}

std::optional<double> mean_of(const ComparedRow& row, const std::vector<RunRecord>& runs,
                              const std::vector<std::string>& path) {
    std::vector<double> values;
    for (std::size_t i : row.runs)
        if (const auto value = figure(runs[i].summary, path)) values.push_back(*value);
    const auto all = spread(values);
    return all ? std::optional(all->mean) : std::nullopt;
}

/// The ways of scoring of a row that were measured at the end, those asked for alone.
std::vector<std::string> shown_scorings(const ComparedRow& row, const std::vector<RunRecord>& runs,
                                        const std::vector<std::string>& asked) {
    std::vector<std::string> shown = runs[row.runs.front()].scorings();
    const nlohmann::json& measured = runs[row.runs.front()].summary.at("metrics");
    std::erase_if(shown, [&](const std::string& scoring) {
        return !measured.contains(scoring) ||
               (!asked.empty() && std::ranges::find(asked, scoring) == asked.end());
    });
    return shown;
}

/// The best row first, by the best of its ways of scoring that are shown; rows without a figure
/// last.
void sort_rows(std::vector<ComparedRow>& rows, const std::vector<RunRecord>& runs,
               const CompareOptions& options, const std::vector<std::string>& known) {
    if (options.sort.empty()) return;
    if (std::ranges::find(known, options.sort) == known.end())
        throw UsageError(fmt::format("--sort: not all runs measured '{}'{}", options.sort,
                                     settings::did_you_mean(options.sort, known)));
    std::ranges::stable_sort(rows, std::greater{}, [&](const ComparedRow& row) {
        double best = -1;
        for (const std::string& scoring : shown_scorings(row, runs, options.scorings))
            best =
                std::max(best, mean_of(row, runs, {"metrics", scoring, options.sort}).value_or(-1));
        return best;
    });
}

/// Refuses a --scoring that no run has.
void check_scorings(const std::vector<RunRecord>& runs, const std::vector<std::string>& asked) {
    std::vector<std::string> known;
    for (const RunRecord& run : runs)
        for (const std::string& scoring : run.scorings())
            if (std::ranges::find(known, scoring) == known.end()) known.push_back(scoring);
    for (const std::string& scoring : asked)
        if (std::ranges::find(known, scoring) == known.end())
            throw UsageError(fmt::format("--scoring: no run scored with '{}'{}; there is {}",
                                         scoring, settings::did_you_mean(scoring, known),
                                         settings::joined(known, ", ")));
}

std::vector<ComparedSource> row_sources(const std::vector<ComparedRow>& rows,
                                        const std::vector<RunRecord>& runs,
                                        const std::vector<std::string>& asked) {
    std::vector<ComparedSource> sources;
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (const std::string& scoring : shown_scorings(rows[r], runs, asked))
            sources.push_back({rows[r].label,
                               scoring,
                               scoring,
                               r,
                               rows[r].data,
                               rows[r].runs,
                               {"metrics", scoring}});
    return sources;
}

/// Each baseline once for each data; of runs with the same data and seed, which agree on it, one.
void add_baselines(std::vector<ComparedSource>& sources, const std::vector<ComparedRow>& rows,
                   const std::vector<RunRecord>& runs, bool needed) {
    std::vector<std::string> data;
    std::set<std::string> labels;
    for (const ComparedRow& row : rows)
        if (std::ranges::find(data, row.data) == data.end()) {
            data.push_back(row.data);
            labels.insert(runs[row.runs.front()].data("label"));
        }
    for (const Baseline& baseline : baselines) {
        bool found = false;
        for (const std::string& one : data) {
            ComparedSource source{
                baseline.label, "", baseline.name, {}, one, {}, {"baselines", baseline.name}};
            std::set<std::pair<std::string, std::uint64_t>> seen;
            for (const ComparedRow& row : rows)
                for (std::size_t i : row.runs)
                    if (row.data == one && runs[i].summary.contains("/baselines"_json_pointer) &&
                        runs[i].summary["baselines"].contains(baseline.name) &&
                        seen.emplace(runs[i].data("hash"), runs[i].seed()).second)
                        source.runs.push_back(i);
            if (source.runs.empty()) continue;
            const RunRecord& first = runs[source.runs.front()];
            if (data.size() > 1) source.label += ", " + first.data("label");
            if (data.size() > labels.size()) source.label += ", " + first.data("candidates");
            sources.push_back(std::move(source));
            found = true;
        }
        if (!found && needed)
            throw UsageError(
                fmt::format("no run measured the baseline {}; make one with: fedhash run {} --set "
                            "baselines.enabled=true",
                            baseline.name, (runs.front().folder / "config.toml").string()));
    }
}

std::optional<Spread> figures(const ComparedSource& source, const std::vector<RunRecord>& runs,
                              std::vector<std::string> path) {
    path.insert(path.begin(), source.path.begin(), source.path.end());
    std::vector<double> values;
    for (std::size_t i : source.runs)
        if (const auto value = figure(runs[i].summary, path)) values.push_back(*value);
    return spread(values);
}

void add_costs(ComparedLine& line, const ComparedRow& row, const std::vector<RunRecord>& runs) {
    line.bytes_up = mean_of(row, runs, {"bytes", "up_per_user"});
    line.bytes_down = mean_of(row, runs, {"bytes", "down_per_user"});
    line.rounds = mean_of(row, runs, {"rounds"});
    line.seconds = mean_of(row, runs, {"seconds", "total"});
    for (std::size_t i : row.runs) line.tried = std::max(line.tried, runs[i].tried);
}

/// Names the rows that have runs of which something holds: "{}" of `text`.
template <class Holds>
void notice_rows(Comparison& comparison, const std::vector<ComparedRow>& rows,
                 const std::vector<RunRecord>& runs, const char* text, Holds holds) {
    std::vector<std::string> labels;
    for (const ComparedRow& row : rows) {
        const auto count =
            std::ranges::count_if(row.runs, [&](std::size_t i) { return holds(runs[i].summary); });
        if (count > 0)
            labels.push_back(fmt::format("{} ({} of {} runs)", row.label, count, row.runs.size()));
    }
    if (!labels.empty())
        comparison.notices.push_back(
            fmt::format(fmt::runtime(text), fmt::join(labels, ", ")));
}

/// Rows whose codes have collapsed (launch/code_health.hpp), and rows that are of fewer uploads
/// than they seem to be.
void notice_runs(Comparison& comparison, const std::vector<ComparedRow>& rows,
                 const std::vector<RunRecord>& runs) {
    notice_rows(comparison, rows, runs,
                "codes collapse: {}; fedhash compare --tables codes shows how",
                [](const nlohmann::json& summary) {
                    const auto warnings = "/code_health/collapse"_json_pointer;
                    return summary.contains(warnings) && !summary[warnings].empty();
                });
    notice_rows(comparison, rows, runs,
                "uploads were lost (clients that went, or missed a deadline): {}; without them the "
                "codes are others, summary.json names who",
                [](const nlohmann::json& summary) { return summary.value("uploads_lost", 0) > 0; });
}

ComparedCodes codes_of(const ComparedRow& row, const std::vector<RunRecord>& runs) {
    const auto of = [&](const char* key) { return mean_of(row, runs, {"code_health", key}); };
    return {of("balance"), of("correlation"), of("dead_bits"), of("duplicates"),
            of("place"),   of("tied"),        of("drawn")};
}

/// A baseline's mean on the data of a source.
std::optional<double> baseline_mean(const std::string& name, const ComparedSource& source,
                                    const std::vector<ComparedSource>& sources,
                                    const std::vector<RunRecord>& runs, const std::string& metric) {
    for (const ComparedSource& baseline : sources) {
        if (baseline.row || baseline.name != name || baseline.data != source.data) continue;
        const auto all = figures(baseline, runs, {metric});
        return all ? std::optional(all->mean) : std::nullopt;
    }
    return std::nullopt;
}

void add_figures(ComparedLine& line, const ComparedSource& source,
                 const std::vector<ComparedSource>& sources, const std::vector<RunRecord>& runs,
                 const std::vector<std::string>& metrics) {
    for (const std::string& metric : metrics) {
        const auto ours = figures(source, runs, {metric});
        const auto ceiling = baseline_mean("ials", source, sources, runs, metric);
        const auto popular = baseline_mean("popularity", source, sources, runs, metric);
        const bool has_share = ours && ceiling && *ceiling > 0;
        const auto bound = [&](const char* which) {
            const auto all = figures(source, runs, {metric, which});
            return all ? std::optional(all->mean) : std::nullopt;
        };
        line.metrics.push_back(ours);
        line.at_worst.push_back(bound("pessimistic"));
        line.at_best.push_back(bound("optimistic"));
        line.of_ceiling.push_back(has_share ? std::optional(ours->mean / *ceiling) : std::nullopt);
        line.below_popularity.push_back(ours && popular && ours->mean < *popular);
    }
}

/// With one held-out item a user, Recall is HR and says nothing more.
void drop_repetition(Comparison& comparison, const std::vector<ComparedSource>& sources,
                     const std::vector<RunRecord>& runs, std::uint32_t k) {
    const std::string recall = fmt::format("Recall@{}", k), hr = fmt::format("HR@{}", k);
    const bool same = std::ranges::all_of(sources, [&](const ComparedSource& source) {
        const auto a = figures(source, runs, {recall}), b = figures(source, runs, {hr});
        return a && b && std::abs(a->mean - b->mean) < 1e-9;
    });
    if (same) std::erase(comparison.metrics, recall);
}

}  // namespace

Comparison compare(const std::vector<RunRecord>& runs, const CompareOptions& options,
                   const std::filesystem::path& presets) {
    std::vector<ComparedRow> rows = group_runs(runs, presets);
    const bool one_data = std::ranges::all_of(
        rows, [&rows](const ComparedRow& row) { return row.data == rows.front().data; });
    if (!options.mixed) check_data(rows, runs);
    check_scorings(runs, options.scorings);

    Comparison result;
    const std::vector<std::string> common = common_metrics(runs);
    const std::uint32_t k = headline_of(common);
    sort_rows(rows, runs, options, common);
    result.headline = fmt::format("NDCG@{}", k);
    result.metrics = chosen_metrics(options.metrics, common, k);
    if (one_data)
        for (const char* key : {"label", "split", "candidates"})
            result.data.push_back(runs.front().data(key));
    std::set<std::uint64_t> splits;
    for (const RunRecord& run : runs) splits.insert(run.settings.scenario.data.seed);
    if (one_data && splits.size() > 1)
        result.data.push_back(fmt::format("and of data.seed {}", fmt::join(splits, ", ")));
    for (const ComparedRow& row : rows)
        for (std::size_t i : row.repeats)
            result.notices.push_back(runs[i].folder.string() +
                                     ": left out, another run has the same settings and seeds");

    notice_runs(result, rows, runs);

    std::vector<ComparedSource> sources = row_sources(rows, runs, options.scorings);
    add_baselines(sources, rows, runs, options.need_baselines);
    if (options.metrics.empty()) drop_repetition(result, sources, runs, k);
    const auto against = opponents(sources, rows, runs, options.reference, result.reference);
    for (std::size_t s = 0; s < sources.size(); ++s) {
        ComparedLine line;
        line.label = sources[s].label;
        line.scoring = sources[s].scoring;
        line.runs = sources[s].runs.size();
        line.is_reference = sources[s].label == result.reference ||
                            std::ranges::find(against, std::optional(s)) != against.end();
        add_figures(line, sources[s], sources, runs, result.metrics);
        if (sources[s].row && sources[s].scoring == "codes")
            line.codes = codes_of(rows[*sources[s].row], runs);
        const bool first = s == 0 || sources[s - 1].row != sources[s].row;
        if (sources[s].row && first) {
            add_costs(line, rows[*sources[s].row], runs);
            line.commands = row_commands(rows[*sources[s].row], runs, presets);
        }
        result.lines.push_back(std::move(line));
    }
    add_tests(result, sources, against, runs);
    return result;
}

}  // namespace fedhash::scenarios
