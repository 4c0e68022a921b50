#pragma once

namespace fedhash::scenarios {

/// The least x of [low, high] for which `holds`, which holds from some x on and at `high`, to the
/// precision of a double; `high` if it holds nowhere below.
template <class Holds>
double least_within(double low, double high, Holds holds) {
    if (holds(low)) return low;
    for (int i = 0; i < 200; ++i) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        (holds(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace fedhash::scenarios
