#include "client/ridge.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

#include "common/kernels/kernels.hpp"

namespace fedhash::client {

namespace {

void add_prior(const Shared& shared, const Learnt& learnt, const RidgeTerms& terms,
               Workspace& work) {
    const Plane& mixing = shared.tables.plane(PlaneId::mixing);
    if (terms.prior == 0 || mixing.empty() || learnt.teacher.size() != mixing.cols ||
        mixing.rows > work.right.size())
        return;
    const double scale = terms.interaction * terms.prior *
                         std::ldexp(1.0, -static_cast<int>(mixing.fraction) - vector_fraction);
    for (std::uint32_t a = 0; a < mixing.rows; ++a) {
        std::int64_t sum = 0;
        for (std::uint32_t b = 0; b < mixing.cols; ++b)
            sum += std::int64_t{mixing.row(a)[b]} * learnt.teacher[b];
        work.right[a] += scale * static_cast<double>(sum);
    }
}

// The rows and columns of the constant and of the bias, all items (weight a0) and observed ones
// (work.rows, weight 1) together.
void add_bias(const Shared& shared, double a0, Workspace& work) {
    const Codes& items = shared.tables.codes;
    const Plane& bias = shared.tables.plane(PlaneId::bias);
    const std::uint32_t k = items.bits, width = k + 2;
    const double step = bias.unit();
    std::array<std::int64_t, max_bits> along{};  // sum over observed of bias d
    std::int64_t sum = 0, square = 0;
    work.goals.resize(work.rows.size());
    for (std::size_t j = 0; j < work.rows.size(); ++j) {
        const std::int64_t value = bias.empty() ? 0 : bias.values[work.rows[j]];
        sum += value;
        square += value * value;
        work.goals[j] = value;
    }
    add_weighted_sums(work.planes, k, work.goals, along);
    const auto put = [&](std::uint32_t r, std::uint32_t c, double value) {
        work.normal[r * width + c] = work.normal[c * width + r] = value;
    };
    for (std::uint32_t a = 0; a < k; ++a) {
        put(k, a, a0 * static_cast<double>(shared.code_sum[a]) + work.right[a]);
        put(k + 1, a,
            step *
                (a0 * static_cast<double>(shared.bias_along[a]) + static_cast<double>(along[a])));
    }
    const auto count = static_cast<double>(work.rows.size());
    put(k, k, a0 * static_cast<double>(items.rows) + count);
    put(k + 1, k, step * (a0 * static_cast<double>(shared.bias_sum) + static_cast<double>(sum)));
    put(k + 1, k + 1,
        step * step * (a0 * static_cast<double>(shared.bias_square) + static_cast<double>(square)));
    work.right[k] = count;
    work.right[k + 1] = step * static_cast<double>(sum);
}

}  // namespace

void lower_on_codes(const UserData& user, const Shared& shared, const Learnt& learnt,
                    const RidgeTerms& terms, bool with_bias, Workspace& work) {
    const Codes& items = shared.tables.codes;
    const std::uint32_t k = items.bits, width = k + (with_bias ? 2 : 0);
    const auto observed = static_cast<std::uint32_t>(user.train.size());
    work.rows.resize(observed);
    for (std::uint32_t j = 0; j < observed; ++j)
        work.rows[j] = static_cast<std::uint32_t>(index(user.train[j].item));
    bit_planes(items.words.data(), k, work.rows, work.planes);
    work.gram.resize(std::size_t{k} * k);
    const std::size_t blocks = (observed + 63) / 64;
    kernels().gram(work.planes.data(), blocks, k, observed, work.gram.data());
    work.normal.assign(std::size_t{width} * width, 0.0);
    work.right.assign(width, 0.0);
    std::array<std::int64_t, max_bits> sums{};  // of the observed items' codes
    add_sums(work.planes, k, observed, sums);
    for (std::uint32_t a = 0; a < k; ++a) {
        for (std::uint32_t b = 0; b < k; ++b)
            work.normal[a * width + b] =
                terms.interaction * shared.code_gram[a * k + b] + work.gram[a * k + b];
        work.right[a] = static_cast<double>(sums[a]);
    }
    if (with_bias) add_bias(shared, terms.interaction, work);
    for (std::uint32_t a = 0; a < width; ++a) work.normal[a * width + a] += terms.ridge;
    add_prior(shared, learnt, terms, work);
}

void lower_on_factors(const UserData& user, const Shared& shared, const Learnt& learnt,
                      const RidgeTerms& terms, Workspace& work) {
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const std::uint32_t q = factors.cols;
    work.factor_rows.clear();
    for (const Rating& rating : user.train)
        work.factor_rows.push_back(factors.row(index(rating.item)).data());
    work.wide.assign(std::size_t{q} * q, 0);
    kernels().gram16(work.factor_rows.data(), work.factor_rows.size(), q, work.wide.data());
    const double scale = std::ldexp(1.0, -2 * static_cast<int>(factors.fraction));
    work.normal.resize(std::size_t{q} * q);
    for (std::uint32_t a = 0; a < q; ++a)
        for (std::uint32_t b = 0; b <= a; ++b)
            work.normal[a * q + b] = work.normal[b * q + a] =
                terms.interaction * shared.factor_gram[a * q + b] +
                scale * static_cast<double>(work.wide[a * q + b]) + (a == b ? terms.ridge : 0.0);
    work.right.assign(q, 0.0);
    for (std::uint32_t a = 0; a < q; ++a) {
        std::int64_t sum = 0;
        for (const std::int16_t* row : work.factor_rows) sum += row[a];
        work.right[a] = std::ldexp(static_cast<double>(sum), -static_cast<int>(factors.fraction));
    }
    add_prior(shared, learnt, terms, work);
}

std::vector<double> solve_ridge(const Workspace& work) {
    const auto width = static_cast<Eigen::Index>(work.right.size());
    const Eigen::Map<const Eigen::VectorXd> v(work.right.data(), width);
    if (v.isZero(0)) return std::vector<double>(work.right.size());
    const Eigen::Map<const Eigen::MatrixXd> M(work.normal.data(), width, width);
    const Eigen::VectorXd x = M.llt().solve(v);
    return {x.data(), x.data() + x.size()};
}

double code_ridge(std::size_t observed, double interaction, std::size_t items) {
    return std::sqrt(static_cast<double>(observed) + interaction * static_cast<double>(items));
}

std::vector<std::int16_t> in_steps(std::span<const double> vector, int fraction) {
    std::vector<std::int16_t> steps(vector.size());
    for (std::size_t a = 0; a < vector.size(); ++a)
        steps[a] = static_cast<std::int16_t>(
            std::clamp(std::round(std::ldexp(vector[a], fraction)), -32767.0, 32767.0));
    return steps;
}

}  // namespace fedhash::client
