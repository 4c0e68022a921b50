// fedhash query: what a user of a run would be shown, nearest codes first.
#include <fmt/format.h>

#include <iostream>

#include "client/retrieval/inner_product.hpp"
#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/data/code_file.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/experiments/run_record.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/table_formats.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/value.hpp"

namespace fedhash::scenarios {
namespace {

namespace options = boost::program_options;
namespace fs = std::filesystem;

options::options_description query_options() {
    options::options_description known("Options");
    known.add_options()("user", options::value<std::string>()->value_name("ID"),
                        "the user's id, as in the data")(
        "k", options::value<std::int64_t>()->value_name("N")->default_value(10),
        "length of the list")("seen", "also items that the user was trained and validated on")(
        "data", options::value<std::string>()->value_name("PATH"),
        "where the data are now (data.path)")(
        "format", options::value<std::string>()->value_name("FORMAT")->default_value("terminal"),
        "terminal, csv or markdown");
    return known;
}

CodeFile codes_of(const fs::path& file, const MethodSettings& method) {
    std::error_code error;
    if (!fs::exists(file, error))
        throw UsageError(
            fmt::format("{} is not there: {} makes no codes, the run did not end, "
                        "output.user_codes was off, or the users' codes stayed with their clients "
                        "(fedhash deal)",
                        file.string(), method.name));
    return read_codes(file, method.bits);
}

std::size_t user_index(const Prepared& data, const std::string& id) {
    const auto found = std::ranges::find(data.user_names, id);
    if (found == data.user_names.end())
        throw UsageError(fmt::format(
            "--user {}: no such user in {}{}; users.index.csv in the run folder lists them",
            settings::toml_string(id), data.label, settings::did_you_mean(id, data.user_names)));
    return static_cast<std::size_t>(found - data.user_names.begin());
}

/// Sum over the user's planes p of 2^p times the Hamming distance, for every item.
std::vector<std::uint32_t> distances_of(const Codes& items, const CodeFile& users,
                                        std::size_t user) {
    std::vector<std::uint32_t> distances(items.rows);
    for (std::size_t i = 0; i < items.rows; ++i)
        for (std::size_t p = 0; p < users.planes; ++p) {
            const CodeView plane = users.codes.row(user * users.planes + p);
            const int twice = static_cast<int>(items.bits) - dot(plane, items.row(i), items.bits);
            distances[i] += static_cast<std::uint32_t>(twice / 2) << p;
        }
    return distances;
}

std::vector<ItemId> seen_items(const client::UserData& user) {
    std::vector<ItemId> seen(user.valid.items);
    for (const client::Rating& rating : user.train) seen.push_back(rating.item);
    std::ranges::sort(seen);
    return seen;
}

std::string status_of(const client::UserData& user, ItemId item) {
    const auto holds = [item](const std::vector<ItemId>& items) {
        return std::ranges::find(items, item) != items.end();
    };
    if (holds(user.test.items)) return "held out";
    if (holds(user.valid.items)) return "validated on";
    for (const client::Rating& rating : user.train)
        if (rating.item == item) return "trained on";
    return "";
}

/// What the method's own score by codes has beside the distance.
std::string beside_distance(const MethodSettings& method) {
    if (method.bias_bits > 0 && method.learner == "scaled-code")
        return "it adds an item's bias, by the user's scale";
    if (method.bias_bits > 0) return "it adds an item's bias";
    if (method.similarity == "weighted") return "it weighs bits";
    if (method.similarity == "projected") return "it counts only bits that the user has set";
    if (method.quantiser == "free") return "it decodes the items' codes by a codebook";
    return "";
}

report::TitledTable table_of(const Prepared& data, const client::UserData& user,
                             std::span<const client::Scored> best,
                             const std::vector<std::uint32_t>& distances) {
    report::Table table{{{"rank"}, {"distance"}, {"item", false}}, {}};
    const bool titled = !data.item_titles.empty();
    if (titled) table.columns.push_back({"title", false});
    table.columns.push_back({"", false});
    for (std::size_t r = 0; r < best.size(); ++r) {
        const std::size_t item = index(best[r].item);
        std::vector<report::Cell> cells{
            {std::to_string(r + 1)}, {std::to_string(distances[item])}, {data.item_names[item]}};
        if (titled) cells.push_back({data.item_titles[item]});
        cells.push_back({status_of(user, best[r].item), report::Tone::good});
        table.rows.push_back(cells);
    }
    return {"", table, {}};
}

/// What decided the last places, where more items are as far as the last one shown; otherwise
/// nothing.
std::string tie_note(std::span<const client::Scored> best,
                     const std::vector<std::uint32_t>& distances,
                     const std::vector<ItemId>& excluded) {
    if (best.empty()) return "";
    const std::uint32_t last = distances[index(best.back().item)];
    std::size_t as_far = static_cast<std::size_t>(std::ranges::count(distances, last));
    for (const ItemId item : excluded) as_far -= distances[index(item)] == last ? 1 : 0;
    const auto shown = static_cast<std::size_t>(std::ranges::count_if(
        best, [&](const client::Scored& one) { return distances[index(one.item)] == last; }));
    if (as_far == shown) return "";
    return fmt::format(
        "{} items are at distance {}, of which {} {} shown: the order of items.index.csv decides, "
        "not the codes.",
        as_far, last, shown, shown == 1 ? "is" : "are");
}

std::string csv_of(const report::Table& table) {
    std::string text = "rank,distance,item,title,status\n";
    const bool titled = table.columns.size() > 4;
    for (const auto& row : table.rows) {
        const std::string title = titled ? row[3].text : "";
        text +=
            fmt::format("{},{},{},{},{}\n", row[0].text, row[1].text,
                        report::csv_field(row[2].text), report::csv_field(title), row.back().text);
    }
    return text;
}

}  // namespace

int query_command(const Words& words) {
    const auto given =
        parse(words, "fedhash query RUN --user ID [--k N] [--seen] [--data PATH] [--format FORMAT]",
              query_options(), "run");
    if (!given) return exit_ok;
    if (given->count("run") == 0) throw UsageError("which run? fedhash runs lists them");
    if (given->count("user") == 0)
        throw UsageError("which user? --user ID; users.index.csv in the run folder lists them");
    const std::string format = (*given)["format"].as<std::string>();
    if (format != "terminal" && format != "csv" && format != "markdown")
        throw UsageError("--format '" + format + "': there is terminal, csv and markdown");
    const auto k = (*given)["k"].as<std::int64_t>();
    if (k < 1) throw UsageError(fmt::format("--k {}: a list of one item or more, please", k));
    const auto wanted = static_cast<std::size_t>(k);

    const fs::path folder = (*given)["run"].as<std::string>();
    const RunRecord run = read_run(folder, preset_folder());
    Scenario scenario = run.settings.scenario;
    if (given->count("data") != 0) scenario.data.path = (*given)["data"].as<std::string>();
    const Prepared data = prepare(scenario.data);
    if (data.hash != run.data("hash"))
        throw DataError(
            fmt::format("{}: not the data that {} was run on; give its place with --data",
                        data.label, folder.string()));
    const Codes items = codes_of(folder / "item_codes.npy", scenario.method).codes;
    const CodeFile users = codes_of(folder / "user_codes.npy", scenario.method);
    if (items.rows != data.ranking.items || users.rows() != data.users.size())
        throw DataError(folder.string() + ": its codes are not those of its data");

    const std::size_t u = user_index(data, (*given)["user"].as<std::string>());
    const std::vector<std::uint32_t> distances = distances_of(items, users, u);
    const std::vector<float> scores = [&] {
        std::vector<float> negated;
        for (const std::uint32_t distance : distances)
            negated.push_back(-static_cast<float>(distance));
        return negated;
    }();
    const std::vector<ItemId> excluded =
        given->count("seen") != 0 ? std::vector<ItemId>{} : seen_items(data.users[u]);
    client::TopScores top;
    top.begin(wanted, excluded);
    top.look_at(scores);
    const std::span<const client::Scored> best = top.finish();
    report::TitledTable table = table_of(data, data.users[u], best, distances);
    table.title =
        fmt::format("{}, user {}: nearest of {} items by code ({} bits)", scenario.method.name,
                    data.user_names[u], report::count_text(items.rows), scenario.method.bits);
    if (!excluded.empty())
        table.notes.push_back(
            fmt::format("{} that the user has already {} left out; --seen lists them too.",
                        report::counted(excluded.size(), "item", "items"),
                        excluded.size() == 1 ? "is" : "are"));
    if (const std::string ties = tie_note(best, distances, excluded); !ties.empty())
        table.notes.push_back(ties);
    if (users.planes > 1)
        table.notes.emplace_back(
            "The user's code has several planes; the distance is their weighted sum.");
    if (const std::string more = beside_distance(scenario.method); !more.empty())
        table.notes.push_back(fmt::format(
            "By distance alone, which is not the score that the run was measured with: {}.", more));
    if (format == "csv")
        std::cout << csv_of(table.table);
    else if (format == "markdown")
        std::cout << report::markdown_text(table);
    else
        std::cout << report::terminal_text(table, report::style_of(1), 100);
    return exit_ok;
}

}  // namespace fedhash::scenarios
