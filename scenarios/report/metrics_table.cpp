#include "scenarios/report/metrics_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "scenarios/report/format.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios::report {
namespace {

using nlohmann::json;

enum class Kind { contender, ties, ceiling };

struct Line {
    std::string label;
    const json* metrics;
    Kind kind = Kind::contender;
    std::string_view which = "expected";
};

std::string method_of(const json& summary) {
    const std::string method = text(summary, {"method"});
    return method.empty() ? "method" : method;
}

/// One way of scoring that has figures.
struct Way {
    std::string name, label;
    const json* metrics;
};

std::string way_label(const json& summary, const std::string& name) {
    if (name == "codes")
        return (find(summary, {"bits"}) ? find(summary, {"bits"})->dump() + "-bit " : "") + "codes";
    if (name == "vector") return "real vector";
    if (name == "planes") return "vector in bit planes";
    if (name == "newcomer") return "newcomer's vector";
    if (name == "factors") return "real factors";
    if (name == "rerank") return "codes, then real vector";
    return name;
}

std::vector<Way> ways_of(const json& summary) {
    std::vector<Way> ways;
    const json* names = find(summary, {"scorings"});
    if (names == nullptr || !names->is_array()) return ways;
    for (const json& entry : *names) {
        if (!entry.is_string()) continue;
        const std::string name = entry.get<std::string>();
        if (const json* metrics = find(summary, {"metrics", name}))
            ways.push_back({name, way_label(summary, name), metrics});
    }
    return ways;
}

std::string value_text(std::optional<double> value) {
    return value ? fmt::format("{:.4f}", *value) : std::string(dash);
}

/// Ascending, of any row.
std::vector<std::uint32_t> cutoffs_of(const json& summary) {
    std::set<std::uint32_t> found;
    std::vector<const json*> rows;
    for (const Way& way : ways_of(summary)) rows.push_back(way.metrics);
    for (const char* name : {"random", "popularity", "ials"})
        rows.push_back(find(summary, {"baselines", name}));
    for (const json* metrics : rows) {
        if (!metrics || !metrics->is_object()) continue;
        for (const auto& [name, value] : metrics->items()) {
            if (!name.starts_with("HR@") && !name.starts_with("NDCG@")) continue;
            std::uint32_t k = 0;
            const char* digits = name.data() + name.find('@') + 1;
            const char* end = name.data() + name.size();
            if (std::from_chars(digits, end, k).ptr == end) found.insert(k);
        }
    }
    return {found.begin(), found.end()};
}

/// The one to keep: 10 as papers have it, else the middle one.
std::uint32_t headline_cutoff(const std::vector<std::uint32_t>& cutoffs) {
    constexpr std::uint32_t usual = 10;
    return std::ranges::find(cutoffs, usual) != cutoffs.end() ? usual
                                                              : cutoffs[(cutoffs.size() - 1) / 2];
}

std::string at(std::string_view metric_name, std::uint32_t k) {
    return fmt::format("{}@{}", metric_name, k);
}

std::vector<std::string> all_columns(const std::vector<std::uint32_t>& cutoffs) {
    std::vector<std::string> names;
    for (std::uint32_t k : cutoffs) names.insert(names.end(), {at("HR", k), at("NDCG", k)});
    names.insert(names.end(), {at("Recall", cutoffs.back()), "AUC"});
    return names;
}

/// Groups to leave out until the table fits, the least missed first.
std::vector<std::vector<std::string>> dispensable(const std::vector<std::uint32_t>& cutoffs) {
    const std::uint32_t headline = headline_cutoff(cutoffs);
    std::vector<std::vector<std::string>> groups{{at("Recall", cutoffs.back())}};
    for (std::uint32_t k : cutoffs)
        if (k != headline) groups.push_back({at("HR", k), at("NDCG", k)});
    groups.push_back({"AUC"});
    return groups;
}

std::vector<Line> contenders(const json& summary) {
    std::vector<Line> lines;
    for (const Way& way : ways_of(summary)) {
        lines.push_back({method_of(summary) + ", " + way.label, way.metrics});
        if (way.name != "codes") continue;
        lines.push_back({"  ties at best", way.metrics, Kind::ties, "optimistic"});
        lines.push_back({"  ties at worst", way.metrics, Kind::ties, "pessimistic"});
    }
    if (const json* random = find(summary, {"baselines", "random"}))
        lines.push_back({"random", random});
    if (const json* popular = find(summary, {"baselines", "popularity"}))
        lines.push_back({"popularity", popular});
    if (const json* ials = find(summary, {"baselines", "ials"}))
        lines.push_back({"iALS, the ceiling", ials, Kind::ceiling});
    return lines;
}

bool ties_matter(const json& codes, const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [&](const std::string& name) {
        return value_text(metric(codes, name, "optimistic")) !=
               value_text(metric(codes, name, "pessimistic"));
    });
}

