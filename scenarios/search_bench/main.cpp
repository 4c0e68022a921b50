// fedhash-search-bench: how fast codes are searched on this machine, beside real vectors, Faiss and
// what the machine could do at best. A program of its own, so that only it needs the peers'
// libraries.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <fstream>
#include <iostream>

#include "common/errors.hpp"
#include "common/kernels/kernels.hpp"
#include "common/temporary_folder.hpp"
#include "scenarios/search_bench/limits.hpp"
#include "scenarios/search_bench/search_tables.hpp"
#include "scenarios/search_bench/training.hpp"
#include "scenarios/settings/nearest.hpp"

namespace {

using namespace fedhash;
using namespace fedhash::scenarios;
namespace options = boost::program_options;

constexpr const char* usage = "fedhash search-bench [--items LIST] [--bits LIST] [--k LIST] ...";

options::options_description known_options() {
    options::options_description known("Options");
    const auto text = [](const char* name, const char* preset) {
        return options::value<std::string>()->value_name(name)->default_value(preset);
    };
    known.add_options()("items", text("LIST", "10000,100000,1000000"), "sizes of the catalogue")(
        "bits", text("LIST", "64,128"), "lengths of the codes, multiples of 8 from 8 to 256")(
        "k", text("LIST", "10,100"), "lengths of the lists")(
        "flips", text("LIST", "0.5,0.1,0.05"),
        "how often a bit departs from its cluster's; 0.5: random codes")(
        "run", options::value<std::vector<std::string>>()->value_name("RUN"),
        "the trained codes of a run folder, alone unless --items or --flips are given; may be "
        "repeated")("untrained", "without --run: train no codes on generated data, either")(
        "ways", options::value<std::string>()->value_name("LIST"),
        "only these ways of searching, separated by semicolons")("queries", text("N", "256"),
                                                                 "queries; users of a run")(
        "excluded", text("N", "100"), "items that a query must not get, where all go together")(
        "seconds", text("S", "0.3"), "time for each figure, about")("seed", text("N", "1"),
                                                                    "of the made codes")(
        "kernels", text("NAME", "auto"), "instruction set: baseline, popcnt, avx2, avx512")(
        "format", text("FORMAT", "terminal"), "terminal, csv or markdown")(
        "out", options::value<std::string>()->value_name("FILE"), "write into a file instead")(
        "help,h", "this text");
    return known;
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

template <class Number>
Number number_of(const char* option, const std::string& text, Number least, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= least) ||
        !(value <= most))
        throw UsageError(fmt::format("--{} '{}': expected a {}number from {} to {}", option, text,
                                     std::is_integral_v<Number> ? "whole " : "", least, most));
    return value;
}

template <class Number>
std::vector<Number> numbers_of(const options::variables_map& given, const char* option,
                               Number least, Number most) {
    std::vector<Number> values;
    for (const std::string& part : parts_of(given[option].as<std::string>(), ',')) {
        values.push_back(number_of(option, part, least, most));
        if (std::ranges::count(values, values.back()) > 1)
            throw UsageError(fmt::format("--{}: {} is there twice", option, part));
    }
    return values;
}

/// Whether made codes are searched as well: a run is alone, unless --items or --flips are given.
bool wants_made_codes(const options::variables_map& given) {
    return given.count("run") == 0 || !given["items"].defaulted() || !given["flips"].defaulted();
}

/// Refuses what nothing would read.
void check_used(const options::variables_map& given) {
    if (given.count("run") == 0) return;
    if (given.count("untrained") != 0)
        throw UsageError("--untrained: no codes are trained beside those of --run anyway");
    if (!wants_made_codes(given) && !given["bits"].defaulted())
        throw UsageError(
            "--bits: the codes of --run have their own length; with --items or --flips, made codes "
            "of these lengths are searched as well");
}

std::vector<std::string> ways_of(const options::variables_map& given) {
    if (given.count("ways") == 0) return {};
    std::vector<std::string> names;
    for (const ContestantEntry& entry : contestants()) names.emplace_back(entry.name);
    std::vector<std::string> ways = parts_of(given["ways"].as<std::string>(), ';');
    for (const std::string& way : ways)
        if (std::ranges::find(names, way) == names.end())
            throw UsageError(fmt::format("--ways: no way '{}'{}; there is '{}'", way,
                                         settings::did_you_mean(way, names),
                                         fmt::join(names, "', '")));
    return ways;
}

/// What this machine is, in a sentence or two.
std::string machine_text() {
    std::ifstream info("/proc/cpuinfo");
    std::string model = "unknown processor";
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) {
            model = line.substr(line.find(':') + 2);
            break;
        }
    return fmt::format(
        "{}; kernels: {}; words counted in the first cache: {:.1f} a ns; read from "
        "256 KiB: {:.0f} GB/s, from 8 MiB: {:.0f}, from 256 MiB: {:.0f}",
        model, kernels().name, popcount_rate() / 1e9, read_bandwidth(std::size_t{1} << 18) / 1e9,
        read_bandwidth(std::size_t{1} << 23) / 1e9, read_bandwidth(std::size_t{1} << 28) / 1e9);
}

