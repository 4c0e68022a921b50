// Asynchronous aggregation (Xie et al., FedAsync, 2019; Nguyen et al., FedBuff, AISTATS 2022): a
// number of users work at any time, each on the tables that were the newest when it began. Every so
// many arrivals, in the order of modelled time, make a round; what was said on older tables counts
// less, (1 + rounds behind)^-exponent in 1/16.
#pragma once

#include <cstdint>

namespace fedhash::server {

struct AsynchronyModel {
    std::uint32_t concurrency = 0;  // users that work at a time; 0 = rounds are synchronous
    std::uint32_t buffer = 0;       // arrivals that make a round
    std::uint32_t exponent_q16 = 0;
    std::uint32_t max_staleness = 0;  // older uploads do not count
};

constexpr std::int64_t staleness_unit = 16;

/// In 1/16, at least 1: 16 for what is not stale.
std::int64_t staleness_weight(std::uint32_t rounds_behind, std::uint32_t exponent_q16);

}  // namespace fedhash::server
