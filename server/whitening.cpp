#include "server/whitening.hpp"

#include <cmath>

#include "server/symmetric_eigen.hpp"

namespace fedhash::server {

namespace {

constexpr double least_variance = 1.0 / 64;  // so that entries of W stay within 8
constexpr std::uint8_t fraction = 12;

}  // namespace

CodeSums sums_of_users(const Aggregate& sums, const Similarity& similarity,
                       const Plane& bit_weights) {
    const Eigen::Index k = sums.shape.width;
    CodeSums result{double(sums.users), Eigen::VectorXd(k), Eigen::MatrixXd(k, k)};
    const auto weight = [&](Eigen::Index a) {
        return bit_weights.empty() ? 1.0 : double(bit_weights.values[std::size_t(a)]);
    };
    const double lift = similarity.lift_user;
    for (Eigen::Index a = 0; a < k; ++a)
        result.total(a) = double(sums.vectors[std::size_t(a)]) / weight(a) - lift * result.count;
    // psi = v (b + l):  sum b b' = sum psi psi' / (v v') - l (T 1' + 1 T') - l^2 m .
    for (Eigen::Index a = 0; a < k; ++a)
        for (Eigen::Index b = 0; b < k; ++b)
            result.gram(a, b) =
                double(sums.gram[std::size_t(a * k + b)]) / (weight(a) * weight(b)) -
                lift * (result.total(a) + result.total(b)) - lift * lift * result.count;
    return result;
}

CodeSums sums_of_items(const Codes& items) {
    const Eigen::Index k = items.bits;
    Eigen::MatrixXd D(Eigen::Index(items.rows), k);
    for (std::size_t i = 0; i < items.rows; ++i)
        for (Eigen::Index a = 0; a < k; ++a)
            D(Eigen::Index(i), a) = sign(items.row(i), std::uint32_t(a));
    return {double(items.rows), D.colwise().sum().transpose(), D.transpose() * D};
}

Whitening whiten(const CodeSums& sums) {
    Whitening result;
    const double count = std::max(1.0, sums.count);
    result.mean = sums.total / count;
    const Eigen::MatrixXd variance = sums.gram / count - result.mean * result.mean.transpose();
    const SymmetricEigen eigen = symmetric_eigen(variance);
    const Eigen::VectorXd scale = eigen.values.cwiseMax(least_variance).cwiseSqrt().cwiseInverse();
    result.W = eigen.vectors * scale.asDiagonal() * eigen.vectors.transpose();
    return result;
}

Plane plane_of(const Whitening& whitening) {
    const auto k = static_cast<std::uint32_t>(whitening.mean.size());
    std::vector<double> reals;
    for (std::uint32_t a = 0; a < k; ++a) {
        for (std::uint32_t b = 0; b < k; ++b) reals.push_back(whitening.W(a, b));
        reals.push_back(whitening.mean(a));
    }
    return quantise(reals, k, k + 1, fraction, 16, false);
}

}  // namespace fedhash::server
