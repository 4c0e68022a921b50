// A sweep: every point of a grid is run and measured on the validation part; the best one is run
// again, on several seeds, and measured on the test part, once a seed. The test part has no say in
// the choice: a tuning trial does not score it. Or, where points are to be seen beside each other,
// all of them are tested and none is chosen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/experiments/axes.hpp"
#include "scenarios/experiments/children.hpp"
#include "scenarios/experiments/sweep_folder.hpp"

namespace fedhash::scenarios {

struct SweepPlan {
    Resolve resolve;
    std::vector<Axis> axes;
    std::vector<std::uint64_t> points;        // numbers in the grid
    std::vector<Override> tuning, testing;    // on top of the point's
    std::optional<std::uint64_t> tune_seeds;  // 1; a single point is tuned only when it is given
    bool all = false;                         // test every point with `seeds` seeds; choose none
    std::uint64_t seeds = 1;
    bool split_seeds = false;                  // testing moves data.seed as well
    std::size_t jobs = 1;                      // processes at a time
    std::optional<std::uint64_t> most_trials;  // to run now; the rest waits for the next time
    std::size_t tried_before = 0;              // by the sweep whose winner this one starts from
    std::string by;                 // "codes.NDCG@10", or "NDCG@10" of the first way of scoring
    std::filesystem::path program;  // run as `program run config.toml`
};

struct Trial {
    std::string id;
    std::vector<Override> overrides;
    std::uint64_t seed = 0, data_seed = 0;
    TrialOutcome outcome;
    std::string data_hash;  // of a finished one
    /// "codes.NDCG@10" and its value, of validation or of test, in the order of summary.json.
    std::vector<std::pair<std::string, double>> figures;
};

struct SweptPoint {
    std::vector<Override> settings;
    std::vector<Trial> trials;    // one a tuning seed; tests, where all points are tested
    std::optional<double> score;  // mean over the trials, when all are finished
};

struct SweepResult {
    std::string by;  // as it was used with the first point: "codes.NDCG@10"
    std::vector<SweptPoint> points;
    std::optional<std::size_t> winner;  // the first of the best
    std::vector<Trial> tests;           // of the winner, one a seed
    bool all = false;                   // every point was tested
    bool interrupted = false, out_of_budget = false;

    std::size_t count(TrialOutcome::State state) const;  // trials, tests included
    /// Runs of the tests that are finished, from the sweep's folder.
    std::vector<std::filesystem::path> tested_runs() const;
    /// "complete", "interrupted", "failed" (no winner, or a test failed), "open".
    std::string state() const;
};

struct SweepAnnouncer {
    std::function<void(const std::string&)> step, say;
    std::function<void(const SweepResult&)> record;  // the plan, then what tuning found
};

/// Runs what is not finished yet. Failed trials are run again, and do not end the sweep. A single
/// point needs no tuning, but is measured on validation where tuning seeds are asked for. Throws
/// DataError when the data changed between trials.
SweepResult run_sweep(const SweepPlan& plan, const SweepFolder& folder, Interrupts& interrupts,
                      const SweepAnnouncer& announce);

/// "method.bits=64, run.rounds=20"; "the only point" without axes.
std::string point_text(const std::vector<Override>& settings);

}  // namespace fedhash::scenarios
