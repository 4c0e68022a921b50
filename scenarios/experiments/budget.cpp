#include "scenarios/experiments/budget.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "common/errors.hpp"
#include "scenarios/data/small_csv.hpp"

namespace fedhash::scenarios {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double largest = 1e18;

json summary_of(const fs::path& run) {
    const fs::path file = run / "summary.json";
    if (!fs::is_directory(run))
        throw UsageError(run.string() + (fs::exists(run) ? ": a file" : ": not there") +
                         "; a run folder, please (fedhash runs lists them)");
    std::ifstream in(file);
    if (!in)
        throw UsageError(file.string() +
                         ": not there; a run folder, please, of a run that ended (fedhash runs)");
    json summary = json::parse(in, nullptr, false);
    if (!summary.is_object() || !summary.contains("bytes") || !summary.contains("scorings"))
        throw DataError(file.string() + ": not the summary of a run that ended");
    return summary;
}

/// "codes.NDCG@10": the first way of scoring, at 10 or the first cut-off there is.
std::string headline(const json& summary) {
    const std::string scoring = summary.at("scorings").at(0);
    std::string first;
    for (const json& name : summary.at("metric_names")) {
        const std::string metric = name;
        if (!metric.starts_with("NDCG@")) continue;
        if (metric == "NDCG@10") return scoring + "." + metric;
        if (first.empty()) first = metric;
    }
    return scoring + "." + first;
}

std::map<std::uint32_t, double> qualities(const fs::path& run, const std::string& metric) {
    SmallCsv csv((run / "metrics.csv").string(), {"round", "part"});
    const std::string column = metric + ".expected";
    if (!csv.has(column))
        throw UsageError(
            fmt::format("--metric {}: {} has no column {}; write WAY.METRIC such as "
                        "codes.NDCG@10",
                        metric, (run / "metrics.csv").string(), column));
    std::map<std::uint32_t, double> values;
    while (csv.next())
        if (csv.text("part") == "valid" && !csv.text(column).empty())
            values[static_cast<std::uint32_t>(csv.number("round", 0, 1e6, 0))] =
                csv.number(column, 0, 1, 0);
    return values;
}

std::map<std::uint32_t, double> end_seconds(const fs::path& run) {
    SmallCsv csv((run / "clock.csv").string(), {"round", "end_s"});
    std::map<std::uint32_t, double> seconds;
    while (csv.next())
        seconds[static_cast<std::uint32_t>(csv.number("round", 0, 1e6, 0))] =
            csv.number("end_s", 0, largest, 0);
    return seconds;
}

/// The median bytes of users in the rounds from `from` on, [down, up].
std::array<double, 2> later_medians(const fs::path& run, std::uint32_t from) {
    SmallCsv csv((run / "sizes.csv").string(), {"round", "way", "bytes", "users"});
    std::array<std::map<double, double>, 2> users;
    while (csv.next()) {
        if (csv.number("round", 0, 1e6, 0) < from) continue;
        const std::string& way = csv.text("way");
        if (way != "down" && way != "up")
            throw csv.fault("way '" + way + "': there is down and up");
        users[way == "up" ? 1 : 0][csv.number("bytes", 0, largest, 0)] +=
            csv.number("users", 0, largest, 0);
    }
    std::array<double, 2> medians{};
    for (std::size_t way = 0; way < 2; ++way) {
        double all = 0, so_far = 0;
        for (const auto& [bytes, count] : users[way]) all += count;
        for (const auto& [bytes, count] : users[way]) {
            medians[way] = bytes;
            if (2 * (so_far += count) >= all) break;
        }
    }
    return medians;
}

std::optional<double> figure_of(const json& summary, const std::string& pointer) {
    const json::json_pointer at(pointer);
    if (!summary.contains(at) || !summary.at(at).is_number()) return std::nullopt;
    return summary.at(at).get<double>();
}

}  // namespace

std::optional<double> Budget::quality_at(double bytes) const {
    std::optional<double> best;
    for (const BudgetRound& round : rounds)
        if (round.paid <= bytes && round.quality && (!best || *round.quality > *best))
            best = round.quality;
    return best;
}

