#include "client/scaled_code.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace fedhash::client {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double quality(double along, double quadratic) { return along * std::abs(along) / quadratic; }

/// A code as signs, with M b, v.b and b'Mb kept up to date.
struct Search {
    const Matrix& M;
    const Eigen::VectorXd& v;
    Eigen::VectorXd b, Mb;
    double along = 0, quadratic = 0;

    Search(const Matrix& M_, const Eigen::VectorXd& v_, const Eigen::VectorXd& start)
        : M(M_), v(v_), b(start), Mb(M_ * start), along(v_.dot(start)), quadratic(start.dot(Mb)) {}

    double quality_after(Eigen::Index a) const {
        return quality(along - 2 * v(a) * b(a), quadratic - 4 * b(a) * Mb(a) + 4 * M(a, a));
    }
    void flip(Eigen::Index a) {
        along -= 2 * v(a) * b(a);
        quadratic += 4 * M(a, a) - 4 * b(a) * Mb(a);
        Mb -= 2 * b(a) * M.row(a).transpose();
        b(a) = -b(a);
    }
};

Eigen::VectorXd tabu(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start,
                     std::uint32_t steps, Stream random) {
    const Eigen::Index k = v.size();
    Search search(M, v, start);
    Eigen::VectorXd best = start;
    double highest = quality(search.along, search.quadratic);
    std::vector<std::uint32_t> free_at(static_cast<std::size_t>(k), 0);
    const double slack = 1 + 1e-9;
    for (std::uint32_t step = 1; step <= steps; ++step) {
        Eigen::Index chosen = -1;
        double value = 0;
        for (Eigen::Index a = 0; a < k; ++a) {
            const double after = search.quality_after(a);
            const bool allowed = free_at[std::size_t(a)] < step || after > highest * slack;
            if (allowed && (chosen < 0 || after > value)) {
                chosen = a;
                value = after;
            }
        }
        if (chosen < 0) continue;  // everything was flipped lately
        search.flip(chosen);
        free_at[std::size_t(chosen)] =
            step + static_cast<std::uint32_t>(k / 10 + std::int64_t(random() % std::uint64_t(std::max<Eigen::Index>(1, k / 8))));
        if (value > highest * slack || (highest <= 0 && value > highest)) {
            highest = value;
            best = search.b;
        }
    }
    return best;
}

}  // namespace

ScaledCode fit_scaled_code(const Workspace& work, std::uint32_t bits, std::uint32_t steps,
                           bool afresh, Stream random, std::span<std::uint64_t> code) {
    const auto all = static_cast<Eigen::Index>(work.right.size());
    const Eigen::Index k = bits, p = all - k;
    const Eigen::Map<const Matrix> normal(work.normal.data(), all, all);
    const Eigen::Map<const Eigen::VectorXd> right(work.right.data(), all);

    Matrix M = normal.topLeftCorner(k, k);
    Eigen::VectorXd v = right.head(k);
    Eigen::MatrixXd through(p, k);  // M_pp^-1 M_pb
    Eigen::LLT<Eigen::MatrixXd> beside;
    if (p > 0) {
        beside.compute(normal.bottomRightCorner(p, p));
        through = beside.solve(normal.bottomLeftCorner(p, k));
        M -= normal.topRightCorner(k, p) * through;
        v -= through.transpose() * right.tail(p);
    }
    Eigen::VectorXd b(k);
    if (afresh) {
        const Eigen::VectorXd x = Eigen::MatrixXd(M).llt().solve(v);
        for (Eigen::Index a = 0; a < k; ++a) b(a) = x(a) >= 0 ? 1 : -1;
    } else {
        for (Eigen::Index a = 0; a < k; ++a) b(a) = sign(code, std::size_t(a));
    }
    if (!v.isZero(0)) b = tabu(M, v, b, steps, random);
    for (Eigen::Index a = 0; a < k; ++a)
        if (bit(code, std::size_t(a)) != (b(a) > 0)) flip(code, std::size_t(a));

    ScaledCode result;
    const double along = v.dot(b), quadratic = b.dot(M * b);
    if (along > 0 && quadratic > 0) result.scale = along / quadratic;
    if (p > 0) {
        const Eigen::VectorXd beta = Eigen::VectorXd(beside.solve(right.tail(p))) - through * (result.scale * b);
        result.beta.assign(beta.data(), beta.data() + p);
    }
    return result;
}

}  // namespace fedhash::client