bool measured_anywhere(const std::vector<Line>& lines, const std::string& name) {
    return std::ranges::any_of(
        lines, [&](const Line& line) { return metric(*line.metrics, name).has_value(); });
}

/// With one held-out item per user, Recall is HR.
bool same_everywhere(const std::vector<Line>& lines, const std::string& a, const std::string& b) {
    return std::ranges::all_of(lines, [&](const Line& line) {
        return value_text(metric(*line.metrics, a)) == value_text(metric(*line.metrics, b));
    });
}

std::optional<double> best_of(const std::vector<Line>& lines, const std::string& name) {
    std::optional<double> best;
    for (const Line& line : lines) {
        if (line.kind != Kind::contender) continue;
        if (const auto value = metric(*line.metrics, name); value && (!best || *value > *best))
            best = value;
    }
    return best;
}

Table build(const std::vector<Line>& lines, const std::vector<std::string>& names,
            const std::string& headline, std::optional<double> ceiling) {
    Table table;
    table.columns.push_back({"", false});
    for (const std::string& name : names) table.columns.push_back({name});
    if (ceiling) table.columns.push_back({"of ceiling"});
    for (const Line& line : lines) {
        const Tone usual = line.kind == Kind::contender ? Tone::plain : Tone::dim;
        std::vector<Cell> row{{line.label, usual}};
        for (const std::string& name : names) {
            const auto value = metric(*line.metrics, name, line.which);
            const auto best = best_of(lines, name);
            // Equal as printed is equal to the reader.
            const bool bold = line.kind == Kind::contender && value && best &&
                              value_text(value) == value_text(best);
            row.push_back({value_text(value), bold ? Tone::bold : usual});
        }
        const auto value = metric(*line.metrics, headline);
        if (ceiling && line.kind != Kind::ties)
            row.push_back(
                {value ? fmt::format("{:.0f}%", 100 * *value / *ceiling) : std::string(dash),
                 usual});
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace

std::string headline_metric(const json& summary) {
    const auto cutoffs = cutoffs_of(summary);
    return cutoffs.empty() ? "" : at("NDCG", headline_cutoff(cutoffs));
}

Table metrics_table(const json& summary, std::size_t width) {
    const auto cutoffs = cutoffs_of(summary);
    std::vector<Line> lines = contenders(summary);
    if (cutoffs.empty() || lines.empty()) return {};

    std::vector<std::string> names = all_columns(cutoffs);
    std::erase_if(names, [&](const std::string& name) { return !measured_anywhere(lines, name); });
    if (same_everywhere(lines, at("Recall", cutoffs.back()), at("HR", cutoffs.back())))
        std::erase(names, at("Recall", cutoffs.back()));
    if (const json* codes = find(summary, {"metrics", "codes"});
        codes && !ties_matter(*codes, names))
        std::erase_if(lines, [](const Line& line) { return line.kind == Kind::ties; });

    const std::string headline = headline_metric(summary);
    std::optional<double> ceiling;
    if (const json* ials = find(summary, {"baselines", "ials"})) ceiling = metric(*ials, headline);
    if (ceiling && *ceiling <= 0) ceiling.reset();

    Table table = build(lines, names, headline, ceiling);
    for (const auto& group : dispensable(cutoffs)) {
        if (width_of(table) <= width) break;
        std::erase_if(names, [&](const std::string& name) {
            return std::ranges::find(group, name) != group.end();
        });
        table = build(lines, names, headline, ceiling);
    }
    return table;
}

std::vector<std::string> defeats(const json& summary) {
    const std::string headline = headline_metric(summary);
    const std::string method = method_of(summary);
    std::vector<std::string> sentences;
    for (const Way& way : ways_of(summary))
        for (const char* rival : {"popularity", "random"}) {
            const json* theirs = find(summary, {"baselines", rival});
            if (!theirs) continue;
            const std::string name = way.name == "codes" ? method : method + ", " + way.label + ",";
            const auto value = metric(*way.metrics, headline), bar = metric(*theirs, headline);
            if (value && bar && *value < *bar)
                sentences.push_back(fmt::format("{} loses to {}: {} {:.4f} against {:.4f}.", name,
                                                rival, headline, *value, *bar));
        }
    return sentences;
}

}  // namespace fedhash::scenarios::report
