#include "scenarios/experiments/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/errors.hpp"
#include "scenarios/experiments/identity.hpp"
#include "scenarios/experiments/run_record.hpp"

namespace fedhash::scenarios {
namespace {

using State = TrialOutcome::State;

std::vector<Override> together(std::vector<Override> first, const std::vector<Override>& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

class Sweep {
  public:
    Sweep(const SweepPlan& plan, const SweepFolder& folder, Interrupts& interrupts,
          const SweepAnnouncer& announce)
        : plan_(plan),
          folder_(folder),
          interrupts_(interrupts),
          announce_(announce),
          base_(plan.resolve({}).scenario) {
        result_.by = plan.by;
        result_.all = plan.all;
        for (std::uint64_t number : plan.points) {
            SweptPoint swept{point(plan.axes, number), {}, {}};
            if (plan.all)
                for (std::uint64_t i = 0; i < plan.seeds; ++i)
                    swept.trials.push_back(
                        trial(swept.settings, i, plan.split_seeds, plan.testing));
            else if (plan.points.size() > 1 || plan.tune_seeds)
                for (std::uint64_t i = 0; i < plan.tune_seeds.value_or(1); ++i)
                    swept.trials.push_back(trial(swept.settings, i, false, plan.tuning));
            result_.points.push_back(std::move(swept));
        }
    }

    SweepResult run() {
        announce_.record(result_);
        if (plan_.all) {
            run_open("testing", "metrics", trials_of_points());
            check_same_data(trials_of_points());
            return std::move(result_);
        }
        tune();
        announce_.record(result_);
        if (!result_.interrupted && !result_.out_of_budget) test();
        return std::move(result_);
    }

  private:
    Trial trial(const std::vector<Override>& settings, std::uint64_t seed, bool move_split,
                const std::vector<Override>& part) {
        Trial made;
        made.seed = base_.run.seed + seed;
        made.data_seed = base_.data.seed + (move_split ? seed : 0);
        made.overrides =
            together(together(settings, {{"run.seed", std::to_string(made.seed)}}), part);
        if (move_split) made.overrides.push_back({"data.seed", std::to_string(made.data_seed)});
        made.id = short_hash(identity_text(plan_.resolve(made.overrides)));
        made.outcome = folder_.outcome(made.id);
        return made;
    }

    std::vector<Trial*> trials_of_points() {
        std::vector<Trial*> trials;
        for (SweptPoint& swept : result_.points)
            for (Trial& one : swept.trials) trials.push_back(&one);
        return trials;
    }

    void tune() {
        const std::vector<Trial*> trials = trials_of_points();
        run_open("tuning", "validation", trials);
        check_same_data(trials);
        choose();
    }

    void test() {
        if (plan_.points.size() == 1 && !plan_.tune_seeds) result_.winner = 0;
        if (!result_.winner) return;
        const SweptPoint& best = result_.points[*result_.winner];
        for (std::uint64_t i = 0; i < plan_.seeds; ++i)
            result_.tests.push_back(trial(best.settings, i, plan_.split_seeds, plan_.testing));
        std::vector<Trial*> trials;
        for (Trial& one : result_.tests) trials.push_back(&one);
        run_open("testing " + point_text(best.settings), "metrics", trials);
    }

    void run_open(const std::string& step, const char* part, const std::vector<Trial*>& trials) {
        std::vector<Trial*> todo;
        for (Trial* one : trials) {
            if (one->outcome.state == State::finished)
                read_figures(*one, part);
            else
                todo.push_back(one);
        }
        // First what was never run: a small budget is not to go into the same failure every time.
        std::ranges::stable_partition(
            todo, [](const Trial* one) { return one->outcome.state == State::open; });
        std::size_t done = trials.size() - todo.size();
        if (done > 0 && !todo.empty())
            announce_.step(
                fmt::format("{}: {} of {} trials were finished before", step, done, trials.size()));
        if (plan_.most_trials && todo.size() > *plan_.most_trials - used_) {
            result_.out_of_budget = true;
            todo.resize(*plan_.most_trials - used_);
        }
        used_ += todo.size();
        const bool all = run_children(
            plan_.program, todo.size(), plan_.jobs, interrupts_,
            [&](std::size_t i) {
                todo[i]->outcome = {};  // an earlier failure is over
                return folder_.begin(todo[i]->id, plan_.resolve(todo[i]->overrides));
            },
            [&](std::size_t i, int wait_status) {
                Trial& one = *todo[i];
                end(one, wait_status, part);
                if (one.outcome.state == State::open) return;
                announce_.step(
                    fmt::format("{}: {} of {} trials{}", step, ++done, trials.size(), best_yet()));
            });
        result_.interrupted = !all;
    }

    void end(Trial& one, int wait_status, const char* part) {
        const bool succeeded = wait_status == 0;
        // Those that an interrupt ended are neither finished nor failed.
        if (interrupts_.count() > 0 && !succeeded) return;
        one.outcome = folder_.end(one.id, wait_status);
        if (one.outcome.state == State::finished) read_figures(one, part);
        if (one.outcome.state == State::failed)
            announce_.say(fmt::format("failed: {}, run.seed={}: {}", settings_text(one), one.seed,
                                      one.outcome.reason));
    }

    std::string settings_text(const Trial& one) const {
        const auto axes = static_cast<std::ptrdiff_t>(plan_.axes.size());
        return point_text({one.overrides.begin(), one.overrides.begin() + axes});
    }

    /// A run that lacks what it is to be judged by has failed, as far as the sweep goes.
    void read_figures(Trial& one, const std::string& part) {
        const RunRecord run{folder_.path() / one.outcome.run,
                            read_summary(folder_.path() / one.outcome.run),
                            {},
                            {},
                            0};
        one.figures.clear();
        one.data_hash = run.data("hash");
        const std::vector<std::string> scorings = run.scorings();
        for (const std::string& scoring : scorings)
            for (const std::string& metric : run.metric_names())
                if (const auto value = figure(run.summary, {part, scoring, metric}))
                    one.figures.emplace_back(scoring + "." + metric, *value);
        if (judged_by(one)) return;
        std::vector<std::string> there;
        for (const auto& [name, value] : one.figures) there.push_back(name);
        const std::string scoring = plan_.by.substr(0, plan_.by.find('.'));
        const bool scored =
            scoring == plan_.by || std::ranges::find(scorings, scoring) != scorings.end();
        one.outcome.state = State::failed;
        one.outcome.reason =
            fmt::format("it did not measure {} on the {} part; {}", plan_.by,
                        part == "metrics" ? "test" : "validation",
                        there.empty() ? "there is nothing"
                        : scored      ? fmt::format("there is {}", fmt::join(there, ", "))
                                      : fmt::format("it scores by {}", fmt::join(scorings, ", ")));
    }

    /// The figure that a trial is judged by: the one of that name, or of its first way of scoring
    /// that has it. nullptr when there is none.
    const std::pair<std::string, double>* judged_by(const Trial& one) const {
        const bool whole_name = plan_.by.find('.') != std::string::npos;
        for (const auto& figure : one.figures)
            if (whole_name ? figure.first == plan_.by : figure.first.ends_with("." + plan_.by))
                return &figure;
        return nullptr;
    }

    void choose() {
        result_.winner.reset();
        for (std::size_t p = 0; p < result_.points.size(); ++p) {
            SweptPoint& swept = result_.points[p];
            double sum = 0;
            bool whole = !swept.trials.empty();
            for (const Trial& one : swept.trials) {
                const auto* value = judged_by(one);
                whole = whole && one.outcome.state == State::finished && value;
                sum += value ? value->second : 0;
                if (value && result_.by == plan_.by) result_.by = value->first;
            }
            swept.score = whole ? std::optional(sum / static_cast<double>(swept.trials.size()))
                                : std::nullopt;
            if (whole && (!result_.winner || *swept.score > *result_.points[*result_.winner].score))
                result_.winner = p;
        }
    }

    std::string best_yet() {
        if (plan_.all || !result_.tests.empty()) return "";
        choose();
        if (!result_.winner) return "";
        const SweptPoint& best = result_.points[*result_.winner];
        return fmt::format(", best {} {:.4f} with {}", result_.by, *best.score,
                           point_text(best.settings));
    }

    void check_same_data(const std::vector<Trial*>& trials) const {
        std::set<std::string> hashes;
        for (const Trial* one : trials)
            if (one->outcome.state == State::finished) hashes.insert(one->data_hash);
        if (hashes.size() > 1)
            throw DataError(folder_.path().string() +
                            ": the data changed between the trials of this sweep, which cannot be "
                            "compared; begin anew with another --out");
    }

    const SweepPlan& plan_;
    const SweepFolder& folder_;
    Interrupts& interrupts_;
    const SweepAnnouncer& announce_;
    const Scenario base_;
    SweepResult result_;
    std::uint64_t used_ = 0;  // of most_trials
};

}  // namespace

std::size_t SweepResult::count(State state) const {
    const auto in = [state](const std::vector<Trial>& trials) {
        return static_cast<std::size_t>(std::ranges::count_if(
            trials, [state](const Trial& one) { return one.outcome.state == state; }));
    };
    std::size_t total = in(tests);
    for (const SweptPoint& swept : points) total += in(swept.trials);
    return total;
}

std::vector<std::filesystem::path> SweepResult::tested_runs() const {
    std::vector<std::filesystem::path> runs;
    const auto add = [&runs](const std::vector<Trial>& trials) {
        for (const Trial& one : trials)
            if (one.outcome.state == State::finished) runs.push_back(one.outcome.run);
    };
    if (all)
        for (const SweptPoint& swept : points) add(swept.trials);
    add(tests);
    return runs;
}

std::string SweepResult::state() const {
    if (interrupted) return "interrupted";
    if (out_of_budget) return "open";
    if (all) return count(State::failed) + count(State::open) == 0 ? "complete" : "failed";
    const bool tested = !tests.empty() && std::ranges::all_of(tests, [](const Trial& one) {
        return one.outcome.state == State::finished;
    });
    return tested ? "complete" : "failed";
}

SweepResult run_sweep(const SweepPlan& plan, const SweepFolder& folder, Interrupts& interrupts,
                      const SweepAnnouncer& announce) {
    return Sweep(plan, folder, interrupts, announce).run();
}

std::string point_text(const std::vector<Override>& settings) {
    std::string text;
    for (const Override& one : settings)
        text += (text.empty() ? "" : ", ") + one.key + "=" + one.value;
    return text.empty() ? "the only point" : text;
}

}  // namespace fedhash::scenarios
