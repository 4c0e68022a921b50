// Rotation of a table of factors to the principal axes of its Gram matrix.
#pragma once

#include "scenarios/baselines/factors.hpp"

namespace fedhash::scenarios {

/// Multiplies every row by Q, where Y'Y = Q diag(spectrum) Q', and returns the spectrum,
/// descending, padded with zeros to the stride. `gram` is Y'Y, stride x stride, upper half. Each
/// axis points so that its largest entry is positive.
AlignedFloats rotate_to_axes(Factors& table, const AlignedFloats& gram, unsigned threads);

}  // namespace fedhash::scenarios
