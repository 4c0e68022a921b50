// What it is worth that reports come without names, in no order: privacy amplification by shuffling
// (Feldman, McMillan, Talwar, FOCS 2021, theorem 3.1).
#pragma once

#include <cstdint>

namespace fedhash::scenarios {

/// The largest epsilon of one report that the theorem is about: log(n / (16 log(4 / delta))).
double most_shuffled_epsilon(std::uint64_t reports, double delta);

/// Epsilon, at `delta`, of `reports` shuffled reports of as many users, each epsilon-private by
/// itself:
///   log(1 + (1 - e^-e0) / (1 + e^(-e0 - E)) (a + c)) ,  a = 8 sqrt(e^e0 log(4 / delta) / n) ,
///   c = 8 e^e0 / n ,  E = log(1 + a + c) .
/// No more than `epsilon`, and that itself where the theorem does not apply.
double shuffled_epsilon(double epsilon, std::uint64_t reports, double delta);

}  // namespace fedhash::scenarios
