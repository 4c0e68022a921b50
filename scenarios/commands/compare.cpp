// fedhash compare: runs beside each other, with a paired test over users.
#include <fmt/format.h>

#include <iostream>

#include "common/errors.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/experiments/comparison.hpp"
#include "scenarios/launch/run_folder.hpp"
#include "scenarios/report/comparison_tables.hpp"

namespace fedhash::scenarios {

namespace {

namespace options = boost::program_options;

options::options_description compare_options() {
    options::options_description known("Options");
    const auto text = [](const char* name) {
        return options::value<std::string>()->value_name(name);
    };
    known.add_options()(
        "baseline", text("NAME"),
        "test against popularity, ials, a row's label, or a run's folder (the first RUN)")(
        "metrics", text("LIST"), "columns, such as HR@10,NDCG@10")(
        "scoring", text("LIST"), "ways of scoring to show, such as codes,vector")(
        "tables", text("LIST"),
        "what to show: quality,cost,tests, and more: codes, what the items' codes are like; front, "
        "quality against bytes; "
        "commands, "
        "those that make each row")("sort", text("METRIC"),
                                    "best row first, by the best of its ways of scoring")(
        "format", text("FORMAT")->default_value("terminal"), "terminal, csv, markdown or latex")(
        "out", text("FILE"), "write into a file instead")(
        "mixed", "allow runs on different data: no test between them");
    return known;
}

std::vector<std::string> list(const options::variables_map& given, const char* name) {
    std::vector<std::string> parts;
    if (given.count(name) == 0) return parts;
    const auto text = given[name].as<std::string>();
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        if (end == start)
            throw UsageError(fmt::format("--{}: a name is missing in '{}'", name, text));
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

/// The runs that can be used; `notices` gets why the others cannot.
std::vector<RunRecord> usable_runs(const std::vector<std::string>& words,
                                   std::vector<std::string>& notices) {
    std::vector<RunRecord> runs;
    const FoundRuns found = find_runs(words);
    notices = found.left_out;
    for (const std::filesystem::path& folder : found.folders) {
        const bool over = std::filesystem::exists(folder / "summary.json");
        const std::string reason =
            over ? unusable(read_summary(folder)) : "it has no summary yet, or was killed";
        if (reason.empty())
            runs.push_back(read_run(folder, preset_folder()));
        else
            notices.push_back(folder.string() + ": left out, " + reason);
    }
    return runs;
}

}  // namespace

int compare_command(const Words& words) {
    const char* usage =
        "fedhash compare RUN... [--baseline NAME] [--metrics LIST] [--scoring LIST] "
        "[--sort METRIC] [--tables LIST] [--format FORMAT] [--out FILE] [--mixed]";
    const auto given = parse(words, usage, compare_options(), "run", "runs");
    if (!given) return exit_ok;
    if (given->count("run") == 0)
        throw UsageError("which runs? Try: fedhash compare 'runs/*'; run folders, sweep folders");
    std::vector<std::string> named{(*given)["run"].as<std::string>()};
    if (given->count("runs") != 0)
        for (const std::string& word : (*given)["runs"].as<std::vector<std::string>>())
            named.push_back(word);
    const report::ComparisonParts parts = report::chosen_parts(list(*given, "tables"));
    const report::ComparisonFormat& format =
        report::find_comparison_format((*given)["format"].as<std::string>());

    std::vector<std::string> notices;
    const std::vector<RunRecord> runs = usable_runs(named, notices);
    if (runs.empty())
        throw UsageError("no run that can be compared: " +
                         (notices.empty() ? "none was found" : notices.front()));
    CompareOptions wanted;
    wanted.metrics = list(*given, "metrics");
    wanted.scorings = list(*given, "scoring");
    if (given->count("baseline") != 0) wanted.reference = (*given)["baseline"].as<std::string>();
    if (given->count("sort") != 0) wanted.sort = (*given)["sort"].as<std::string>();
    wanted.mixed = given->count("mixed") != 0;
    const Comparison comparison = compare(runs, wanted, preset_folder());
    notices.insert(notices.end(), comparison.notices.begin(), comparison.notices.end());
    for (const std::string& notice : notices) std::cerr << notice << '\n';

    if (given->count("out") == 0) {
        std::cout << format.text(comparison, parts, report::style_of(1),
                                 report::terminal_columns(1));
        return exit_ok;
    }
    write_text((*given)["out"].as<std::string>(),
               format.text(comparison, parts, report::Style{}, 0));
    return exit_ok;
}

}  // namespace fedhash::scenarios
