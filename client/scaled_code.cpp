#include "client/scaled_code.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

#include "client/scoring.hpp"

namespace fedhash::client {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double quality(double along, double quadratic) { return along * std::abs(along) / quadratic; }

/// The signs of all planes, with l, M l, v.l and l'Ml kept up to date. Sign j belongs to entry
/// j % k and weighs 2^(j / k).
struct Search {
    const Matrix& M;
    const Eigen::VectorXd& v;
    Eigen::VectorXd signs, Ml;
    double along = 0, quadratic = 0;

    Search(const Matrix& M_, const Eigen::VectorXd& v_, const Eigen::VectorXd& start)
        : M(M_), v(v_), signs(start) {
        const Eigen::VectorXd levels = levels_of(start, v.size());
        Ml = M * levels;
        along = v.dot(levels);
        quadratic = levels.dot(Ml);
    }

    static Eigen::VectorXd levels_of(const Eigen::VectorXd& signs, Eigen::Index k) {
        Eigen::VectorXd levels = signs.head(k);
        for (Eigen::Index p = 1; p < signs.size() / k; ++p)
            levels += std::ldexp(1.0, int(p)) * signs.segment(p * k, k);
        return levels;
    }
    /// How far entry j % k moves when sign j flips.
    double change(Eigen::Index j) const { return -2 * std::ldexp(signs(j), int(j / v.size())); }
    double quality_after(Eigen::Index j) const {
        const Eigen::Index a = j % v.size();
        const double by = change(j);
        return quality(along + v(a) * by, quadratic + 2 * by * Ml(a) + by * by * M(a, a));
    }
    void flip(Eigen::Index j) {
        const Eigen::Index a = j % v.size();
        const double by = change(j);
        along += v(a) * by;
        quadratic += 2 * by * Ml(a) + by * by * M(a, a);
        Ml += by * M.row(a).transpose();
        signs(j) = -signs(j);
    }
};

Eigen::VectorXd tabu(const Matrix& M, const Eigen::VectorXd& v, const Eigen::VectorXd& start,
                     std::uint32_t steps, Stream random) {
    const Eigen::Index moves = start.size();
    Search search(M, v, start);
    Eigen::VectorXd best = start;
    double highest = quality(search.along, search.quadratic);
    std::vector<std::uint32_t> free_at(static_cast<std::size_t>(moves), 0);
    const double slack = 1 + 1e-9;
    for (std::uint32_t step = 1; step <= steps; ++step) {
        Eigen::Index chosen = -1;
        double value = 0;
        for (Eigen::Index j = 0; j < moves; ++j) {
            const double after = search.quality_after(j);
            const bool allowed = free_at[std::size_t(j)] < step || after > highest * slack;
            if (allowed && (chosen < 0 || after > value)) {
                chosen = j;
                value = after;
            }
        }
        if (chosen < 0) continue;  // everything was flipped lately
        search.flip(chosen);
        const auto spread = std::uint64_t(std::max<Eigen::Index>(1, moves / 8));
        free_at[std::size_t(chosen)] =
            step + static_cast<std::uint32_t>(moves / 10 + std::int64_t(random() % spread));
        if (value > highest * slack || (highest <= 0 && value > highest)) {
            highest = value;
            best = search.signs;
        }
    }
    return best;
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
    const std::int32_t top = (1 << planes) - 1;
    for (std::uint32_t p = 0; p < planes; ++p)
        for (Eigen::Index a = 0; a < k; ++a)
            signs(p * k + a) = ((levels[std::size_t(a)] + top) / 2 >> p) & 1 ? 1 : -1;
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
    const Eigen::VectorXd levels = Search::levels_of(signs, k);
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
