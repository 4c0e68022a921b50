#include "scenarios/report/budget_tables.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "scenarios/report/format.hpp"

namespace fedhash::scenarios::report {
namespace {

constexpr std::size_t shown_rounds = 24;
constexpr double near_the_end = 0.95;

std::string quality_text(const std::optional<double>& quality) {
    return quality ? fmt::format("{:.4f}", *quality) : "-";
}

std::string few(double value) { return fmt::format("{:.3g}", value); }

/// Every round of a short run; of a long one the first, every so many, and the last.
bool is_shown(std::size_t index, std::size_t rounds) {
    const std::size_t step = (rounds + shown_rounds - 1) / shown_rounds;
    return index == 0 || index + 1 == rounds || (index + 1) % step == 0;
}

}  // namespace

TitledTable message_table(const Budget& budget) {
    TitledTable titled;
    titled.title = budget.run + ": bytes of a user in a round in which it takes part";
    titled.table.columns = {{"message", false}, {"way", false}, {"frames"},
                            {"payload"},        {"framing"},    {"bytes"}};
    const auto row = [&](const std::string& name, const std::string& way, double frames,
                         double payload, double framing) {
        titled.table.rows.push_back({{name},
                                     {way},
                                     {few(frames)},
                                     {bytes_text(payload)},
                                     {bytes_text(framing)},
                                     {bytes_text(payload + framing)}});
    };
    BudgetMessage all;
    for (const BudgetMessage& message : budget.messages) {
        row(message.name, message.up ? "up" : "down", message.frames, message.payload,
            message.framing);
        all.frames += message.frames;
        all.payload += message.payload;
        all.framing += message.framing;
    }
    row("all", "", all.frames, all.payload, all.framing);
    titled.table.rows.push_back({{"as float32 factors, computed", Tone::dim},
                                 {""},
                                 {""},
                                 {""},
                                 {""},
                                 {bytes_text(budget.float32_per_round), Tone::dim}});
    titled.notes.push_back(
        "Means, as if every user had a process and a connection of its own. float32: every item's "
        "factors down, a gradient for each uploaded row up (FedMF).");
    titled.notes.push_back(fmt::format(
        "The trained model, once more at the end: {} a user. The length of an upload tells {:.1f} "
        "bits (the entropy of its distribution).",
        bytes_text(budget.model), budget.length_entropy_bits));
    return titled;
}

TitledTable round_table(const Budget& budget, const std::vector<double>& budgets_bytes) {
    TitledTable titled;
    titled.title = budget.run + ": " + budget.metric + " on validation against bytes";
    titled.table.columns = {
        {"round"}, {budget.metric}, {"down, median"}, {"up, median"}, {"a user so far"}};
    const bool modelled = !budget.rounds.empty() && budget.rounds.back().seconds > 0;
    if (modelled) titled.table.columns.push_back({"modelled"});
    for (std::size_t r = 0; r < budget.rounds.size(); ++r) {
        if (!is_shown(r, budget.rounds.size())) continue;
        const BudgetRound& round = budget.rounds[r];
        std::vector<Cell> cells{{std::to_string(round.round)},
                                {quality_text(round.quality)},
                                {bytes_text(round.down_median)},
                                {bytes_text(round.up_median)},
                                {bytes_text(round.paid)}};
        if (modelled) cells.push_back({duration_text(round.seconds)});
        titled.table.rows.push_back(std::move(cells));
    }
    if (!budget.rounds.empty())
        titled.notes.push_back(
            fmt::format("Median of all users and rounds from round {} on: {} down, {} up.",
                        budget.from, bytes_text(budget.down_median), bytes_text(budget.up_median)));
    std::string bought;
    for (const double bytes : budgets_bytes)
        bought += fmt::format("{}{} at {}", bought.empty() ? "" : ", ",
                              quality_text(budget.quality_at(bytes)), bytes_text(bytes));
    const bool measured = std::ranges::any_of(
        budget.rounds, [](const BudgetRound& round) { return round.quality.has_value(); });
    if (!measured)
        titled.notes.push_back(
            "Quality was not measured between rounds (eval.every=0 or no validation part).");
    else if (!bought.empty())
        titled.notes.push_back("Bought: " + bought + ".");
    if (const BudgetRound* round = budget.reached(near_the_end))
        titled.notes.push_back(
            fmt::format("{:.0f} % of the final quality after round {}, for {} a user{}.",
                        100 * near_the_end, round->round, bytes_text(round->paid),
                        budget.float32_per_round > 0
                            ? fmt::format(" (float32 factors: {})",
                                          bytes_text(budget.float32_per_round * round->round))
                            : ""));
    if (budget.ceiling)
        titled.notes.push_back(fmt::format(
            "On the test part: {} of this run, {} random, {} popularity, {} iALS, the ceiling.",
            quality_text(budget.tested), quality_text(budget.random),
            quality_text(budget.popularity), quality_text(budget.ceiling)));
    else if (budget.tested)
        titled.notes.push_back(
            fmt::format("On the test part: {} of this run.", quality_text(budget.tested)));
    return titled;
}

}  // namespace fedhash::scenarios::report