std::string text_of(const std::string& format, const std::vector<SearchRow>& rows,
                    std::size_t excluded) {
    if (format == "csv") return search_csv(rows);
    std::string text;
    for (const report::TitledTable& table :
         {one_by_one_table(rows), together_table(rows, excluded)}) {
        if (format == "markdown")
            text += report::markdown_text(table) + "\n";
        else
            text += report::terminal_text(table, report::style_of(1), 100) + "\n";
    }
    std::vector<std::string> notes{machine_text() + "."};
    for (const std::string& build : peer_builds()) notes.push_back(build + ".");
    for (const std::string& absent : absent_contestants()) notes.push_back(absent + ".");
    for (const std::string& note : notes) text += note + "\n";
    return text;
}

int run(const std::vector<std::string>& words) {
    const options::options_description known = known_options();
    options::variables_map given;
    try {
        options::store(options::command_line_parser(words)
                           .options(known)
                           .positional({})
                           .style(options::command_line_style::unix_style &
                                  ~options::command_line_style::allow_guessing)
                           .run(),
                       given);
    } catch (const options::error& error) {
        throw UsageError(std::string(error.what()) + "; usage: " + usage);
    }
    if (given.count("help") != 0) {
        std::cout << "usage: " << usage << "\n\n" << known;
        return exit_ok;
    }
    const auto items = numbers_of<std::size_t>(given, "items", 1, 100'000'000);
    const auto bits = numbers_of<std::uint32_t>(given, "bits", 8, 256);
    for (const std::uint32_t b : bits)
        if (b % 8 != 0) throw UsageError(fmt::format("--bits {}: a multiple of 8, please", b));
    check_used(given);
    const auto flips = numbers_of<double>(given, "flips", 0, 0.5);
    const auto one = [&](const char* option, std::size_t least, std::size_t most) {
        return number_of(option, given[option].as<std::string>(), least, most);
    };
    MeasureOptions measuring{
        numbers_of<std::size_t>(given, "k", 1, 1'000'000),
        one("excluded", 0, 1'000'000),
        {number_of("seconds", given["seconds"].as<std::string>(), 0.0, 3600.0)},
        ways_of(given)};
    if (wants_made_codes(given) && measuring.excluded >= std::ranges::min(items))
        throw UsageError(fmt::format(
            "--excluded {}: a catalogue of --items {} has no more than that; --excluded 0 leaves "
            "none out",
            measuring.excluded, std::ranges::min(items)));
    const std::size_t queries = one("queries", 1, 1'000'000), seed = one("seed", 0, SIZE_MAX);
    const std::string format = given["format"].as<std::string>();
    if (format != "terminal" && format != "csv" && format != "markdown")
        throw UsageError("--format '" + format + "': there is terminal, csv and markdown");
    choose_kernels(given["kernels"].as<std::string>());
    // Opened before minutes are spent on what would go into it.
    const std::string file = given.count("out") == 0 ? "" : given["out"].as<std::string>();
    std::ofstream out;
    if (!file.empty()) out.open(file, std::ios::app);
    if (!out) throw RunError(file + ": cannot be written");

    std::vector<SearchRow> rows;
    const auto add = [&](const Corpus& corpus) {
        std::cerr << fmt::format("{} codes, {} bits, {} items\n", corpus.name, corpus.items.bits,
                                 corpus.items.rows);
        for (SearchRow& row : measure(corpus, measuring, seed)) rows.push_back(std::move(row));
    };
    if (given.count("run") != 0) {
        for (const std::string& folder : given["run"].as<std::vector<std::string>>()) {
            const Corpus corpus = trained_corpus(folder, queries);
            if (corpus.queries.rows < queries && !given["queries"].defaulted())
                std::cerr << fmt::format("{} has {} users: there are as many queries\n", folder,
                                         corpus.queries.rows);
            add(corpus);
        }
    } else if (given.count("untrained") == 0) {
        const TemporaryFolder folder;
        for (const std::uint32_t b : bits)
            for (const std::size_t n : items) {
                if (n > most_trained_items) continue;
                std::cerr << fmt::format("training {} items\n", n);
                add(trained_corpus(train_codes(folder.path(), b, n, seed), queries));
            }
    }
    for (const double flip : wants_made_codes(given) ? flips : std::vector<double>{})
        for (const std::uint32_t b : bits)
            for (const std::size_t n : items) add(made_corpus(b, n, queries, flip, seed));

    const std::string text = text_of(format, rows, measuring.excluded);
    if (file.empty()) {
        std::cout << text << std::flush;
        if (!std::cout) throw RunError("cannot write to standard output");
        return exit_ok;
    }
    out.close();
    out.open(file);  // without what was there before
    out << text << std::flush;
    if (!out) throw RunError(file + ": cannot be written");
    return exit_ok;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const Error& error) {
        std::cerr << "error: " << error.what() << '\n';
        return error.code();
    } catch (const std::exception& error) {
        std::cerr << "error: unexpected: " << error.what() << '\n';
        return exit_run_failed;
    }
}
