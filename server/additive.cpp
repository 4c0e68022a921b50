#include "server/additive.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <bit>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"
#include "common/random.hpp"

namespace fedhash::server {

namespace {

constexpr std::int64_t importance_q16 = 19661;  // 0.3
constexpr int sweeps = 6;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// What each group of each item picked, and back as bits.
struct Picks {
    std::uint32_t groups, group_bits, entries;  // entries = 2^g
    std::vector<std::uint8_t> of;               // items x groups

    Picks(std::uint32_t bits, std::uint32_t g, std::size_t items)
        : groups(bits / g), group_bits(g), entries(1u << g), of(items * groups) {}
    std::uint8_t* item(std::size_t i) { return &of[i * groups]; }
    const std::uint8_t* item(std::size_t i) const { return &of[i * groups]; }
};

Picks picks_of(const Codes& codes, std::uint32_t g) {
    Picks picks(codes.bits, g, codes.rows);
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t m = 0; m < picks.groups; ++m)
            picks.item(i)[m] = static_cast<std::uint8_t>(
                (codes.row(i)[m * g / 64] >> (m * g % 64)) & (picks.entries - 1));
    return picks;
}

Codes codes_of(const Picks& picks, std::uint32_t bits, std::size_t items) {
    Codes codes(bits, items);
    for (std::size_t i = 0; i < items; ++i)
        for (std::uint32_t m = 0; m < picks.groups; ++m)
            codes.row(i)[m * picks.group_bits / 64] |= std::uint64_t{picks.item(i)[m]}
                                                       << (m * picks.group_bits % 64);
    return codes;
}

double walsh(std::uint32_t pick, std::uint32_t which) {
    return std::popcount(pick & which) & 1 ? -1.0 : 1.0;
}

/// The vectors of all groups that fit `Z` best in least squares, given what the items picked. Walsh
/// functions of a group's bits span all functions of it, and the constant is there only once, so
/// nothing is determined twice.
Matrix fit_codebook(const Picks& picks, const Matrix& Z, const Eigen::VectorXd& importance) {
    const Eigen::Index n = Z.rows();
    const std::uint32_t per_group = picks.entries - 1;
    const Eigen::Index features = Eigen::Index(picks.groups) * per_group + 1;
    Matrix F(n, features);
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::uint8_t* item = picks.item(std::size_t(i));
        for (std::uint32_t m = 0; m < picks.groups; ++m)
            for (std::uint32_t s = 1; s <= per_group; ++s)
                F(i, Eigen::Index(m) * per_group + s - 1) = walsh(item[m], s);
        F(i, features - 1) = 1;
    }
    const Matrix OF = importance.asDiagonal() * F;
    Eigen::MatrixXd normal = F.transpose() * OF;
    normal.diagonal().array() += 1;
    const Eigen::MatrixXd W = normal.llt().solve(OF.transpose() * Z);
    Matrix C = Matrix::Zero(Eigen::Index(picks.groups) * picks.entries, Z.cols());
    for (std::uint32_t m = 0; m < picks.groups; ++m)
        for (std::uint32_t e = 0; e < picks.entries; ++e)
            for (std::uint32_t s = 1; s <= per_group; ++s)
                C.row(Eigen::Index(m) * picks.entries + e) +=
                    walsh(e, s) * W.row(Eigen::Index(m) * per_group + s - 1);
    for (std::uint32_t e = 0; e < picks.entries; ++e) C.row(e) += W.row(features - 1);
    return C;
}

/// One item's choice among all picks: minimises |z - sum of what is picked|^2, in integers, with
///   G = C C' and p = C z  scaled alike.
class Chooser {
  public:
    Chooser(const Picks& picks, const Matrix& C) : shape_(picks), total_(std::size_t(C.rows())) {
        const Eigen::MatrixXd products = C * C.transpose();
        // Sums of `groups` entries stay below 2^30.
        scale_ =
            std::ldexp(1.0, 29) / (std::max(1e-300, products.cwiseAbs().maxCoeff()) * picks.groups);
        G_.resize(total_ * total_);
        for (std::size_t a = 0; a < total_; ++a)
            for (std::size_t b = 0; b < total_; ++b)
                G_[a * total_ + b] = static_cast<std::int32_t>(
                    std::lround(scale_ * products(Eigen::Index(a), Eigen::Index(b))));
        sum_.resize(total_);
        p_.resize(total_);
    }

    /// Returns the loss less |z|^2, in reals.
    double choose(const Eigen::Ref<const Eigen::RowVectorXd>& p, std::uint32_t restarts,
                  Stream random, std::uint8_t* picked) {
        for (std::size_t t = 0; t < total_; ++t)
            p_[t] = static_cast<std::int32_t>(
                std::lround(std::clamp(scale_ * p(Eigen::Index(t)), -1e9, 1e9)));
        std::vector<std::uint8_t> best(picked, picked + shape_.groups), trial = best;
        std::int64_t lowest = descend(trial.data());
        best = trial;
        for (std::uint32_t restart = 0; restart < restarts; ++restart) {
            trial = best;
            // A few groups anew: of single bits, an eighth of them; of larger groups, a quarter.
            const bool single = shape_.group_bits == 1;
            const std::uint64_t changes =
                (single ? 2 : 1) +
                random() % std::max<std::uint32_t>(2, shape_.groups / (single ? 8 : 4));
            for (std::uint64_t c = 0; c < changes; ++c) {
                std::uint8_t& pick = trial[random() % shape_.groups];
                pick = static_cast<std::uint8_t>(single ? pick ^ 1u : random() % shape_.entries);
            }
            const std::int64_t loss = descend(trial.data());
            if (loss >= lowest) continue;
            lowest = loss;
            best = trial;
        }
        std::copy(best.begin(), best.end(), picked);
        return static_cast<double>(lowest) / scale_;
    }

