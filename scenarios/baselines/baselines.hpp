// The reference rows of every table: chance, popularity, and a real-valued model tuned as well as
// an honest search on the validation part can.
//
//   random      random codes ranked by Hamming distance: what a code length gives by chance
//   popularity  training counts: the same list for everyone
//   ials        implicit alternating least squares (ials.hpp): the ceiling that codes are held to
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/measures.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/settings/scenario.hpp"

namespace fedhash::scenarios {

struct Baseline {
    std::string name;    // random, popularity, ials
    std::string detail;  // how it was made, for a table's footnote
    MetricSums sums;
    std::vector<float> user_metrics;  // users x metrics, expected; NaN where a user was not scored
};

/// What a long computation says while it runs; either may be empty. Called on the calling thread
/// only.
struct Listener {
    std::function<void(std::string_view)> progress;  // a status line, to be overwritten by the next
    std::function<void(std::string_view)> notice;    // something a person should know
};

Baseline random_codes(const Prepared& data, std::uint32_t bits, std::uint64_t seed,
                      std::span<const std::uint32_t> cutoffs, client::Part part);

Baseline popularity(const Prepared& data, std::span<const std::uint32_t> cutoffs,
                    client::Part part);

/// Tuned on the validation part, or on a hold-out from the training part where the data have none
/// (then fitted again to all of it); measured on the test part. A result is kept in the cache
/// folder if `data.hash` names the data; a cache that cannot be read or written costs a notice and
/// time, no more. `threads` 0 = all; the result does not depend on it.
Baseline ials(const Prepared& data, const BaselineSettings& settings, std::uint64_t seed,
              std::span<const std::uint32_t> cutoffs, const Listener& listener = {},
              unsigned threads = 0);

/// All three on the test part, in the order above; none when they are disabled.
std::vector<Baseline> run_baselines(const Prepared& data, const BaselineSettings& settings,
                                    std::uint32_t bits, std::uint64_t seed,
                                    std::span<const std::uint32_t> cutoffs,
                                    const Listener& listener = {});

}  // namespace fedhash::scenarios
