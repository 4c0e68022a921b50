// The chosen pieces of a method and their options, in integers: what Welcome carries, and all that
// a device is told.
#pragma once

#include <cstdint>
#include <string>

namespace fedhash {

/// Targets, residuals and ratings are multiples of 1/16 of a code unit: whole units are too coarse
/// for short codes.
constexpr int unit_bits = 4;
constexpr std::int64_t unit = std::int64_t{1} << unit_bits;

/// Targets stay within four times the longest score; with residuals below five, sums have a bound
/// (item_step.hpp).
constexpr std::int64_t max_target(std::uint32_t bits) { return 4 * std::int64_t{bits} * unit; }

struct Variant {
    std::uint32_t bits = 64;
    std::string objective = "implicit";
    std::string uplink = "code";
    std::string item_rule = "curvature";
    std::uint32_t interaction = 1;   // c0: weight of (b.d)^2 over all pairs
    std::uint32_t weight = 8;        // w: weight of an observed pair
    std::uint32_t target_q16 = 0;    // T, in 2^-16
    std::uint32_t exponent_q16 = 0;  // a, in 2^-16
    std::uint32_t mean_count_q8 =
        0;  // mean number of interactions of a user, in 2^-8 (an average over all devices)
    bool refit_target = false;
    std::uint32_t balance_units = 0;  // lambda * 16
    bool weigh_users = false;         // a user's rows count n_u / mean
    std::uint32_t sweeps = 3;
    std::uint32_t own_bit_start = 64;  // rho of round 1, in 64ths
    std::uint32_t memory_256 = 0;  // share of the running sums kept from round to round, in 256ths
    double scoring_ridge = 0;      // a0; measurement only, never part of a summed number
};

}  // namespace fedhash
