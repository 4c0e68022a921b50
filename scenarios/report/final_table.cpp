#include "scenarios/report/final_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "scenarios/report/format.hpp"
#include "scenarios/report/metrics_table.hpp"
#include "scenarios/report/summary_reader.hpp"

namespace fedhash::scenarios::report {
namespace {

using nlohmann::json;

constexpr std::size_t widest = 100;
constexpr std::size_t label_width = 9;  // of "Rejected " and its neighbours

std::string or_dash(std::optional<std::uint64_t> value) {
    return value ? count_text(*value) : std::string(dash);
}

std::string sentence(std::string text) {
    if (!text.empty() && text.find_last_of(".!?") != text.size() - 1) text += '.';
    return text;
}

// --- how it ended ---

std::string lost_text(const json& summary) {
    const auto clients = count(summary, {"clients_lost"}).value_or(0);
    const auto users = count(summary, {"users_lost"}).value_or(0);
    std::string text =
        fmt::format("{} of {} lost", count_text(clients),
                    counted(count(summary, {"clients"}).value_or(0), "client", "clients"));
    if (users > 0)
        text += fmt::format(", and with {} {} of {} users", clients == 1 ? "it" : "them",
                            count_text(users), or_dash(count(summary, {"users"})));
    return text;
}

/// Nothing for a run that went as planned.
std::string outcome_text(const json& summary) {
    const std::string outcome = text(summary, {"outcome"});
    const std::string detail = text(summary, {"outcome_detail"});
    if (outcome == "complete") return "";
    if (outcome == "complete-with-losses")
        return sentence("Complete, but with losses: " +
                        (detail.empty() ? lost_text(summary) : detail));
    const std::string after = detail.empty() ? "" : ": " + detail;
    if (outcome == "interrupted")
        return sentence("Interrupted" + after) + " What follows is of the rounds that finished.";
    if (outcome == "failed") return sentence("Failed" + after);
    if (outcome == "stopped-early") return sentence("Stopped early" + after);
    return sentence("How the run ended is not known" +
                    (outcome.empty() ? after : ": " + outcome + after));
}

Tone outcome_tone(const json& summary) {
    const std::string outcome = text(summary, {"outcome"});
    return outcome == "stopped-early" || outcome == "complete-with-losses" ? Tone::bold : Tone::bad;
}

// --- what it was ---

/// Items with a dot between, broken between items where possible.
std::string dotted(const std::vector<std::string>& items, std::size_t width) {
    std::string result, line;
    for (const std::string& item : items) {
        const std::string longer = line.empty() ? item : line + " · " + item;
        if (!line.empty() && width_of(longer) > width) {
            result += wrap(line, width, 2) + "\n";
            line = item;
        } else {
            line = longer;
        }
    }
    return result + wrap(line, width, 2) + "\n";
}

std::string header_text(const json& summary, std::size_t width) {
    std::vector<std::string> items;
    const auto add = [&](const std::string& item) {
        if (!item.empty()) items.push_back(item);
    };
    add(text(summary, {"method"}));
    const bool codes =
        find(summary, {"metrics", "codes"}) || find(summary, {"validation", "codes"});
    if (const auto bits = count(summary, {"bits"}); bits && codes)
        add(fmt::format("{} bits", *bits));
    add(text(summary, {"data", "label"}));
    const auto users = count(summary, {"users"}), catalogue = count(summary, {"items"});
    if (users || catalogue)
        add(fmt::format("{} users × {} items", or_dash(users), or_dash(catalogue)));
    add(text(summary, {"data", "split"}));
    if (const std::string candidates = text(summary, {"data", "candidates"}); !candidates.empty())
        add("candidates: " + candidates);
    if (find(summary, {"metrics"})) add("ties in expectation");
    return dotted(items, width);
}

// --- how well it did ---

std::string metrics_text(const json& summary, const Style& style, std::size_t width) {
    const Table table = metrics_table(summary, width);
    if (table.rows.empty()) return "Nothing was measured.\n";
    std::string result = render(table, style);
    for (const std::string& defeat : defeats(summary))
        result += style.paint(Tone::bad, wrap(defeat, width, 2)) + "\n";
    if (table.columns.back().title == "of ceiling") {
        const std::string detail = text(summary, {"baselines_detail", "ials"});
        const std::string note =
            fmt::format("of ceiling: share of the {} of iALS{}.", headline_metric(summary),
                        detail.empty() ? "" : " (" + detail + ")");
        result += style.paint(Tone::dim, wrap(note, width, 2)) + "\n";
    }
    const auto explain = [&](const char* way, const char* text) {
        if (find(summary, {"metrics", way}))
            result += style.paint(Tone::dim, wrap(text, width, 2)) + "\n";
    };
    const std::string source = text(summary, {"vector_source"});
    explain(
        "vector",
        source == "gradients"
            ? "real vector: scored with the real vector that the device learnt by gradients and "
              "whose signs are its code; it stays with the user; items are the same codes."
        : source == "decoded" ? "real vector: scored with the device's own real vector; it stays "
                                "with the user; items "
                                "are the vectors that a published codebook makes of the same codes."
        : source == "ridge"
            ? "real vector: scored with a real vector that the device fits to the item codes by "
              "ridge regression; it stays with the user; items are the same codes."
            : "real vector: scored with a real vector that stays with the user; items are the "
              "same codes.");
    explain("planes", "bit planes: that vector in a few bits an entry, scored by popcounts.");
    explain("newcomer", "newcomer: a device that was not there when the teacher was trained.");
    explain("factors", "real factors: no codes involved, items are published real vectors.");
    return result;
}

// --- what it cost ---

std::optional<double> sum(std::optional<double> a, std::optional<double> b) {
    return a && b ? std::optional(*a + *b) : std::nullopt;
}

Cell bytes_cell(std::optional<double> bytes, Tone tone = Tone::plain) {
    return {bytes ? bytes_text(*bytes) : std::string(dash), tone};
}

/// "  as float32 (×28)"
std::string float32_label(std::optional<double> float32, std::optional<double> ours) {
    if (!float32 || !ours || *ours <= 0) return "  as float32";
    const double ratio = *float32 / *ours;
    return fmt::format("  as float32 (×{:.{}f})", ratio, ratio < 9.95 ? 1 : 0);
}

std::string traffic_text(const json& summary, const Style& style) {
    const auto bytes = [&](std::string_view key) { return number(summary, {"bytes", key}); };
    const auto up = bytes("up_per_user_round"), down = bytes("down_per_user_round");
    const auto float32_up = bytes("float32_up_per_user_round"),
               float32_down = bytes("float32_down_per_user_round");
    const auto total = sum(bytes("up"), bytes("down"));
    const auto row = [](std::string label, std::optional<double> a, std::optional<double> b,
                        std::optional<double> c, Tone tone = Tone::plain) {
        return std::vector<Cell>{{std::move(label), tone},
                                 bytes_cell(a, tone),
                                 bytes_cell(b, tone),
                                 bytes_cell(c, tone)};
    };
    Table table{{{"Traffic", false}, {"up"}, {"down"}, {"both"}}, {}};
    table.rows.push_back(row("per user and round", up, down, sum(up, down)));
    if (const auto masked = bytes("masked_up_by_formula"))
        table.rows.push_back(
            row("  masks, by their formula", masked, std::nullopt, std::nullopt, Tone::dim));
    if (const auto clear = bytes("clear_up_by_devices"))
        table.rows.push_back(
            row("  in clear, by devices", clear, std::nullopt, std::nullopt, Tone::dim));
    table.rows.push_back(row(float32_label(sum(float32_up, float32_down), sum(up, down)),
                             float32_up, float32_down, sum(float32_up, float32_down), Tone::dim));
    // Not users times rounds times the line above: a table goes once to all users of a process.
    const auto clients = count(summary, {"clients"});
    table.rows.push_back(
        row(clients ? "sockets, " + counted(*clients, "client", "clients") : std::string("sockets"),
            bytes("up"), bytes("down"), total));
    table.rows.push_back({{float32_label(bytes("float32_total"), total), Tone::dim},
                          {},
                          {},
                          bytes_cell(bytes("float32_total"), Tone::dim)});
    table.rows.push_back({{"evaluation, apart"}, {}, {}, bytes_cell(bytes("evaluation"))});
    std::string result = render(table, style);

    const auto difference = number(summary, {"bytes", "kernel_difference"});
    if (!difference)
        result += style.paint(Tone::dim, "Not checked against the kernel's count of bytes.");
    else if (*difference == 0)
        result += "The kernel counted the same bytes.";
    else
        result += style.paint(
            Tone::bad,
            fmt::format("The kernel counted {} {} than we did.",
                        counted(static_cast<std::uint64_t>(std::abs(*difference)), "byte", "bytes"),
                        *difference > 0 ? "more" : "fewer"));
    return result + "\n";
}

// --- the rest, one labelled line each ---

std::string labelled(std::string_view label, const std::string& text, std::size_t width,
                     const Style& style) {
    const std::string padded = fmt::format("{:<{}}", label, label_width);
    // Wrapped with the label in place, coloured after, so that codes do not count as columns.
    const std::string lines =
        wrap(std::string(label_width, '.') + text, width, label_width).substr(label_width);
    return style.paint(Tone::dim, padded) + lines + "\n";
}

std::string time_text(const json& summary) {
    const auto seconds = [&](std::string_view key) {
        const auto value = number(summary, {"seconds", key});
        return value ? duration_text(*value) : std::string(dash);
    };
    std::string text = fmt::format("{} in all: start {}, rounds {}", seconds("total"),
                                   seconds("start"), seconds("rounds"));
    if (const auto rate = number(summary, {"rounds_per_second"}))
        text += fmt::format(" ({:.3g} rounds/s)", *rate);
    if (number(summary, {"seconds", "evaluation"})) text += ", evaluation " + seconds("evaluation");
    if (number(summary, {"seconds", "whole_command"}))
        text += "; with data and baselines " + seconds("whole_command");
    return text;
}

std::string clients_text(const json& summary) {
    const auto clients = count(summary, {"clients"}), rounds = count(summary, {"rounds"});
    std::string text = fmt::format(
        "{}, {}; ",
        clients ? counted(*clients, "client", "clients") : std::string(dash) + " clients",
        rounds ? counted(*rounds, "round", "rounds") : std::string(dash) + " rounds");
    const auto lost = count(summary, {"clients_lost"});
    if (lost && *lost == 0 && count(summary, {"users_lost"}).value_or(0) == 0)
        return text + "nobody lost";
    return lost ? text + lost_text(summary) : text + std::string(dash) + " lost";
}

std::string loss_text(const json& loss) {
    const json* client = find(loss, {"client"});
    std::string line =
        "client " + (client ? (client->is_string() ? client->get<std::string>() : client->dump())
                            : std::string(dash));
    if (const auto users = count(loss, {"users"}))
        line += " with " + counted(*users, "user", "users");
    if (const auto round = count(loss, {"round"})) line += fmt::format(", round {}", *round);
    const std::string reason = text(loss, {"reason"});
    return reason.empty() ? line : line + ": " + reason;
}

std::string rejected_text(const json& rejected) {
    std::string result;
    for (const auto& [reason, number_of] : rejected.items()) {
        const auto times = count(rejected, {reason});
        if (times && *times == 0) continue;
        result += fmt::format("{}{} × {}", result.empty() ? "" : ", ", or_dash(times), reason);
    }
    return result;
}

/// Nothing for a run without codes.
std::string codes_text(const json& summary) {
    const auto of = [&](std::string_view key) { return number(summary, {"code_health", key}); };
    if (!of("balance")) return "";
    std::string text = fmt::format(
        "{}, bits {:.2f} out of balance and {:.2f} correlated, {:.1f} % of items share a code",
        counted(count(summary, {"code_health", "dead_bits"}).value_or(0), "dead bit", "dead bits"),
        *of("balance"), of("correlation").value_or(0), 100 * of("duplicates").value_or(0));
    if (const auto tied = of("tied"))
        text += fmt::format("; {:.1f} items tie at place {}, which leaves {:.1f} places to chance",
                            *tied, or_dash(count(summary, {"code_health", "place"})),
                            of("drawn").value_or(0));
    return text;
}

/// What the models of links and attendance say of the run.
std::string modelled_text(const json& modelled) {
    std::string text;
    if (const auto seconds = number(modelled, {"seconds"}); seconds && *seconds > 0)
        text = fmt::format("{} on the users' links", duration_text(*seconds));
    for (const auto& [key, what] : {std::pair{"users_dropped", "went away with the tables"},
                                    {"users_late", "were late"},
                                    {"users_surplus", "came after enough had"},
                                    {"users_too_stale", "were too stale"},
                                    {"rounds_abandoned", "of the rounds did not count"}})
        if (const auto users = count(modelled, {key}); users && *users > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count_text(*users), what);
    return text;
}

/// What uploads tell, by the accountants (scenarios/launch/privacy.hpp).
std::string privacy_text(const json& privacy) {
    std::string result;
    const json* parts = find(privacy, {"parts"});
    for (const json& part : parts ? *parts : json::array()) {
        result += (result.empty() ? "" : "; ") + text(part, {"what"}) + ": ";
        if (const auto epsilon = number(part, {"epsilon"}))
            result +=
                fmt::format("epsilon {:.3g} a round, {:.4g} in all ({}, {})",
                            number(part, {"round"}).value_or(0), *epsilon,
                            counted(count(part, {"reports"}).value_or(0), "report", "reports"),
                            text(part, {"tightest"}));
        else
            result += text(part, {"open"});
    }
    const bool bounded = [&] {
        const json* users = find(privacy, {"users"});
        return users && !users->empty() && number(users->back(), {"epsilon"}).has_value();
    }();
    if (!bounded) return sentence(result) + " For a user as a whole there is no bound.";
    return result + fmt::format("; a user as a whole: {:.4g}, delta {:.1e}.",
                                number((*find(privacy, {"users"})).back(), {"epsilon"}).value_or(0),
                                number(privacy, {"delta"}).value_or(0));
}

/// Who lied, where somebody was told to; empty otherwise.
std::string liars_text(const json& summary) {
    const auto liars = count(summary, {"adversary", "users"});
    if (!liars) return "";
    return fmt::format("{} of {} users {} ({}), the target an item with {}", count_text(*liars),
                       or_dash(count(summary, {"users"})), *liars == 1 ? "lies" : "lie",
                       text(summary, {"adversary", "clients"}),
                       counted(count(summary, {"adversary", "target", "interactions"}).value_or(0),
                               "interaction", "interactions"));
}

/// The coordinator's lies, where it was told to lie.
std::string lies_text(const json& summary) {
    const std::string lie = text(summary, {"adversary", "server"});
    const auto rounds = count(summary, {"lies", "rounds"});
    if (lie.empty() || lie == "none" || !rounds) return "";
    return fmt::format(
        "the coordinator ({}): {}, noticed in {}, {} opened", lie,
        counted(*rounds, "round", "rounds"),
        count_text(count(summary, {"lies", "noticed"}).value_or(0)),
        counted(count(summary, {"lies", "opened"}).value_or(0), "upload", "uploads"));
}

std::string closing_text(const json& summary, const Style& style, std::size_t width) {
    std::string result;
    if (const std::string codes = codes_text(summary); !codes.empty())
        result += labelled("Codes", codes, width, style);
    result += labelled("Time", time_text(summary), width, style);
    if (const json* modelled = find(summary, {"modelled"}))
        if (const std::string said = modelled_text(*modelled); !said.empty())
            result +=
                labelled(number(*modelled, {"seconds"}).value_or(0) > 0 ? "Modelled" : "Absent",
                         said, width, style);
    if (const json* privacy = find(summary, {"privacy"}))
        result += labelled("Privacy", privacy_text(*privacy), width, style);
    if (const std::string liars = liars_text(summary); !liars.empty())
        result += labelled("Liars", liars, width, style);
    if (const std::string lies = lies_text(summary); !lies.empty())
        result += labelled("Lies", lies, width, style);
    result += labelled("Clients", clients_text(summary), width, style);
    constexpr std::size_t shown = 5;
    if (const json* losses = find(summary, {"losses"}); losses && losses->is_array()) {
        for (std::size_t i = 0; i < std::min(shown, losses->size()); ++i)
            result += labelled(i == 0 ? "Lost" : "", loss_text((*losses)[i]), width, style);
        if (losses->size() > shown)
            result += labelled("", fmt::format("and {} more", count_text(losses->size() - shown)),
                               width, style);
    }
    if (const json* rejected = find(summary, {"rejected"}); rejected && rejected->is_object())
        if (const std::string reasons = rejected_text(*rejected); !reasons.empty())
            result += labelled("Rejected", reasons, width, style);
    if (const json* notices = find(summary, {"notices"}); notices && notices->is_array())
        for (const json& notice : *notices)
            if (notice.is_string())
                result += labelled("Note", notice.get<std::string>(), width, style);
    const std::string folder = text(summary, {"run_folder"}), next = text(summary, {"next"});
    // To be copied, so never wrapped.
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    result += labelled("Results", folder.empty() ? std::string(dash) : folder, unlimited, style);
    if (!next.empty()) result += labelled("Next", next, unlimited, style);
    return result;
}

}  // namespace

std::string final_text(const json& summary, const Style& style, std::size_t columns) {
    const std::size_t width = columns == 0 ? widest : std::min(columns, widest);
    std::string result;
    if (const std::string outcome = outcome_text(summary); !outcome.empty())
        result += style.paint(outcome_tone(summary), wrap(outcome, width, 2)) + "\n\n";
    result += header_text(summary, width) + "\n";
    result += metrics_text(summary, style, width) + "\n";
    result += traffic_text(summary, style) + "\n";
    return result + closing_text(summary, style, width);
}

}  // namespace fedhash::scenarios::report
