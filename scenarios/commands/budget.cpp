// fedhash budget: what a run's users paid in bytes, and what that bought.
#include <fmt/format.h>

#include <iostream>

#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/data/small_csv.hpp"
#include "scenarios/report/budget_tables.hpp"

namespace fedhash::scenarios {
namespace {

namespace options = boost::program_options;

std::vector<double> bytes_of(const std::string& list) {
    std::vector<double> bytes;
    for (const std::string& part : cells_of(list, ',')) {
        const auto kilobytes = parse_number(part);
        if (!kilobytes || *kilobytes <= 0)
            throw UsageError("--at '" + part + "': expected kilobytes, such as 10,50,100");
        bytes.push_back(1000 * *kilobytes);
    }
    return bytes;
}

std::string csv_of(const Budget& budget) {
    std::string text = "round," + budget.metric +
                       ",down_mean_bytes,down_median_bytes,up_mean_bytes,up_median_bytes,"
                       "paid_bytes,modelled_s\n";
    for (const BudgetRound& round : budget.rounds)
        text += fmt::format("{},{},{:.2f},{:.0f},{:.2f},{:.0f},{:.2f},{:.6f}\n", round.round,
                            round.quality ? fmt::format("{:.10f}", *round.quality) : "",
                            round.down_mean, round.down_median, round.up_mean, round.up_median,
                            round.paid, round.seconds);
    return text;
}

}  // namespace

int budget_command(const Words& words) {
    options::options_description known("Options");
    known.add_options()("metric", options::value<std::string>()->value_name("NAME"),
                        "a column of metrics.csv, such as codes.NDCG@10")(
        "at",
        options::value<std::string>()->value_name("LIST")->default_value("10,20,50,100,200,500"),
        "what so many kilobytes a user buy")(
        "from", options::value<std::uint32_t>()->value_name("ROUND"),
        "first round of the medians over rounds; unless given, of the later half")(
        "format", options::value<std::string>()->value_name("FORMAT")->default_value("terminal"),
        "terminal, csv (the rounds alone) or markdown");
    const auto given = parse(
        words, "fedhash budget RUN [--metric NAME] [--at LIST] [--from ROUND] [--format FORMAT]",
        known, "run");
    if (!given) return exit_ok;
    if (given->count("run") == 0) throw UsageError("which run? fedhash runs lists them");
    const std::string format = (*given)["format"].as<std::string>();
    if (format != "terminal" && format != "csv" && format != "markdown")
        throw UsageError("--format '" + format + "': there is terminal, csv and markdown");
    const std::vector<double> at = bytes_of((*given)["at"].as<std::string>());
    const Budget budget = read_budget(
        (*given)["run"].as<std::string>(),
        given->count("metric") == 0 ? "" : (*given)["metric"].as<std::string>(),
        given->count("from") == 0 ? std::nullopt
                                  : std::optional((*given)["from"].as<std::uint32_t>()));
    if (format == "csv") {
        std::cout << csv_of(budget);
        return exit_ok;
    }
    for (const report::TitledTable& table :
         {report::message_table(budget), report::round_table(budget, at)})
        std::cout << (format == "markdown" ? report::markdown_text(table)
                                           : report::terminal_text(table, report::style_of(1), 100))
                  << '\n';
    return exit_ok;
}

}  // namespace fedhash::scenarios
