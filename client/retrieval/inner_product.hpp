// Real-valued search, what codes are compared with: the items of largest inner product with a
// user's vector, by (score, then id). The products are a matrix library's (Eigen here; others in
// benchmarks), the selection is shared.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "common/ids.hpp"

namespace fedhash::client {

using Factors = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Scored {
    ItemId item{};
    float score = 0;
    friend bool operator==(const Scored&, const Scored&) = default;
};

/// The `wanted` largest of the finite scores, largest first and of equal ones the smaller id,
/// without the excluded (ascending, repeats allowed). Scores come tile by tile.
class TopScores {
  public:
    /// `excluded` must outlive the search.
    void begin(std::size_t wanted, std::span<const ItemId> excluded);
    /// Scores of the next items, from the one after the last looked at.
    void look_at(std::span<const float> scores);
    std::span<const Scored> finish();

  private:
    void cut();

    std::size_t wanted_ = 0, looked_at_ = 0, next_excluded_ = 0;
    std::span<const ItemId> excluded_;
    float least_ = 0;  // the K-th largest so far, at the last cut
    std::vector<Scored> taken_;
};

/// By one matrix-vector product.
std::span<const Scored> best(const Factors& items, std::span<const float> user, std::size_t wanted,
                             std::span<const ItemId> excluded, TopScores& top);

/// The order of the listed items by inner product, the first `wanted` of it: two-step recall with
/// candidates that codes found.
std::span<const Scored> best_of(const Factors& items, std::span<const float> user,
                                std::span<const ItemId> candidates, std::size_t wanted,
                                std::vector<Scored>& scored);

}  // namespace fedhash::client
