#include "client/scaled_code.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

namespace fedhash::client {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::ArrayXd;

double quality(double along, double quadratic) { return along * std::abs(along) / quadratic; }

/// A code as signs, with M b, v.b and b'Mb kept up to date.
class Search {
  public:
    Search(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start)
        : M_(M),
          diagonal_(4 * M.diagonal().array()),
          b_(start),
          Mb_((M * start).array()),
          twice_(2 * v.array() * start.array()),
          along_(v.dot(start)),
          quadratic_(start.dot(Mb_.matrix())) {}

    const Eigen::VectorXd& code() const { return b_; }
    double value() const { return quality(along_, quadratic_); }

    /// f after a flip of each bit.
    void values_after(ArrayXd& out) const {
        out = (along_ - twice_) * (along_ - twice_).abs() /
              ((quadratic_ - 4 * b_.array() * Mb_) + diagonal_);
    }
    void flip(Eigen::Index a) {
        along_ -= twice_(a);
        quadratic_ += diagonal_(a) - 4 * b_(a) * Mb_(a);
        Mb_ -= 2 * b_(a) * M_.row(a).transpose().array();
        b_(a) = -b_(a);
        twice_(a) = -twice_(a);
    }

  private:
    const Matrix& M_;
    const ArrayXd diagonal_;  // 4 M_aa
    Eigen::VectorXd b_;
    ArrayXd Mb_;
    ArrayXd twice_;  // 2 v_a b_a
    double along_, quadratic_;
};

Eigen::Index first_with(const ArrayXd& values, double value) {
    Eigen::Index a = 0;
    while (values(a) != value) ++a;
    return a;
}

Eigen::VectorXd tabu(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start,
                     std::uint32_t steps, Stream random) {
    const Eigen::Index k = v.size();
    Search search(M, v, start);
    Eigen::VectorXd best = start;
    double highest = search.value();
    std::vector<std::uint32_t> free_at(static_cast<std::size_t>(k), 0);
    constexpr double never = -std::numeric_limits<double>::infinity();
    ArrayXd after(k), allowed(k);
    std::vector<Eigen::Index> held;  // bits that were flipped lately
    const double slack = 1 + 1e-9;
    const auto most_wait = static_cast<std::uint64_t>(std::max<Eigen::Index>(1, k / 8));
    for (std::uint32_t step = 1; step <= steps; ++step) {
        std::erase_if(held, [&](Eigen::Index a) { return free_at[std::size_t(a)] < step; });
        search.values_after(after);
        double value = after.maxCoeff();
        Eigen::Index chosen = -1;
        if (value > highest * slack || held.empty()) {
            chosen = first_with(after, value);
        } else {
            allowed = after;
            for (Eigen::Index a : held) allowed(a) = never;
            value = allowed.maxCoeff();
            if (value == never) continue;  // everything was flipped lately
            chosen = first_with(allowed, value);
        }
        search.flip(chosen);
        free_at[std::size_t(chosen)] =
            step + static_cast<std::uint32_t>(k / 10 + std::int64_t(random() % most_wait));
        if (std::ranges::find(held, chosen) == held.end()) held.push_back(chosen);
        if (value > highest * slack || (highest <= 0 && value > highest)) {
            highest = value;
            best = search.code();
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
        const Eigen::VectorXd beta =
            Eigen::VectorXd(beside.solve(right.tail(p))) - through * (result.scale * b);
        result.beta.assign(beta.data(), beta.data() + p);
    }
    return result;
}

}  // namespace fedhash::client
