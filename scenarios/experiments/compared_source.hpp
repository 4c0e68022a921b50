// Where the figures of one line of a comparison come from, and the tests between two such lines.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/experiments/comparison.hpp"
#include "scenarios/experiments/rows.hpp"
#include "scenarios/experiments/user_metrics.hpp"

namespace fedhash::scenarios {

struct ComparedSource {
    std::string label, scoring;
    std::string name;                // of its file in user_metrics: "codes", "ials"
    std::optional<std::size_t> row;  // nothing for a baseline
    std::string data;                // as in ComparedRow
    std::vector<std::size_t> runs;
    std::vector<std::string> path;  // in summary.json: {"metrics", "codes"}
};

/// A user's mean over runs, for each metric. Users of different generated data are different
/// people, so they are kept apart by what data they are of.
using UserTable = std::vector<std::map<std::string, UserMeans>>;

/// Nothing when a run lacks the file, or the runs have different users; `notice` then says so.
std::optional<UserTable> user_table(const ComparedSource& source,
                                    const std::vector<RunRecord>& runs,
                                    const std::vector<std::string>& metrics, std::string& notice);

/// The source that each source is tested against; nothing where there is none. Throws UsageError
/// when `reference` names nothing. `label` becomes what the reference is called.
std::vector<std::optional<std::size_t>> opponents(const std::vector<ComparedSource>& sources,
                                                  const std::vector<ComparedRow>& rows,
                                                  const std::vector<RunRecord>& runs,
                                                  const std::string& reference, std::string& label);

/// Fills the lines' tests, which are parallel to the sources, with Holm's correction over all.
void add_tests(Comparison& comparison, const std::vector<ComparedSource>& sources,
               const std::vector<std::optional<std::size_t>>& against,
               const std::vector<RunRecord>& runs);

}  // namespace fedhash::scenarios
