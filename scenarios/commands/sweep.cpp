// fedhash sweep: a grid of settings, chosen between on the validation part, the winner tested; or
// all of it tested, nothing chosen.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <thread>

#include "common/errors.hpp"
#include "common/measures.hpp"
#include "scenarios/commands/arguments.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/experiments/comparison.hpp"
#include "scenarios/experiments/identity.hpp"
#include "scenarios/experiments/sweep_record.hpp"
#include "scenarios/launch/plan.hpp"
#include "scenarios/launch/program_folder.hpp"
#include "scenarios/launch/unused.hpp"
#include "scenarios/report/comparison_tables.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/status_line.hpp"
#include "scenarios/report/sweep_table.hpp"
#include "scenarios/settings/nearest.hpp"
#include "scenarios/settings/table.hpp"

namespace fedhash::scenarios {

namespace {

namespace options = boost::program_options;
using options::variables_map;

constexpr std::uint64_t most_points = 10'000;
constexpr std::int64_t most_seeds = 1'000;
constexpr std::int64_t most_jobs = 1'024;
constexpr const char* usage =
    "fedhash sweep FILE [KEY=VALUE,VALUE...] [--all] [--seeds N] [--tune-seeds N] [--random N] "
    "[--by METRIC] "
    "[--holdout RATIO] [--jobs N] [--trials-max N] [--data PATH] [--set KEY=VALUE]... [--winner "
    "SWEEP] [--out DIR]";

options::options_description sweep_options() {
    options::options_description known = setting_options();
    const auto number = [] { return options::value<std::int64_t>()->value_name("N"); };
    const auto text = [](const char* name) {
        return options::value<std::string>()->value_name(name);
    };
    known.add_options()("all", "test every point; nothing is tuned or chosen")(
        "seeds", number(), "test the winner, or all, with run.seed, run.seed + 1, ... (1)")(
        "split-seeds", "move data.seed with run.seed in these tests")(
        "tune-seeds", number(), "run every point with so many seeds (1)")(
        "random", number(), "draw so many points of the grid, by run.seed")(
        "by", text("METRIC"),
        "what to choose by on validation: vector.HR@10; default: NDCG of the first scoring")(
        "holdout", options::value<double>()->value_name("RATIO"),
        "for data without a validation part: tune on this share of each user's training items, "
        "then train the winner on all of them")(
        "jobs", number(), "runs at a time (2, or the number of processors if fewer)")(
        "trials-max", number(), "run at most so many trials now; the same command goes on")(
        "out", text("DIR"), "the sweep's folder (sweep-... in output.dir)");
    return known;
}

std::optional<std::uint64_t> number(const variables_map& given, const char* name,
                                    std::int64_t most) {
    if (given.count(name) == 0) return std::nullopt;
    const auto value = given[name].as<std::int64_t>();
    if (value < 1 || value > most)
        throw UsageError(fmt::format("--{}: expected a whole number between 1 and {}, found {}",
                                     name, most, value));
    return static_cast<std::uint64_t>(value);
}

/// FEDHASH_* settings as they are now. They are taken out of the environment, where they would
/// override what a trial's own file says.
Environment take_environment() {
    const Environment now = process_environment();
    std::map<std::string, std::string> taken;
    for (const settings::Setting& setting : settings::all_settings()) {
        const std::string name = environment_name(setting.key);
        if (const auto value = now(name)) taken[name] = *value;
        unsetenv(name.c_str());
    }
    return [taken](const std::string& name) -> std::optional<std::string> {
        const auto found = taken.find(name);
        return found == taken.end() ? std::nullopt : std::optional(found->second);
    };
}

std::string chosen_by(const variables_map& given, const Scenario& base,
                      const std::vector<Axis>& axes) {
    if (given.count("by") == 0) return fmt::format("NDCG@{}", headline_cutoff(base.eval.k));
    const auto by = given["by"].as<std::string>();
    if (std::ranges::find(axes, "eval.k", &Axis::key) != axes.end()) return by;
    std::vector<std::string> known;
    for (const MetricSpec& spec : metric_specs(base.eval.k)) known.push_back(name(spec));
    const std::string metric = by.substr(by.rfind('.') + 1);
    if (std::ranges::find(known, metric) == known.end())
        throw UsageError(fmt::format("--by {}: no run measures '{}'{}", by, metric,
                                     settings::did_you_mean(metric, known)));
    return by;
}

std::vector<std::uint64_t> chosen_points(const variables_map& given, const std::vector<Axis>& axes,
                                         std::uint64_t seed) {
    const std::uint64_t size = grid_size(axes);
    if (const auto count = number(given, "random", most_points)) return draw(size, *count, seed);
    if (size > most_points)
        throw UsageError(fmt::format(
            "this grid has {} points, and {} are the most; draw some of them with --random N",
            report::count_text(size), report::count_text(most_points)));
    return draw(size, size, seed);
}

/// Those of the file, with the values of the command line where it has the same; then its others.
/// --set takes an axis of the file away. (The settings of --winner do not: axes beat them.)
std::vector<Axis> chosen_axes(const variables_map& given, const std::optional<SweepSection>& file) {
    std::vector<Axis> axes, more;
    std::vector<std::string> set;
    if (given.count("set") != 0)
        for (const std::string& word : given["set"].as<std::vector<std::string>>())
            set.push_back(parse_override(word).key);
    const auto is_set = [&set](const std::string& key) {
        return std::ranges::find(set, key) != set.end();
    };
    if (file)
        for (const SweepSection::Axis& axis : file->over)
            if (!is_set(axis.key)) axes.push_back({axis.key, axis.values, axis.where});
    if (given.count("axis") != 0)
        for (const std::string& word : given["axis"].as<std::vector<std::string>>())
            more.push_back(parse_axis(word));
    for (const Axis& axis : more)
        if (is_set(axis.key))
            throw UsageError(fmt::format(
                "command line: {} is an axis and has a value by --set; leave one of them out",
                axis.key));
    for (Axis& axis : axes)
        if (const auto same = std::ranges::find(more, axis.key, &Axis::key); same != more.end()) {
            axis = *same;
            more.erase(same);
        }
    axes.insert(axes.end(), more.begin(), more.end());
    return axes;
}

/// Options that are about choosing make no sense where nothing is chosen.
void check_all(const variables_map& given) {
    for (const char* option : {"tune-seeds", "by", "holdout"})
        if (given.count(option) != 0)
            throw UsageError(fmt::format(
                "--{}: every point of this sweep is tested (--all, or sweep.all in the file), so "
                "that there is nothing to tune",
                option));
}

/// Settings of tuning trials alone.
std::vector<Override> tuning_settings(const variables_map& given, bool tunes) {
    std::vector<Override> settings{{"eval.test", "false"}, {"baselines.enabled", "false"}};
    if (given.count("holdout") == 0) return settings;
    const auto ratio = given["holdout"].as<double>();
    if (!(ratio > 0 && ratio < 1))
        throw UsageError(
            fmt::format("--holdout: expected a share above 0 and below 1, found {}", ratio));
    if (!tunes) throw UsageError("--holdout: a single point needs no tuning; leave it out");
    settings.push_back({"data.holdout_ratio", fmt::format("{}", ratio)});
    return settings;
}

SweepPlan make_plan(const variables_map& given, const Environment& environment) {
    SweepPlan plan;
    const std::string file = given["file"].as<std::string>();
    plan.resolve = [file, environment,
                    overrides = setting_overrides(given)](const std::vector<Override>& more) {
        std::vector<Override> all = overrides;
        all.insert(all.end(), more.begin(), more.end());
        return load(file, preset_folder(), all, environment);
    };
    const Scenario base = plan.resolve({}).scenario;
    const std::optional<SweepSection> section = plan.resolve({}).sweep;
    plan.all = given.count("all") != 0 || (section && section->all);
    if (plan.all) check_all(given);
    plan.axes = checked(chosen_axes(given, section), plan.resolve);
    plan.points = chosen_points(given, plan.axes, base.run.seed);
    plan.tune_seeds = number(given, "tune-seeds", most_seeds);
    plan.tuning = tuning_settings(given, plan.points.size() > 1 || plan.tune_seeds);
    plan.testing = {{"eval.test", "true"}};
    plan.seeds =
        number(given, "seeds", most_seeds).value_or(section ? section->seeds.value_or(1) : 1);
    plan.split_seeds = given.count("split-seeds") != 0;
    plan.most_trials = number(given, "trials-max", std::numeric_limits<std::int64_t>::max());
    if (given.count("winner") != 0)
        plan.tried_before = read_winner(given["winner"].as<std::string>()).tried;
    plan.by = chosen_by(given, base, plan.axes);
    plan.program = "/proc/self/exe";
    plan.program = std::filesystem::read_symlink(plan.program);
    constexpr std::size_t usual_jobs = 2;
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    plan.jobs = number(given, "jobs", most_jobs).value_or(std::min(usual_jobs, cores));
    return plan;
}

/// An axis that no point reads would run the same thing again and again.
void check_axes(const SweepPlan& plan) {
    for (std::size_t a = 0; a < plan.axes.size(); ++a) {
        const auto& [key, values, origin] = plan.axes[a];
        const bool read = std::ranges::any_of(plan.points, [&](std::uint64_t number) {
            const Scenario scenario = plan.resolve(point(plan.axes, number)).scenario;
            const auto unused = unused_settings(variant_of(scenario, 1, 1));
            return std::ranges::find(unused, key) == unused.end();
        });
        if (!read)
            throw UsageError(fmt::format(
                "{}: axis {}: no piece of the method reads it, so that all its values are the same "
                "run",
                origin, key));
    }
}

std::filesystem::path chosen_folder(const variables_map& given, const SweepPlan& plan) {
    if (given.count("out") != 0) return given["out"].as<std::string>();
    const Loaded base = plan.resolve({});
    constexpr std::size_t digits = 8;
    return std::filesystem::path(base.scenario.output.dir) /
           fmt::format(
               "sweep-{}-{}", std::filesystem::path(base.file).stem().string(),
               short_hash(sweep_identity(base, plan.axes, plan.all).dump()).substr(0, digits));
}

void check_data(const SweepPlan& plan, report::StatusLine& status) {
    const bool tunes = !plan.all && (plan.points.size() > 1 || plan.tune_seeds);
    status.progress("reading data");  // once here: what is wrong with it need not fail every trial
    const Prepared data = prepare(plan.resolve(tunes ? plan.tuning : plan.testing).scenario.data);
    if (tunes && !data.has_validation)
        throw UsageError("a sweep chooses on the validation part, and this data has none (" +
                         data.split_label +
                         "); hold some of the training part out with --holdout 0.1, choose another "
                         "data.split or data.valid_ratio, or give data.valid");
    status.step(fmt::format("{}: {} points", data.label, report::count_text(plan.points.size())));
}

/// What was tested beside the baselines.
std::string tests_text(const SweepResult& result, const std::filesystem::path& folder,
                       const report::Style& style) {
    std::vector<RunRecord> runs;
    for (const std::filesystem::path& run : result.tested_runs())
        runs.push_back(read_run(folder / run, preset_folder()));
    if (runs.empty()) return "";
    CompareOptions options;
    options.reference = "popularity";
    options.need_baselines = false;
    const Comparison comparison = compare(runs, options, preset_folder());
    std::string notices;
    for (const std::string& notice : comparison.notices) notices += "\n" + notice + "\n";
    if (result.all)
        return report::find_comparison_format("terminal")
                   .text(comparison, {true, true, true, false, false, true}, style,
                         report::terminal_columns(1)) +
               notices;
    report::TitledTable table = report::quality_table(comparison, report::terminal_columns(1));
    table.title =
        fmt::format("On the test part: {}", point_text(result.points[*result.winner].settings));
    return "\n" + report::terminal_text(table, style, 100) + notices;
}

std::string closing_text(const SweepResult& result, const std::filesystem::path& folder,
                         bool baselines) {
    std::string text;
    if (const std::size_t open = result.count(TrialOutcome::State::open); result.all && open > 0)
        text += fmt::format("\n{} of {} trials were not run yet: the tables lack them.\n",
                            report::count_text(open),
                            report::count_text(open + result.count(TrialOutcome::State::finished) +
                                               result.count(TrialOutcome::State::failed)));
    text += "\nSweep    " + folder.string() + "\n";
    const std::size_t failed = result.count(TrialOutcome::State::failed);
    if (result.interrupted || result.out_of_budget)
        text += "Next     the same command goes on where this one ended\n";
    else if (failed > 0)
        text += "Next     see trials/*/output.log; the same command tries the failed ones again\n";
    else if (baselines)
        text += fmt::format("Next     {} compare {}{}\n", program_name(), folder.string(),
                            result.all ? " --tables quality,codes,cost --format markdown" : "");
    return text;
}

}  // namespace

int sweep_command(const Words& words) {
    const auto given = parse(words, usage, sweep_options(), "file", "axis");
    if (!given) return exit_ok;
    if (given->count("file") == 0)
        throw UsageError(
            "which scenario? Try: fedhash sweep scenarios/quickstart.toml method.bits=32,64");
    const Environment environment = take_environment();
    const SweepPlan plan = make_plan(*given, environment);
    const Loaded base = plan.resolve({});
    report::StatusLine status = report::StatusLine::on_stderr();
    check_axes(plan);
    check_data(plan, status);
    const SweepFolder folder(chosen_folder(*given, plan),
                             sweep_identity(base, plan.axes, plan.all));
    Interrupts interrupts;
    const auto record = [&](const SweepResult& result, const std::string& state) {
        folder.write("sweep.json", sweep_json(plan, result, state).dump(2) + "\n");
        folder.write("sweep.csv", report::sweep_csv(plan, result));
    };
    const SweepResult result =
        run_sweep(plan, folder, interrupts,
                  {[&](const std::string& text) { status.step(text); },
                   [&](const std::string& text) { status.say(text); },
                   [&](const SweepResult& so_far) { record(so_far, "running"); }});
    record(result, result.state());
    status.erase();

    const report::Style style = report::style_of(1);
    if (!result.all) std::cout << report::terminal_text(report::sweep_table(result), style, 100);
    std::cout << tests_text(result, folder.path(), style)
              << closing_text(result, folder.path(), base.scenario.baselines.enabled);
    if (result.interrupted) return exit_interrupted;
    return result.count(TrialOutcome::State::failed) > 0 ? exit_run_failed : exit_ok;
}

}  // namespace fedhash::scenarios
