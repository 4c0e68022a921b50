// Runs beside each other: mean and spread over seeds, share of the ceiling, cost, and a paired test
// over users against one of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/experiments/paired_test.hpp"
#include "scenarios/experiments/run_record.hpp"

namespace fedhash::scenarios {

struct CompareOptions {
    std::vector<std::string> metrics;   // empty: HR, NDCG, Recall at the headline cut-off and more
    std::vector<std::string> scorings;  // empty: all
    std::string reference;  // "popularity", "ials", a row's label, a run or sweep folder; empty:
                            // the row of the first run
    std::string sort;       // metric that puts the best row first; empty: in the order of the runs
    bool mixed = false;     // rows may be of different data
    bool need_baselines = true;  // refuse when no run measured them
};

/// What a row's codes are like (scenarios/launch/code_health.hpp), means over its runs.
struct ComparedCodes {
    std::optional<double> balance, correlation, dead_bits, duplicates, place, tied, drawn;
};

struct ComparedTest {
    PairedTest test;
    double corrected = 1;  // p after Holm, over all tests of the comparison
};

/// A way of scoring of a row, or a baseline.
struct ComparedLine {
    std::string label;
    std::string scoring;  // empty for a baseline
    std::size_t runs = 0;
    bool is_reference = false;
    std::vector<std::optional<Spread>> metrics;  // by Comparison::metrics
    // Likewise: means with the unluckiest and the luckiest order of ties.
    std::vector<std::optional<double>> at_worst, at_best;
    std::vector<std::optional<ComparedTest>> tests;  // likewise; against the reference
    std::vector<std::optional<double>> of_ceiling;   // likewise; mean by iALS's mean
    std::vector<bool> below_popularity;              // likewise; in the means
    std::optional<ComparedCodes> codes;              // of a line scored by codes
    // Of a row's first line: means over its runs. Bytes of one user in the whole run.
    std::optional<double> bytes_up, bytes_down, rounds, seconds;
    std::size_t tried = 0;  // settings tried on validation, where a sweep chose them; else 0
    std::vector<std::string> commands;  // that make the row, from the folder of the scenario
};

struct Comparison {
    std::vector<std::string> data;     // label, split, candidates; empty when they are mixed
    std::vector<std::string> metrics;  // "HR@10"
    std::string headline;              // NDCG at 10, or at the middle cut-off
    std::string reference;             // what the tests are against
    std::size_t tests = 0;
    std::vector<ComparedLine> lines;   // rows, then random, popularity, iALS
    std::vector<std::string> notices;  // what could not be done, and why
};

/// Throws UsageError when the runs cannot be compared or the options name what is not there.
Comparison compare(const std::vector<RunRecord>& runs, const CompareOptions& options,
                   const std::filesystem::path& presets);

}  // namespace fedhash::scenarios
