#include "scenarios/search_bench/search_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "scenarios/report/format.hpp"

namespace fedhash::scenarios {
namespace {

using report::Cell;
using report::Table;

/// Three significant digits.
std::string number(double value) {
    return value >= 999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string time_text(double ns) {
    if (ns >= 1e6) return number(ns / 1e6) + " ms";
    return ns >= 1000 ? number(ns / 1000) + " us" : number(ns) + " ns";
}

using Time = std::optional<double> (*)(const SearchRow&);

std::optional<double> one_time(const SearchRow& row) {
    return row.absent.empty() ? std::optional(row.one_ns.median) : std::nullopt;
}
std::optional<double> all_time(const SearchRow& row) {
    return row.all_ns ? std::optional(row.all_ns->median) : std::nullopt;
}

/// How many times as fast as the fastest way of a kind, on the same corpus, items, bits and K.
std::string ratio(const std::vector<SearchRow>& rows, const SearchRow& row, Kind kind, Time time) {
    std::optional<double> best;
    for (const SearchRow& other : rows)
        if (other.kind == kind && other.corpus == row.corpus && other.items == row.items &&
            other.bits == row.bits && other.wanted == row.wanted)
            if (const auto theirs = time(other); theirs && (!best || *theirs < *best))
                best = theirs;
    const std::optional<double> ours = time(row);
    return best && ours && *ours > 0 ? number(*best / *ours) + "x" : "";
}

std::string percent(double share) { return fmt::format("{:.0f}%", 100 * share); }

std::vector<Cell> head_of(const SearchRow& row) {
    return {{row.corpus},
            {report::count_text(row.bits)},
            {report::count_text(row.items)},
            {report::count_text(row.wanted)},
            {row.way}};
}

const std::vector<report::Column> head_columns{
    {"codes", false}, {"bits"}, {"items"}, {"K"}, {"way", false}};

}  // namespace

report::TitledTable one_by_one_table(const std::vector<SearchRow>& rows) {
    Table table{head_columns, {}};
    for (const char* title : {"a query", "quartiles", "of float", "of Faiss", "of limit", "memory",
                              "buckets", "candidates", "recall", "empty"})
        table.columns.push_back({title});
    for (const SearchRow& row : rows) {
        std::vector<Cell> cells = head_of(row);
        if (!row.absent.empty()) {
            cells.push_back({"-"});
            table.rows.push_back(cells);
            continue;
        }
        cells.push_back({time_text(row.one_ns.median)});
        cells.push_back({number(row.one_ns.low / 1000) + "-" + number(row.one_ns.high / 1000)});
        cells.push_back({ratio(rows, row, Kind::inner_products, one_time)});
        cells.push_back({ratio(rows, row, Kind::faiss, one_time)});
        cells.push_back(
            {row.kind == Kind::ranking ? percent(row.one_limit_ns / row.one_ns.median) : ""});
        cells.push_back({report::bytes_text(static_cast<double>(row.memory_bytes))});
        cells.push_back({row.buckets > 0 ? number(row.buckets) : ""});
        cells.push_back({row.buckets > 0 ? number(row.candidates) : ""});
        cells.push_back({fmt::format("{:.3f}", row.recall)});
        cells.push_back({row.empty ? percent(*row.empty) : ""});
        table.rows.push_back(cells);
    }
    report::TitledTable titled{
        "One query at a time, one core",
        table,
        {"a query: median over passes in which all ways take their turn; quartiles in us. of "
         "float, of Faiss: how many times the speed of the faster of each kind.",
         "of limit: what reading all codes, or counting their bits in the first cache, takes on "
         "this machine, whichever is longer, by the time taken; measured in the same turns. "
         "recall: of the list that ranking finds, for real vectors of "
         "the list of all inner products; Faiss breaks ties otherwise, its distances are equal. "
         "empty: queries that a fixed radius leaves with nothing."}};
    for (const SearchRow& row : rows) {
        const std::string note = fmt::format("- {} of {} bits: {}.", row.way, row.bits, row.absent);
        if (!row.absent.empty() && std::ranges::find(titled.notes, note) == titled.notes.end())
            titled.notes.push_back(note);
    }
    return titled;
}

report::TitledTable together_table(const std::vector<SearchRow>& rows, std::size_t excluded) {
    Table table{head_columns, {}};
    for (const char* title : {"ns a pair", "quartiles", "of float", "of Faiss", "of limit"})
        table.columns.push_back({title});
    for (const SearchRow& row : rows) {
        if (!row.all_ns) continue;
        std::vector<Cell> cells = head_of(row);
        cells.push_back({number(row.all_ns->median)});
        cells.push_back({number(row.all_ns->low) + "-" + number(row.all_ns->high)});
        cells.push_back({ratio(rows, row, Kind::inner_products, all_time)});
        cells.push_back({ratio(rows, row, Kind::faiss, all_time)});
        cells.push_back(
            {row.kind == Kind::ranking ? percent(row.all_limit_ns / row.all_ns->median) : ""});
        table.rows.push_back(cells);
    }
    return {
        "All queries together, one core",
        table,
        {fmt::format("a pair: a query and an item. {} random items of each query are excluded; "
                     "Faiss cannot, and searches all.",
                     excluded),
         "of limit: XOR, population count and addition of the codes from the first cache, by the "
         "time taken."}};
}

std::string search_csv(const std::vector<SearchRow>& rows) {
    std::string text =
        "codes,bits,items,K,way,absent,query_ns,query_ns_low,query_ns_high,limit_query_ns,pair_ns,"
        "pair_ns_low,pair_ns_high,limit_pair_ns,memory_bytes,buckets,candidates,recall,empty\n";
    for (const SearchRow& row : rows) {
        const Spread all = row.all_ns.value_or(Spread{});
        text +=
            fmt::format("{},{},{},{},{},{},", report::csv_field(row.corpus), row.bits, row.items,
                        row.wanted, report::csv_field(row.way), report::csv_field(row.absent));
        if (row.absent.empty())
            text += fmt::format("{:.6g},{:.6g},{:.6g},{:.6g},", row.one_ns.median, row.one_ns.low,
                                row.one_ns.high, row.one_limit_ns);
        else
            text += ",,,,";
        if (row.all_ns)
            text += fmt::format("{:.6g},{:.6g},{:.6g},{:.6g},", all.median, all.low, all.high,
                                row.all_limit_ns);
        else
            text += ",,,,";
        if (row.absent.empty())
            text += fmt::format("{},{:.6g},{:.6g},{:.6g},", row.memory_bytes, row.buckets,
                                row.candidates, row.recall) +
                    (row.empty ? fmt::format("{:.6g}\n", *row.empty) : "\n");
        else
            text += ",,,,\n";
    }
    return text;
}

}  // namespace fedhash::scenarios
