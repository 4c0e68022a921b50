#include "client/scaled_code.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "client/bit_planes.hpp"

namespace fedhash::client {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::ArrayXd;

double quality(double along, double quadratic) { return along * std::abs(along) / quadratic; }

/// The signs of all planes with their weights, +-2^p: move j belongs to entry j % k. With them M l,
/// v.l and l'Ml, kept up to date.
class Search {
  public:
    Search(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start)
        : M_(M), k_(v.size()), signed_(start), twice_(start.size()), diagonal_(start.size()) {
        Eigen::VectorXd levels = Eigen::VectorXd::Zero(k_);
        for (Eigen::Index first = 0; first < start.size(); first += k_) {
            const double weight = std::ldexp(1.0, int(first / k_));
            auto plane = signed_.segment(first, k_);
            plane *= weight;
            levels += plane.matrix();
            twice_.segment(first, k_) = 2 * v.array() * plane;
            diagonal_.segment(first, k_) = 4 * weight * weight * M.diagonal().array();
        }
        Ml_ = M * levels;
        along_ = v.dot(levels);
        quadratic_ = levels.dot(Ml_.matrix());
    }

    const ArrayXd& moves() const { return signed_; }
    double value() const { return quality(along_, quadratic_); }

    /// f after each move.
    void values_after(ArrayXd& out) const {
        for (Eigen::Index first = 0; first < signed_.size(); first += k_) {
            const auto along = along_ - twice_.segment(first, k_);
            out.segment(first, k_) = along * along.abs() /
                                     ((quadratic_ - 4 * signed_.segment(first, k_) * Ml_) +
                                      diagonal_.segment(first, k_));
        }
    }
    void flip(Eigen::Index j) {
        along_ -= twice_(j);
        quadratic_ += diagonal_(j) - 4 * signed_(j) * Ml_(j % k_);
        Ml_ -= 2 * signed_(j) * M_.row(j % k_).transpose().array();
        signed_(j) = -signed_(j);
        twice_(j) = -twice_(j);
    }

  private:
    const Matrix& M_;
    Eigen::Index k_;
    ArrayXd signed_;
    ArrayXd twice_;     // 2 v_a signed
    ArrayXd diagonal_;  // 4 signed^2 M_aa
    ArrayXd Ml_;
    double along_ = 0, quadratic_ = 0;
};

// -1 where there is none, as among numbers that are none.
Eigen::Index first_with(const ArrayXd& values, double value) {
    for (Eigen::Index j = 0; j < values.size(); ++j)
        if (values(j) == value) return j;
    return -1;
}

// Signs in, signs out: a plane after the other.
Eigen::VectorXd tabu(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start,
                     std::uint32_t steps, Stream random) {
    const Eigen::Index moves = start.size();
    Search search(M, v, start);
    ArrayXd best = search.moves();
    double highest = search.value();
    std::vector<std::uint32_t> free_at(static_cast<std::size_t>(moves), 0);
    constexpr double never = -std::numeric_limits<double>::infinity();
    ArrayXd after(moves), allowed(moves);
    std::vector<Eigen::Index> held;  // moves that were made lately
    const double slack = 1 + 1e-9;
    const auto most_wait = static_cast<std::uint64_t>(std::max<Eigen::Index>(1, moves / 8));
    for (std::uint32_t step = 1; step <= steps; ++step) {
        std::erase_if(held, [&](Eigen::Index j) { return free_at[std::size_t(j)] < step; });
        search.values_after(after);
        double value = after.maxCoeff();
        Eigen::Index chosen = -1;
        if (value > highest * slack || held.empty()) {
            chosen = first_with(after, value);
        } else {
            allowed = after;
            for (Eigen::Index j : held) allowed(j) = never;
            value = allowed.maxCoeff();
            if (value == never) continue;  // everything was flipped lately
            chosen = first_with(allowed, value);
        }
        if (chosen < 0) break;  // settings that no honest coordinator sends
        search.flip(chosen);
        free_at[std::size_t(chosen)] =
            step + static_cast<std::uint32_t>(moves / 10 + std::int64_t(random() % most_wait));
        if (std::ranges::find(held, chosen) == held.end()) held.push_back(chosen);
        if (value > highest * slack || (highest <= 0 && value > highest)) {
            highest = value;
            best = search.moves();
        }
    }
    return best.sign();
}

// The real solution in so many planes.
Eigen::VectorXd rounded(const Matrix& M, const Eigen::VectorXd& v, std::uint32_t planes) {
    const Eigen::VectorXd x = Eigen::MatrixXd(M).llt().solve(v);
    const Eigen::Index k = v.size();
    Eigen::VectorXd signs(k * planes);
    if (planes == 1) {
        for (Eigen::Index a = 0; a < k; ++a) signs(a) = x(a) >= 0 ? 1 : -1;
        return signs;
    }
    const std::vector<std::int32_t> levels = odd_levels({x.data(), std::size_t(k)}, planes);
    for (std::uint32_t p = 0; p < planes; ++p)
        for (Eigen::Index a = 0; a < k; ++a)
            signs(p * k + a) = in_plane(levels[std::size_t(a)], planes, p) ? 1 : -1;
    return signs;
}

}  // namespace

ScaledCode fit_scaled_code(const Workspace& work, const ScaledCodeOptions& options, Stream random,
                           std::span<std::uint64_t> code) {
    const auto all = static_cast<Eigen::Index>(work.right.size());
    const Eigen::Index k = options.bits, p = all - k, moves = k * options.planes;
    const std::size_t words = words_for(options.bits);
    assert(code.size() == words * options.planes);
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
    Eigen::VectorXd signs(moves);
    const auto plane = [&](Eigen::Index j) {
        return code.subspan(std::size_t(j / k) * words, words);
    };
    if (options.afresh)
        signs = rounded(M, v, options.planes);
    else
        for (Eigen::Index j = 0; j < moves; ++j) signs(j) = sign(plane(j), std::size_t(j % k));
    if (!v.isZero(0)) signs = tabu(M, v, signs, options.steps, random);
    for (Eigen::Index j = 0; j < moves; ++j)
        if (bit(plane(j), std::size_t(j % k)) != (signs(j) > 0)) flip(plane(j), std::size_t(j % k));

    ScaledCode result;
    Eigen::VectorXd levels = signs.head(k);
    for (std::uint32_t weight_log2 = 1; weight_log2 < options.planes; ++weight_log2)
        levels += std::ldexp(1.0, int(weight_log2)) * signs.segment(weight_log2 * k, k);
    const double along = v.dot(levels), quadratic = levels.dot(M * levels);
    if (along > 0 && quadratic > 0) result.scale = along / quadratic;
    if (p > 0) {
        const Eigen::VectorXd beta =
            Eigen::VectorXd(beside.solve(right.tail(p))) - through * (result.scale * levels);
        result.beta.assign(beta.data(), beta.data() + p);
    }
    return result;
}

}  // namespace fedhash::client
