// Losses of real-valued scores s, for learning by gradients, over groups: an item with a label and
// the device's own items without one that were drawn for it. With x = alpha s, what a loss gives
// for an item is -dL/dx: a positive number pulls its score up. alpha is 1 for plain real vectors;
// where entries are, or become, +-1 it is sharpness / k, and 1 / k for `square`.
//
//   bpr       -ln sigma(x_i - x_j) over pairs of an item with a label and one without
//   logistic  -y ln sigma(x) - (1 - y) ln sigma(-x) for every listed item
//   square    1/2 (y - s)^2 with plain real vectors; (y - 1/2 - s / 2k)^2 otherwise (BCCF)
//   softmax   -ln of the share of a labelled item among itself and its own sampled ones
//
// BPR: Rendle et al., UAI 2009. The discrete objectives (client/objective.hpp) are other losses of
// whole lists in integers; only the names of two coincide.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/variant.hpp"

namespace fedhash::client {

struct RelaxedLoss {
    const char* name;
    /// One group: scores[0] is of an item labelled `label` in [0, 1], the rest are of items
    /// without. Writes the pull of each.
    void (*pull)(std::span<const double> scores, double label, double alpha, bool plain,
                 std::span<double> pulls);
    /// The loss itself, which learning does not need.
    double (*value)(std::span<const double> scores, double label, double alpha, bool plain);
    bool compares;  // says nothing about a group of one
    const char* about;
};

std::span<const RelaxedLoss> relaxed_losses();

/// Throws UsageError that lists the known names.
const RelaxedLoss& find_relaxed_loss(std::string_view name);

/// Whether there is one of this name.
bool is_relaxed_loss(std::string_view name);

}  // namespace fedhash::client
