// Integers from the discrete Gaussian distribution, without a rounding error anywhere:
//   P(x) ~ exp(-x^2 / (2 variance))   (Canonne, Kamath, Steinke, NeurIPS 2020, algorithms 1 to 3).
#pragma once

#include <cstdint>

#include "common/random.hpp"

namespace fedhash::client {

/// `variance`: 0 (then 0) to 2^56.
std::int64_t discrete_gaussian(std::uint64_t variance, Stream& random);

}  // namespace fedhash::client
