// `free`: codes with a free linear decoder. The expected squared error of all scores, over users
// and items, of replacing Y by Yhat is tr((Y - Yhat) H (Y - Yhat)'). A device that scores with a
// real vector can undo any linear map of the codes, so the map is the encoder's to choose:
//
//   minimise  || O^1/2 (Z - D W) ||^2   over D in {-1,+1}^(n x k), W in R^(k x q),   Z = Y U', H =
//   U'U o_i = (max(1, n_i) / mean)^0.3 repeat: W = (D'OD + I)^-1 D'OZ;  every item: minimise
//   d'(WW')d - 2 (W z_i)'d by local search
//
// This is additive quantisation (Babenko & Lempitsky, CVPR 2014) with k two-entry codebooks; ITQ
// (Gong & Lazebnik, CVPR 2011) is the special case of an orthogonal W. Our derivation otherwise.
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "common/fixed_point.hpp"
#include "common/random.hpp"
#include "common/solver.hpp"
#include "server/quantisers/quantisers.hpp"

namespace fedhash::server {

namespace {

constexpr int iterations = 60;
constexpr std::int64_t importance_q16 = 19661;  // 0.3
constexpr std::uint32_t sweeps = 6, kicks = 4;

Eigen::MatrixXd signs(const Codes& codes) {
    Eigen::MatrixXd D(Eigen::Index(codes.rows), Eigen::Index(codes.bits));
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t a = 0; a < codes.bits; ++a)
            D(Eigen::Index(i), a) = sign(codes.row(i), a);
    return D;
}

}  // namespace

Quantised quantise_free(const RealModel& model, std::uint32_t bits, std::uint64_t seed) {
    const Eigen::Index n = model.factors.rows(), q = model.factors.cols();
    // A hair of ridge, so that a Gram matrix without full rank still factors.
    const Eigen::MatrixXd H =
        model.gram + 1e-9 * std::max(1e-9, model.gram.trace()) * Eigen::MatrixXd::Identity(q, q);
    const Eigen::MatrixXd U = H.llt().matrixU();
    const Eigen::MatrixXd Z = model.factors * U.transpose();
    double mean = 0;
    for (double count : model.counts) mean += count / double(n);
    Eigen::VectorXd o(n);
    for (Eigen::Index i = 0; i < n; ++i)
        o(i) = power_fixed(std::uint64_t(std::max(1.0, model.counts[std::size_t(i)])),
                           importance_q16) /
               power_fixed(std::uint64_t(std::max(1.0, mean)), importance_q16);

    Quantised result;
    result.codes = Codes(bits, std::size_t(n));
    Stream random = stream(seed, Purpose::quantiser);
    for (std::size_t i = 0; i < std::size_t(n); ++i) randomise(result.codes.row(i), bits, random);

    const SolverEntry& solver = find_solver("local-search");
    std::vector<std::int32_t> A(std::size_t{bits} * bits);
    std::vector<std::int64_t> c(bits);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        const Eigen::MatrixXd D = signs(result.codes);
        const Eigen::MatrixXd OD = o.asDiagonal() * D;
        const Eigen::MatrixXd normal = D.transpose() * OD + Eigen::MatrixXd::Identity(bits, bits);
        const Eigen::MatrixXd W = normal.llt().solve(OD.transpose() * Z);
        const Eigen::MatrixXd WW = W * W.transpose();
        const Eigen::MatrixXd P = Z * W.transpose();
        // Integers of 22 bits, as common/quadratic.hpp takes them.
        const double lift = std::ldexp(1.0, 21) / std::max(1e-300, WW.cwiseAbs().maxCoeff());
        for (std::uint32_t a = 0; a < bits; ++a)
            for (std::uint32_t b = 0; b < bits; ++b)
                A[a * bits + b] = static_cast<std::int32_t>(std::lround(lift * WW(a, b)));
        for (Eigen::Index i = 0; i < n; ++i) {
            for (std::uint32_t a = 0; a < bits; ++a) c[a] = std::llround(lift * P(i, a));
            const std::uint64_t own =
                stream(seed, Purpose::quantiser, std::uint64_t(iteration) + 1, std::uint64_t(i))();
            solver.solve({bits, 1, A, c}, result.codes.row(std::size_t(i)),
                         {sweeps, own_bit_unit, kicks, own});
        }
    }
    return result;
}

}  // namespace fedhash::server
