#include "scenarios/settings/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/errors.hpp"
#include "common/measures.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {

using namespace settings;

namespace {

using nlohmann::json;

struct Operator {
    std::string_view name;
    bool (*holds)(double value, double bound);
};
constexpr std::array operators{
    Operator{">=", [](double a, double b) { return a >= b; }},
    Operator{"<=", [](double a, double b) { return a <= b; }},
    Operator{"==", [](double a, double b) { return a == b; }},
    Operator{">", [](double a, double b) { return a > b; }},
    Operator{"<", [](double a, double b) { return a < b; }},
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (std::size_t dot; (dot = path.find('.', start)) != std::string::npos; start = dot + 1)
        parts.push_back(path.substr(start, dot - start));
    parts.push_back(path.substr(start));
    return parts;
}

/// Where a path ends in the summary: at a value, or at an object that lacks the next part.
struct Walk {
    const json* end;
    std::string missing;
};

Walk walk(const json& from, const std::string& path) {
    const json* at = &from;
    for (const std::string& part : parts_of(path)) {
        if (!at->is_object() || !at->contains(part)) return {at, part};
        at = &at->at(part);
    }
    return {at, ""};
}

[[noreturn]] void fail_missing(const Walk& stop, const std::string& path,
                               const std::string& origin) {
    std::vector<std::string> names;
    if (stop.end->is_object())
        for (const auto& [name, value] : stop.end->items()) names.push_back(name);
    std::string hint = did_you_mean(stop.missing, names);
    if (hint.empty() && !names.empty()) hint = "; there is " + joined(names, ", ");
    throw UsageError(fmt::format("{}: [expect] names '{}', which the summary does not have{}",
                                 origin, path, hint));
}

/// The metrics of the first way of scoring that has any.
const json& headline(const json& summary) {
    const json& metrics = summary.at("metrics");
    if (summary.contains("scorings"))
        for (const json& way : summary.at("scorings"))
            if (metrics.contains(way)) return metrics.at(way);
    return metrics;
}

/// Nothing when the summary says null there.
std::optional<double> number_at(const json& summary, const std::string& path,
                                const std::string& origin) {
    Walk stop = walk(summary, path);
    if (!stop.missing.empty() && path.find('@') != std::string::npos &&
        summary.contains("metrics")) {
        const Walk metric = walk(headline(summary), path);
        if (metric.missing.empty() || stop.end == &summary) stop = metric;
        if (!metric.missing.empty()) {  // "vector.HR@10"
            const Walk way = walk(summary.at("metrics"), path);
            if (way.missing.empty()) stop = way;
        }
    }
    if (!stop.missing.empty()) fail_missing(stop, path, origin);
    const json* value = stop.end;
    if (value->is_object() && value->contains("expected")) value = &value->at("expected");
    if (value->is_null()) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>() ? 1.0 : 0.0;
    if (!value->is_number())
        throw UsageError(fmt::format(
            "{}: [expect] names '{}', which is {}, not a number", origin, path,
            value->is_string() ? value->dump()
                               : std::string(value->is_object() ? "a section" : "a list")));
    return value->get<double>();
}

std::string text_of(std::optional<double> value) {
    return value ? fmt::format("{:.6g}", *value) : "null";
}

void check_metric(const std::string& path, std::span<const std::uint32_t> cutoffs,
                  const std::string& origin) {
    std::vector<std::string> known;
    for (const MetricSpec& spec : metric_specs(cutoffs)) known.push_back(fedhash::name(spec));
    for (const std::string& part : parts_of(path)) {
        if (part.find('@') == std::string::npos || std::ranges::find(known, part) != known.end())
            continue;
        throw UsageError(fmt::format(
            "{}: [expect] names '{}', which this run does not measure (eval.k = [{}]){}", origin,
            part, fmt::join(cutoffs, ", "), did_you_mean(part, known)));
    }
}

}  // namespace

Expectation parse_expectation(const std::string& name, std::string_view text,
                              const std::string& where) {
    const std::string_view whole = trimmed(text);
    for (const Operator& candidate : operators) {
        if (!whole.starts_with(candidate.name)) continue;
        const std::string_view rest = trimmed(whole.substr(candidate.name.size()));
        if (rest.empty()) break;
        Expectation result{name, std::string(candidate.name), 0, "", where};
        if (const auto bound = number_in(rest)) {
            result.bound = *bound;
            return result;
        }
        const bool begins_a_name = std::isalpha(static_cast<unsigned char>(rest.front())) != 0;
        if (!begins_a_name || rest.find(' ') != std::string_view::npos) break;
        result.against = rest;
        return result;
    }
    throw UsageError(
        fmt::format("{}: [expect] {}: expected text such as \">= 0.2\" or \"> baselines.popularity."
                    "NDCG@10\" (>=, <=, >, <, ==), found {}",
                    where, name, toml_string(text)));
}

void check_expected(const Scenario& scenario) {
    for (const Expectation& expectation : scenario.expect)
        for (const std::string& path : {expectation.name, expectation.against}) {
            check_metric(path, scenario.eval.k, expectation.origin);
            if (path.starts_with("baselines.") && !scenario.baselines.enabled)
                throw UsageError(fmt::format(
                    "{}: [expect] names '{}', and the run has no baselines; drop --no-baselines "
                    "(baselines.enabled = false)",
                    expectation.origin, path));
        }
}

std::vector<std::string> failed_expectations(const json& summary,
                                             const std::vector<Expectation>& expectations) {
    std::vector<std::string> failures;
    for (const Expectation& expectation : expectations) {
        const auto row = std::ranges::find(operators, expectation.op, &Operator::name);
        const auto value = number_at(summary, expectation.name, expectation.origin);
        const auto bound = expectation.against.empty()
                               ? std::optional(expectation.bound)
                               : number_at(summary, expectation.against, expectation.origin);
        if (row == operators.end())
            throw UsageError(fmt::format("{}: [expect] {}: unknown comparison '{}'",
                                         expectation.origin, expectation.name, expectation.op));
        if (value && bound && row->holds(*value, *bound)) continue;
        const std::string other =
            expectation.against.empty() ? "" : fmt::format(" = {}", text_of(bound));
        failures.push_back(fmt::format("{}: expected {} {}{}, got {}", expectation.origin,
                                       expectation.name, condition_text(expectation), other,
                                       text_of(value)));
    }
    return failures;
}

std::string condition_text(const Expectation& expectation) {
    return expectation.against.empty() ? fmt::format("{} {}", expectation.op, expectation.bound)
                                       : expectation.op + " " + expectation.against;
}

}  // namespace fedhash::scenarios
