// Ways of rounding item factors Y (n x q, q = bits), entry by entry or after an orthogonal map R
// (columns are directions, signs fixed: the largest entry of a column is positive).
//
//   sign      d = sign(y)
//   median    d_a = sign(y_a - median of column a): half the items have each bit
//   balanced  the same with exactly half: the n/2 largest of a column, ties by item
//   rotation  d = sign(y R), R random: the Q factor of a normal matrix
//   itq       d = sign(y R), R by iterative quantisation (Gong and Lazebnik, CVPR 2011): D = sign(Y
//             R), R <- U V' of the singular value decomposition Y'D = U S V', fifty times
//   itq-median   itq, then thresholds at the medians (the last step of BCCF, KDD 2012)
//
// The user's side: a code is the sign of R' t for the device's own vector t. Where items have
// thresholds, users would need medians of their own, and nobody knows those; the threshold is
// instead the mean of R't over users, which follows from a sum of vectors (0 where the uplink
// brings none: gradients do not). Rotations act on the items' factors alone; stacking both sides,
// as BCCF does, would take a round trip an iteration.
#include <Eigen/QR>
#include <algorithm>
#include <bit>
#include <numeric>

#include "common/random.hpp"
#include "server/quantisers/quantisers.hpp"
#include "server/symmetric_eigen.hpp"

namespace fedhash::server {

namespace {

constexpr int itq_iterations = 50;

enum class Cut { zero, median, half };

// At equal values the lower item keeps the bit; with `half` exactly n / 2 items (rounded up) do.
void set_bits(const Eigen::VectorXd& column, double threshold, std::uint32_t a, Codes& codes) {
    for (Eigen::Index i = 0; i < column.size(); ++i)
        if (column(i) > threshold) flip(codes.row(std::size_t(i)), a);
}

void set_half(const Eigen::VectorXd& column, std::uint32_t a, Codes& codes) {
    std::vector<std::uint32_t> order(static_cast<std::size_t>(column.size()));
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t i, std::uint32_t j) { return column(i) > column(j); });
    for (std::size_t j = 0; j < order.size() / 2; ++j) flip(codes.row(order[j]), a);
}

double median(const Eigen::VectorXd& column) {
    std::vector<double> values(column.begin(), column.end());
    if (values.empty()) return 0;
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Quantised cut(const RealModel& model, const Eigen::MatrixXd& R, Cut how) {
    Quantised result;
    const Eigen::MatrixXd Z = model.factors * R;
    result.codes = Codes(static_cast<std::uint32_t>(Z.cols()), std::size_t(Z.rows()));
    for (Eigen::Index a = 0; a < Z.cols(); ++a) {
        const Eigen::VectorXd column = Z.col(a);
        if (how == Cut::half)
            set_half(column, std::uint32_t(a), result.codes);
        else
            set_bits(column, how == Cut::median ? median(column) : 0.0, std::uint32_t(a),
                     result.codes);
    }
    result.rotation = R.transpose();
    if (how != Cut::zero && model.mean_user.size() > 0) {
        result.rotation.conservativeResize(Eigen::NoChange, R.rows() + 1);
        result.rotation.col(R.rows()) = R.transpose() * model.mean_user;
    }
    return result;
}

Eigen::MatrixXd identity(const RealModel& model) {
    return Eigen::MatrixXd::Identity(model.factors.cols(), model.factors.cols());
}

}  // namespace

void fix_signs(Eigen::MatrixXd& R) {
    for (Eigen::Index a = 0; a < R.cols(); ++a) {
        Eigen::Index largest = 0;
        R.col(a).cwiseAbs().maxCoeff(&largest);
        if (R(largest, a) < 0) R.col(a) *= -1;
    }
}

Eigen::MatrixXd random_rotation(Eigen::Index q, std::uint64_t seed) {
    Stream random = stream(seed, Purpose::quantiser);
    Eigen::MatrixXd normal(q, q);
    for (Eigen::Index a = 0; a < q; ++a)
        for (Eigen::Index b = 0; b < q; ++b) {
            int bits = 0;  // about normal: fair bits counted
            for (int word = 0; word < 4; ++word) bits += std::popcount(random());
            normal(a, b) = bits - 128;
        }
    Eigen::MatrixXd R = Eigen::HouseholderQR<Eigen::MatrixXd>(normal).householderQ();
    fix_signs(R);
    return R;
}

Eigen::MatrixXd procrustes(const Eigen::MatrixXd& X) {
    // U V' = X (X'X)^-1/2; directions that X lacks are completed by any orthogonal ones.
    const SymmetricEigen eigen = symmetric_eigen(X.transpose() * X);
    const Eigen::MatrixXd& V = eigen.vectors;
    Eigen::MatrixXd U = X * V;
    const double least = 1e-9 * std::max(eigen.values.maxCoeff(), 1e-300);
    for (Eigen::Index a = U.cols() - 1; a >= 0; --a) {
        Eigen::VectorXd u = U.col(a);
        if (eigen.values(a) > least) {
            u.normalize();
        } else {
            // The axis that sticks out most of what is taken, made orthogonal to it.
            const Eigen::MatrixXd taken = U.rightCols(U.cols() - 1 - a);
            Eigen::Index axis = 0;
            (Eigen::VectorXd::Ones(U.rows()) - taken.cwiseAbs2().rowwise().sum()).maxCoeff(&axis);
            u = Eigen::VectorXd::Unit(U.rows(), axis);
            u -= taken * (taken.transpose() * u);
            u -= taken * (taken.transpose() * u);
            u.normalize();
        }
        U.col(a) = u;
    }
    return U * V.transpose();
}

Eigen::MatrixXd itq(const Eigen::MatrixXd& Y, std::uint64_t seed, int iterations,
                    std::vector<double>* errors) {
    Eigen::MatrixXd R = random_rotation(Y.cols(), seed);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        const Eigen::MatrixXd Z = Y * R;
        const Eigen::MatrixXd D = Z.unaryExpr([](double z) { return z > 0 ? 1.0 : -1.0; });
        if (errors != nullptr) errors->push_back((D - Z).squaredNorm());
        R = procrustes(Y.transpose() * D);
    }
    fix_signs(R);
    return R;
}

Quantised quantise_sign(const RealModel& model, const QuantiserOptions&) {
    return cut(model, identity(model), Cut::zero);
}
Quantised quantise_median(const RealModel& model, const QuantiserOptions&) {
    return cut(model, identity(model), Cut::median);
}
Quantised quantise_balanced(const RealModel& model, const QuantiserOptions&) {
    return cut(model, identity(model), Cut::half);
}
Quantised quantise_rotation(const RealModel& model, const QuantiserOptions& options) {
    return cut(model, random_rotation(model.factors.cols(), options.seed), Cut::zero);
}
Quantised quantise_itq(const RealModel& model, const QuantiserOptions& options) {
    return cut(model, itq(model.factors, options.seed, itq_iterations), Cut::zero);
}
Quantised quantise_itq_median(const RealModel& model, const QuantiserOptions& options) {
    return cut(model, itq(model.factors, options.seed, itq_iterations), Cut::median);
}

}  // namespace fedhash::server
