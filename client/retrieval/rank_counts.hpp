// Where a user's held-out items stand among all candidates, without a list: a metric needs to know
// how many items score higher and how many the same. Scores by code fall with a distance that fits
// a byte, so both are counts over bytes (client/retrieval/scan_kernels.hpp).
//
// Where items have a bias, they are laid out by it: among items of one bias the score falls with
// the distance alone, so every count is one count a bias, of distances below a bound that follows
// from it. Biases are a few bits, so they are few.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "client/metrics.hpp"
#include "client/retrieval/byte_planes.hpp"
#include "common/ids.hpp"
#include "common/tables.hpp"

namespace fedhash::client {

/// What a user makes of an item i by code alone, with planes p = 0, 1, ... of a few-bit code, the
/// one of weight 1 first:
///     slope * (sum over p of 2^p plane_p . d_i) + bias_weight * bias_i ,   slope > 0
struct CodeScore {
    std::span<const std::uint64_t> planes;  // words_for(bits) words each
    double slope = 1;
    double bias_weight = 0;
};

class RankCounts {
  public:
    /// Lays out a catalogue. `bias` has a row of one entry for each item, or is empty.
    RankCounts(const Codes& items, const Plane& bias);

    /// Whether the distances to a code of so many planes fit a byte.
    bool fits(std::size_t planes) const;

    /// The tie groups, best first, of `held` (no repeats) among all items that are neither in it
    /// nor in `excluded` (any order): what tie_groups makes of the scores. `score` must fit. Valid
    /// until the next call.
    std::span<const TieGroup> groups(const CodeScore& score, std::span<const ItemId> held,
                                     std::span<const ItemId> excluded);

    /// The scores of the held-out items of the last call, in their order.
    std::span<const double> held_scores() const { return held_; }

  private:
    struct Stripe {  // the items of one bias: blocks [first, end)
        double bias;
        std::size_t first, end;
    };
    void measure(const CodeScore& score);

    BytePlanes items_;  // stripe after stripe, each padded to whole blocks
    std::vector<Stripe> stripes_;
    std::vector<std::uint32_t> places_;   // of items
    std::vector<std::uint32_t> padding_;  // places without an item
    // Of the last call.
    std::vector<ByteLine> distances_, plane_distances_;
    std::vector<double> held_, levels_;
    std::vector<TieGroup> groups_;
};

}  // namespace fedhash::client