const BudgetRound* Budget::reached(double share) const {
    std::optional<double> last;
    for (const BudgetRound& round : rounds)
        if (round.quality) last = round.quality;
    for (const BudgetRound& round : rounds)
        if (last && round.quality && *round.quality >= share * *last) return &round;
    return nullptr;
}

// `needs`: of a run with own rows alone, once a user.
constexpr std::array message_kinds{"tables", "requests", "uploads", "needs"};

Budget read_budget(const fs::path& run, const std::string& metric,
                   std::optional<std::uint32_t> from) {
    const json summary = summary_of(run);
    Budget budget;
    budget.run = fmt::format("{}, {} bits, seed {}", summary.value("method", "?"),
                             summary.value("bits", 0), summary.value("seed", 0));
    budget.metric = metric.empty() ? headline(summary) : metric;
    budget.users = summary.value("users", 0.0);
    const auto quality = qualities(run, budget.metric);
    const auto seconds = end_seconds(run);

    SmallCsv csv(
        (run / "traffic.csv").string(),
        {"round", "users", "tables", "tables_payload_bytes", "requests", "requests_payload_bytes",
         "uploads", "uploads_payload_bytes", "needs", "needs_payload_bytes", "framing_bytes",
         "down_mean_bytes", "down_median_bytes", "up_mean_bytes", "up_median_bytes"});
    std::map<std::string, std::pair<double, double>> sums;  // frames, payload
    double paid = 0, took_part = 0;
    while (csv.next()) {
        const auto at = [&csv](const char* column) { return csv.number(column, 0, largest, 0); };
        BudgetRound round;
        round.round = static_cast<std::uint32_t>(at("round"));
        round.down_mean = at("down_mean_bytes");
        round.up_mean = at("up_mean_bytes");
        round.down_median = at("down_median_bytes");
        round.up_median = at("up_median_bytes");
        paid += at("framing_bytes");
        for (const char* kind : message_kinds) {
            const double payload = at((std::string(kind) + "_payload_bytes").c_str());
            sums[kind].first += at(kind);
            sums[kind].second += payload;
            paid += payload;
        }
        took_part += at("users");
        round.paid = budget.users > 0 ? paid / budget.users : 0;
        if (const auto found = seconds.find(round.round); found != seconds.end())
            round.seconds = found->second;
        if (const auto found = quality.find(round.round); found != quality.end())
            round.quality = found->second;
        budget.rounds.push_back(round);
    }
    const std::uint32_t last = budget.rounds.empty() ? 0 : budget.rounds.back().round;
    if (from && *from > last)
        throw UsageError(fmt::format("--from {}: the run has {} rounds", *from, last));
    budget.from = from.value_or(last / 2 + 1);
    const auto [down, up] = later_medians(run, budget.from);
    budget.down_median = down;
    budget.up_median = up;
    for (const char* kind : message_kinds) {
        const auto [frames, payload] = sums[kind];
        const bool is_up = std::string(kind) == "uploads" || std::string(kind) == "needs";
        if (frames == 0 && std::string(kind) == "needs") continue;
        const double share = took_part > 0 ? 1 / took_part : 0;
        budget.messages.push_back(
            {kind, is_up, frames * share, payload * share, 16 * frames * share});
    }
    budget.model = figure_of(summary, "/bytes/model_down_per_user").value_or(0);
    budget.float32_per_round = figure_of(summary, "/bytes/float32_up_per_user_round").value_or(0) +
                               figure_of(summary, "/bytes/float32_down_per_user_round").value_or(0);
    budget.length_entropy_bits =
        figure_of(summary, "/bytes/upload_length_entropy_bits").value_or(0);
    const std::string name = budget.metric.substr(budget.metric.find('.') + 1);
    const auto baseline = [&](const char* which) {
        return figure_of(summary, fmt::format("/baselines/{}/{}/expected", which, name));
    };
    budget.random = baseline("random");
    budget.popularity = baseline("popularity");
    budget.ceiling = baseline("ials");
    budget.tested =
        figure_of(summary, fmt::format("/metrics/{}/{}/expected",
                                       budget.metric.substr(0, budget.metric.find('.')), name));
    return budget;
}

}  // namespace fedhash::scenarios
