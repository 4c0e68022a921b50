// Which build of ials_kernels.cpp to run.
#pragma once

#include <vector>

#include "scenarios/baselines/ials_kernels.hpp"

namespace fedhash::scenarios {

/// The sets that this processor runs, best first.
std::vector<const IalsKernels*> usable_ials_kernels();

/// The best of them.
const IalsKernels& ials_kernels();

}  // namespace fedhash::scenarios