  private:
    const std::int32_t* row(std::size_t t) const { return &G_[t * total_]; }

    std::int64_t descend(std::uint8_t* picked) {
        const Kernels& kernel = kernels();
        const auto width = static_cast<std::uint32_t>(total_);
        std::fill(sum_.begin(), sum_.end(), 0);
        for (std::uint32_t m = 0; m < shape_.groups; ++m)
            kernel.add_row(sum_.data(), row(m * shape_.entries + picked[m]), 1, width);
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            bool changed = false;
            for (std::uint32_t m = 0; m < shape_.groups; ++m) {
                const std::size_t first = std::size_t{m} * shape_.entries;
                const std::int32_t* own = row(first + picked[m]);
                std::uint32_t best = picked[m];
                std::int64_t lowest = cost(first + best, own);
                for (std::uint32_t e = 0; e < shape_.entries; ++e) {
                    const std::int64_t value = cost(first + e, own);
                    if (value < lowest) {
                        lowest = value;
                        best = e;
                    }
                }
                if (best == picked[m]) continue;
                kernel.add_row(sum_.data(), own, -1, width);
                kernel.add_row(sum_.data(), row(first + best), 1, width);
                picked[m] = static_cast<std::uint8_t>(best);
                changed = true;
            }
            if (!changed) break;
        }
        std::int64_t loss = 0;
        for (std::uint32_t m = 0; m < shape_.groups; ++m) {
            const std::size_t t = std::size_t{m} * shape_.entries + picked[m];
            loss += std::int64_t{sum_[t]} - 2 * std::int64_t{p_[t]};
        }
        return loss;
    }

    // |C_t|^2 + 2 C_t.(everything else that is picked - z).
    std::int64_t cost(std::size_t t, const std::int32_t* own) const {
        return std::int64_t{row(t)[t]} +
               2 * (std::int64_t{sum_[t]} - std::int64_t{own[t]} - std::int64_t{p_[t]});
    }

    Picks shape_;
    std::size_t total_;
    double scale_ = 1;
    std::vector<std::int32_t> G_, sum_, p_;
};

Eigen::VectorXd importance_of(const RealModel& model) {
    double mean = 0;
    for (double count : model.counts) mean += count / double(model.counts.size());
    const double scale = power_fixed(std::uint64_t(std::max(1.0, mean)), importance_q16);
    Eigen::VectorXd o(Eigen::Index(model.counts.size()));
    for (Eigen::Index i = 0; i < o.size(); ++i)
        o(i) = power_fixed(std::uint64_t(std::max(1.0, model.counts[std::size_t(i)])),
                           importance_q16) /
               scale;
    return o;
}

}  // namespace

Additive encode_additive(const RealModel& model, const AdditiveOptions& options) {
    const Eigen::Index n = model.factors.rows(), q = model.factors.cols();
    // A hair of ridge, so that a Gram matrix without full rank still factors.
    const double hair = 1e-5 * std::max(1e-9, model.gram.trace()) / double(q);
    const Eigen::MatrixXd H = model.gram + hair * Eigen::MatrixXd::Identity(q, q);
    const Eigen::LLT<Eigen::MatrixXd> cholesky(H);
    const Eigen::MatrixXd U = cholesky.matrixU();
    const Matrix Z = model.factors * U.transpose();
    const Eigen::VectorXd importance = importance_of(model);

    Codes codes(options.bits, std::size_t(n));
    Stream random = stream(options.seed, Purpose::quantiser);
    for (std::size_t i = 0; i < codes.rows; ++i) randomise(codes.row(i), codes.bits, random);
    Picks picks = picks_of(codes, options.group_bits);
    Matrix C;
    double error = 0, all = 0;
    for (Eigen::Index i = 0; i < n; ++i) all += importance(i) * Z.row(i).squaredNorm();
    for (std::uint32_t iteration = 1; iteration <= options.iterations; ++iteration) {
        C = fit_codebook(picks, Z, importance);
        Chooser chooser(picks, C);
        const Matrix P = Z * C.transpose();
        error = all;
        for (Eigen::Index i = 0; i < n; ++i)
            error += importance(i) * chooser.choose(P.row(i), options.restarts,
                                                    stream(options.seed, Purpose::quantiser,
                                                           iteration, std::uint64_t(i)),
                                                    picks.item(std::size_t(i)));
    }
    C = fit_codebook(picks, Z, importance);
    // Back from Z = Y U' to factors: C U'^-1.
    const Eigen::MatrixXd back =
        U.triangularView<Eigen::Upper>().solve(Eigen::MatrixXd(C.transpose())).transpose();
    std::vector<double> values;
    for (Eigen::Index r = 0; r < back.rows(); ++r)
        for (Eigen::Index c = 0; c < back.cols(); ++c) values.push_back(back(r, c));
    return {codes_of(picks, options.bits, std::size_t(n)),
            quantise(values, std::uint32_t(back.rows()), std::uint32_t(back.cols()),
                     factor_fraction, static_cast<std::uint8_t>(options.entry_bits), true),
            all > 0 ? error / all : 0.0};
}

}  // namespace fedhash::server
