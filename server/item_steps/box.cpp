// Continuous-to-binary coordinate descent: item codes c_i in [-1,1]^k beside real (or scaled
// binary) users, with a concave pull gamma that grows until only +-1 is optimal. With w = a0 g_i +
// s_i/tr H, e_a = H_aa w - gamma w tr(H)/k and the published c0:
//
//   r = G_i - a0 g_i H c0 + a0 g_i kappa K y_i              (kappa, K, y_i: only with a teacher)
//   two sweeps over a:  h = r_a - w (H (c - c0))_a + w H_aa c_a
//                       c_a = clip(h / e_a, -1, 1) if e_a > 0, else sign(h)
//   gamma = pull min(1, (r-1)/(R-3))^2, all of it in the last two rounds; at the end d = sign(c).
//
// Graduated non-convexity (Blake & Zisserman 1987) on the implicit objective, driven by the sums of
// one upload a round; our derivation. Plain descent on codes beside real users never flips a bit.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "common/fixed_point.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/quantiser.hpp"
#include "server/real_sums.hpp"

namespace fedhash::server {

namespace {

constexpr int sweeps = 2;
constexpr std::uint8_t weight_fraction = 6, weight_width = 9;  // g_i in 1/64, below 4

class Box final : public ItemStep {
  public:
    explicit Box(const Variant& variant) : variant_(variant) {}

    void begin(const RealModel& teacher, Tables& tables) override {
        if (teacher.empty()) return;
        teacher_ = teacher;
        weigh_items(teacher.counts, tables);
        mix(matrix(tables.plane(PlaneId::factors)), tables);
    }

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        Plane& plane = tables.plane(PlaneId::factors);
        const Eigen::MatrixXd H = gram(sums);
        const Eigen::MatrixXd K = teacher_.empty() ? Eigen::MatrixXd() : cross(sums);
        const double trace = std::max(H.trace(), 1e-12), k = plane.cols, gamma = pull(progress);
        Eigen::MatrixXd next(plane.rows, plane.cols);
        for (std::uint32_t i = 0; i < plane.rows; ++i) {
            const Eigen::VectorXd c0 = row(plane, i);
            const double a0 = variant_.box_interaction * item_weight(tables, i);
            const double w = a0 + weight_of(sums, i) / trace;
            Eigen::VectorXd r = G(sums, i) - a0 * (H * c0);
            if (!teacher_.empty())
                r += a0 * variant_.prior * (K * teacher_.factors.row(i).transpose());
            Eigen::VectorXd c = c0, moved = Eigen::VectorXd::Zero(plane.cols);  // H (c - c0)
            for (int sweep = 0; sweep < sweeps; ++sweep) {
                for (Eigen::Index a = 0; a < c.size(); ++a) {
                    const double h = r(a) - w * moved(a) + w * H(a, a) * c(a);
                    const double e = w * H(a, a) - gamma * w * trace / k;
                    const double to = e > 0    ? std::clamp(h / e, -1.0, 1.0)
                                      : h != 0 ? std::copysign(1.0, h)
                                               : std::copysign(1.0, c(a));
                    if (to == c(a)) continue;
                    moved += (to - c(a)) * H.col(a);
                    c(a) = to;
                }
            }
            next.row(i) = c;
        }
        if (tables.plane(PlaneId::item_weights).empty() && variant_.item_exponent > 0)
            weigh_items({sums.counts.begin(), sums.counts.end()}, tables);
        if (progress.round == progress.rounds) return finish(next, tables);
        publish(next, plane);
        mix(matrix(plane), tables);
        return 0;
    }

    void follow(Aggregate& kept, const Tables& before, const Tables& now) const override {
        follow_factors(kept, before, now);
    }

  private:
    double pull(Progress progress) const {
        if (progress.round + 2 > progress.rounds || progress.rounds <= 3) return variant_.box_pull;
        const double phase = double(progress.round - 1) / double(progress.rounds - 3);
        return variant_.box_pull * std::min(1.0, phase * phase);
    }

    double item_weight(const Tables& tables, std::uint32_t i) const {
        const Plane& weights = tables.plane(PlaneId::item_weights);
        return weights.empty() ? 1.0 : weights.at(i, 0);
    }

    void weigh_items(const std::vector<double>& counts, Tables& tables) const {
        if (variant_.item_exponent == 0) return;
        std::vector<double> g(counts.size());
        const auto exponent_q16 = std::lround(variant_.item_exponent * 65536);
        double sum = 0;
        for (std::size_t i = 0; i < g.size(); ++i) {
            g[i] = power_fixed(static_cast<std::uint64_t>(std::max(1.0, counts[i])), exponent_q16);
            sum += g[i];
        }
        for (double& weight : g) weight *= double(g.size()) / sum;
        tables.plane(PlaneId::item_weights) =
            quantise(g, std::uint32_t(g.size()), 1, weight_fraction, weight_width, false);
    }

    // sum over items of g_i c_i y_i', for the devices' prior.
    void mix(const Eigen::MatrixXd& C, Tables& tables) const {
        if (teacher_.empty() || variant_.prior == 0) return;
        Eigen::MatrixXd weighted = C;
        for (Eigen::Index i = 0; i < C.rows(); ++i)
            weighted.row(i) *= item_weight(tables, std::uint32_t(i));
        tables.plane(PlaneId::mixing) = mixing_plane(weighted, teacher_);
    }

    void publish(const Eigen::MatrixXd& C, Plane& plane) const {
        const auto step = static_cast<std::int32_t>(1 << (8 - std::min(8u, variant_.factor_bits)));
        plane.width = static_cast<std::uint8_t>(std::min(8u, variant_.factor_bits));
        plane.steps = {static_cast<std::uint16_t>(step)};
        for (Eigen::Index i = 0; i < C.rows(); ++i)
            for (Eigen::Index a = 0; a < C.cols(); ++a)
                plane.values[std::size_t(i) * plane.cols + std::size_t(a)] =
                    static_cast<std::int16_t>(step * std::lround(C(i, a) * 64 / step));
    }

    // The codes, and what their scoring needs.
    std::uint64_t finish(const Eigen::MatrixXd& C, Tables& tables) const {
        Codes codes(variant_.bits, std::size_t(C.rows()));
        for (Eigen::Index i = 0; i < C.rows(); ++i)
            for (Eigen::Index a = 0; a < C.cols(); ++a)
                if (C(i, a) > 0) flip(codes.row(std::size_t(i)), std::size_t(a));
        tables.codes = std::move(codes);
        tables.plane(PlaneId::factors) = {};
        tables.plane(PlaneId::item_weights) = {};
        if (!teacher_.empty() && variant_.scoring_prior > 0)
            tables.plane(PlaneId::mixing) = mixing_plane(tables.codes, teacher_);
        else
            tables.plane(PlaneId::mixing) = {};
        return 0;
    }

    Variant variant_;
    RealModel teacher_;
};

}  // namespace

std::unique_ptr<ItemStep> make_box(const Variant& variant, std::size_t) {
    return std::make_unique<Box>(variant);
}

}  // namespace fedhash::server
