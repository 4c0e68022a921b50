// The users that speed is measured on: MovieLens 1M where it is at hand, otherwise as many made
// ones whose activity and items' popularity are as skewed.
#pragma once

#include "scenarios/data/prepared.hpp"

namespace fedhash::bench {

/// MovieLens 1M from the folder that FEDHASH_DATA names (leave one out, 99 negatives), or made
/// users when it is not set; the label says which. Throws DataError.
scenarios::Prepared world();

/// 6,040 users and 3,706 items: activity 20 + lognormal(median 76, sigma 1.14), 165 on average;
/// popularity falls as (rank + 60)^-1.2; ratings in five steps as often as MovieLens 1M has them.
scenarios::Prepared made_world();

}  // namespace fedhash::bench
