#include "client/ridge.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "common/kernels/kernels.hpp"
#include "common/quadratic.hpp"

namespace fedhash::client {

namespace {

void add_prior(const Shared& shared, const Learnt& learnt, const RidgeTerms& terms,
               Workspace& work) {
    const Plane& mixing = shared.tables.plane(PlaneId::mixing);
    if (terms.prior == 0 || mixing.empty() || learnt.teacher.empty()) return;
    const double scale = terms.interaction * terms.prior *
                         std::ldexp(1.0, -static_cast<int>(mixing.fraction) - vector_fraction);
    for (std::uint32_t a = 0; a < mixing.rows; ++a) {
        std::int64_t sum = 0;
        for (std::uint32_t b = 0; b < mixing.cols; ++b)
            sum += std::int64_t{mixing.row(a)[b]} * learnt.teacher[b];
        work.right[a] += scale * static_cast<double>(sum);
    }
}

}  // namespace

void lower_on_codes(const UserData& user, const Shared& shared, const Learnt& learnt,
                    const RidgeTerms& terms, Workspace& work) {
    const Codes& items = shared.tables.codes;
    const std::uint32_t k = items.bits;
    const auto observed = static_cast<std::uint32_t>(user.train.size());
    work.rows.resize(observed);
    for (std::uint32_t j = 0; j < observed; ++j)
        work.rows[j] = static_cast<std::uint32_t>(index(user.train[j].item));
    bit_planes(items.words.data(), k, work.rows, work.planes);
    work.gram.resize(std::size_t{k} * k);
    const std::size_t blocks = (observed + 63) / 64;
    kernels().gram(work.planes.data(), blocks, k, observed, work.gram.data());
    work.normal.resize(std::size_t{k} * k);
    work.right.resize(k);
    for (std::size_t entry = 0; entry < work.normal.size(); ++entry)
        work.normal[entry] = terms.interaction * shared.code_gram[entry] + work.gram[entry];
    for (std::uint32_t a = 0; a < k; ++a) {
        work.normal[a * k + a] += terms.ridge;
        std::int64_t ones = 0;
        for (std::size_t block = 0; block < blocks; ++block)
            ones += std::popcount(work.planes[block * k + a]);
        work.right[a] = static_cast<double>(2 * ones - observed);
    }
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

std::vector<std::int16_t> in_steps(std::span<const double> vector) {
    std::vector<std::int16_t> steps(vector.size());
    for (std::size_t a = 0; a < vector.size(); ++a)
        steps[a] = static_cast<std::int16_t>(
            std::clamp(std::round(std::ldexp(vector[a], vector_fraction)), -32767.0, 32767.0));
    return steps;
}

namespace {

// v.b and b'Mb of a code.
struct Fit {
    double along = 0, quadratic = 0;
    double value() const { return along > 0 && quadratic > 0 ? along * along / quadratic : 0; }
    double scale() const { return along > 0 && quadratic > 0 ? along / quadratic : 0; }
};

Fit fit_of(const Workspace& work, CodeView code, std::uint32_t bits) {
    Fit fit;
    for (std::uint32_t a = 0; a < bits; ++a) {
        fit.along += sign(code, a) * work.right[a];
        double line = 0;
        for (std::uint32_t b = 0; b < bits; ++b) line += work.normal[a * bits + b] * sign(code, b);
        fit.quadratic += sign(code, a) * line;
    }
    return fit;
}

}  // namespace

double fit_scaled_code(const Workspace& work, std::uint32_t bits, std::uint32_t sweeps,
                       std::uint32_t kicks, Stream random, std::span<std::uint64_t> code) {
    const std::size_t k = bits;
    double largest = 0;
    for (double entry : work.normal) largest = std::max(largest, std::abs(entry));
    if (largest == 0) return 0;
    // Entries of A are integers below 2^22, so that Ax fits 32 bits at 256 bits.
    const int lift = 22 - std::max(0, std::ilogb(largest) + 1);
    std::vector<std::int32_t> A(k * k);
    for (std::size_t entry = 0; entry < A.size(); ++entry)
        A[entry] = static_cast<std::int32_t>(std::lround(std::ldexp(work.normal[entry], lift)));
    std::vector<std::int64_t> c(k);
    const auto descend_at = [&](double scale, std::span<std::uint64_t> from) {
        for (std::size_t a = 0; a < k; ++a)
            c[a] = std::llround(std::clamp(std::ldexp(work.right[a] / scale, lift), -1e15, 1e15));
        descend({bits, 1, A, c}, from, {sweeps, own_bit_unit});
    };

    double scale = 2.0 / bits;
    Fit best;
    for (int pass = 0; pass < 2; ++pass) {
        descend_at(scale, code);
        best = fit_of(work, code, bits);
        if (best.scale() > 0) scale = best.scale();
    }
    std::vector<std::uint64_t> trial(code.size());
    for (std::uint32_t kick = 0; kick < kicks; ++kick) {
        std::copy(code.begin(), code.end(), trial.begin());
        const std::uint64_t flips = 3 + random() % std::max<std::uint32_t>(1, bits / 8);
        for (std::uint64_t j = 0; j < flips; ++j) flip(trial, random() % k);
        descend_at(scale, trial);
        const Fit fit = fit_of(work, trial, bits);
        if (fit.value() <= best.value()) continue;
        best = fit;
        scale = fit.scale();
        std::copy(trial.begin(), trial.end(), code.begin());
    }
    return best.scale();
}

}  // namespace fedhash::client
