// `polar`: collaborative hashing (Liu et al., CVPR 2014): maximise tr(B'RD) over real B (users) and
// D (items) with B'B = m I, D'D = n I by
//
//   B <- sqrt(m) polar(R D) ,  D <- sqrt(n) polar(R'B) ,     polar(X) = X (X'X)^-1/2 ,
//
// and signs at the end. Exact over users that each know their own row of R: with p_u = (R D)_u and
// H = sum over users of p_u p_u', polar(R D) has rows p_u H^-1/2, so  R'B = sqrt(m) (sum over
// raters of p_u) H^-1/2 : one upload a round brings both factors (common/uplinks/image.cpp). W =
// sqrt(m) H^-1/2 is published, so that a device makes its row x_u = W p_u, and at the end its code,
// itself. Ours: ratings count as 1; directions with less than 1e-9 of the largest eigenvalue are
// dropped.
#include <cmath>

#include "common/uplinks/uplinks.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/symmetric_eigen.hpp"

namespace fedhash::server {

namespace {

Eigen::MatrixXd inverse_root(const Eigen::MatrixXd& symmetric) {
    const SymmetricEigen eigen = symmetric_eigen(symmetric);
    Eigen::VectorXd roots = eigen.values;
    const double least = 1e-9 * std::max(roots.maxCoeff(), 1e-300);
    for (double& value : roots) value = value > least ? 1 / std::sqrt(value) : 0.0;
    return eigen.vectors * roots.asDiagonal() * eigen.vectors.transpose();
}

class Polar final : public ItemStep {
  public:
    explicit Polar(const Variant& variant) : variant_(variant) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        const std::size_t n = sums.shape.items, k = sums.shape.width;
        const Plane& old = tables.plane(PlaneId::factors);
        const double unit_of_p = std::ldexp(1.0, image_shift - static_cast<int>(old.fraction));
        const Eigen::MatrixXd H = square(sums.gram, k) * unit_of_p * unit_of_p;
        const Eigen::MatrixXd W = std::sqrt(static_cast<double>(sums.users)) * inverse_root(H);
        Eigen::MatrixXd G(n, k);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t a = 0; a < k; ++a)
                G(Eigen::Index(i), Eigen::Index(a)) =
                    unit_of_p * static_cast<double>(sums.rows[i * k + a]);
        G = G * W;
        const Eigen::MatrixXd D =
            std::sqrt(static_cast<double>(n)) * G * inverse_root(G.transpose() * G);
        publish_whitening(W, tables);
        if (progress.round == progress.rounds)
            finish(D, tables);
        else
            publish(D, tables);
        return 0;
    }

  private:
    static Eigen::MatrixXd square(const std::vector<std::int64_t>& values, std::size_t k) {
        Eigen::MatrixXd result(k, k);
        for (std::size_t a = 0; a < k; ++a)
            for (std::size_t b = 0; b < k; ++b)
                result(Eigen::Index(a), Eigen::Index(b)) = static_cast<double>(values[a * k + b]);
        return result;
    }

    static std::vector<double> row_major(const Eigen::MatrixXd& matrix) {
        std::vector<double> values;
        for (Eigen::Index r = 0; r < matrix.rows(); ++r)
            for (Eigen::Index c = 0; c < matrix.cols(); ++c) values.push_back(matrix(r, c));
        return values;
    }

    void publish(const Eigen::MatrixXd& D, Tables& tables) const {
        tables.plane(PlaneId::factors) =
            quantise(row_major(D), std::uint32_t(D.rows()), std::uint32_t(D.cols()), polar_fraction,
                     16, true);
    }

    // The last column, a mean to take off first, stays zero: the method does not centre.
    void publish_whitening(const Eigen::MatrixXd& W, Tables& tables) const {
        Eigen::MatrixXd widened = Eigen::MatrixXd::Zero(W.rows(), W.cols() + 1);
        widened.leftCols(W.cols()) = W;
        // As many fractional bits as the largest entry leaves of 16.
        const double largest = std::max(W.cwiseAbs().maxCoeff(), 1e-9);
        const int fraction = std::clamp(14 - (std::ilogb(largest) + 1), 0, 30);
        tables.plane(PlaneId::whitening) =
            quantise(row_major(widened), std::uint32_t(W.rows()), std::uint32_t(W.cols() + 1),
                     static_cast<std::uint8_t>(fraction), 16, true);
    }

    void finish(const Eigen::MatrixXd& D, Tables& tables) const {
        Codes codes(variant_.bits, std::size_t(D.rows()));
        for (Eigen::Index i = 0; i < D.rows(); ++i)
            for (Eigen::Index a = 0; a < D.cols(); ++a)
                if (D(i, a) > 0) flip(codes.row(std::size_t(i)), std::size_t(a));
        tables.codes = std::move(codes);
        tables.plane(PlaneId::factors) = {};
        tables.plane(PlaneId::whitening) = {};
    }

    Variant variant_;
};

}  // namespace

std::unique_ptr<ItemStep> make_polar(const Variant& variant, std::size_t) {
    return std::make_unique<Polar>(variant);
}

}  // namespace fedhash::server
