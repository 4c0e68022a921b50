#include "server/bit_weights.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "server/whitening.hpp"

namespace fedhash::server {

Plane fit_bit_weights(const Variant& variant, const Tables& tables, const Aggregate& sums) {
    const Codes& items = tables.codes;
    const Plane& before = tables.plane(PlaneId::bit_weights);
    const Eigen::Index k = items.bits;
    const CodeSums users = sums_of_users(sums, find_similarity(variant.similarity), before);
    const double m = std::max(1.0, users.count);
    Eigen::VectorXd v0(k), right = Eigen::VectorXd::Zero(k);
    for (Eigen::Index a = 0; a < k; ++a) v0(a) = before.values[std::size_t(a)];
    Eigen::MatrixXd D(Eigen::Index(items.rows), k);
    Eigen::VectorXd W(Eigen::Index(items.rows));
    for (std::size_t i = 0; i < items.rows; ++i) {
        W(Eigen::Index(i)) = double(sums.weights[i]) / m;
        for (Eigen::Index a = 0; a < k; ++a) {
            const int d = sign(items.row(i), std::uint32_t(a));
            D(Eigen::Index(i), a) = d;
            right(a) += d * double(sums.rows[i * items.bits + std::size_t(a)]) / v0(a);
        }
    }
    const double c0 = double(unit) * variant.interaction;
    const Eigen::MatrixXd listed = users.gram.cwiseProduct(D.transpose() * W.asDiagonal() * D);
    const Eigen::MatrixXd normal = listed + c0 * users.gram.cwiseProduct(D.transpose() * D);
    right += listed * v0;

    // Bits of a component share a weight.
    const Eigen::Index width = variant.component_bits, parts = (k + width - 1) / width;
    Eigen::MatrixXd share = Eigen::MatrixXd::Zero(k, parts);
    for (Eigen::Index a = 0; a < k; ++a) share(a, a / width) = 1;
    Eigen::MatrixXd small = share.transpose() * normal * share;
    small.diagonal().array() += 1e-9 * std::max(1.0, small.trace());
    const Eigen::VectorXd v = share * small.llt().solve(share.transpose() * right);

    const double one = bit_weight_one(variant), most = most_bit_weight(variant), mean = v.mean();
    Plane plane = before;
    if (!(mean > 0) || !std::isfinite(mean)) return plane;
    for (Eigen::Index a = 0; a < k; ++a)
        plane.values[std::size_t(a)] = static_cast<std::int16_t>(
            std::clamp(std::round((v(a) / mean + 1) / 2 * one), 1.0, most));
    return plane;
}

}  // namespace fedhash::server
