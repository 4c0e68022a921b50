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
/// without the excluded (ascending, repeats allowed).
class TopScores {
  public:
    std::span<const Scored> select(std::span<const float> scores, std::size_t wanted,
                                   std::span<const ItemId> excluded);

  private:
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
