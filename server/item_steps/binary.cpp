// Binary items beside scaled codes (uplink `scaled-code`): the user's vector on [d_i, 1, bias_i] is
// x_u = [s b_u, beta]. With w = a0 + W_i / (trace of H's code block), Hx = H over all of x, and the
// published e0 = [d0, 1, bias0]:
//
//   r = G_i - a0 H e0 + a0 kappa K y_i                                     (K, y_i: with a teacher)
//   sweeps over the bits:  h = r_a - w (H (e - e0))_a + rho w H_aa d_a ;  d_a = sign(h)
//   then the bias:         bias = h / (w H_aa)
//
// rho < 1 in early rounds over-relaxes as in `curvature`; a bias is rounded to `bias_bits` bits,
// and moved so that the largest and the smallest are opposite: the users' constant takes up the
// rest.
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "common/fixed_point.hpp"
#include "common/quadratic.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/quantiser.hpp"
#include "server/real_sums.hpp"

namespace fedhash::server {

namespace {

constexpr int sweeps = 4, bias_sweeps = 2;
constexpr std::uint8_t bias_fraction = 10;

class Binary final : public ItemStep {
  public:
    explicit Binary(const Variant& variant) : variant_(variant) {}

    void begin(const RealModel& teacher, Tables& tables) override {
        if (teacher.empty()) return;
        teacher_ = teacher;
        if (variant_.bias_bits > 0) publish_bias(popularity(teacher.counts), tables);
        mix(tables);
    }

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        const std::uint32_t k = variant_.bits, width = sums.shape.width;
        if (width > k && tables.plane(PlaneId::bias).empty()) {
            // The first round only counts: codes that learn before there is a bias learn popularity
            // instead of taste, and keep some of it.
            publish_bias(popularity({sums.counts.begin(), sums.counts.end()}), tables);
            return 0;
        }
        const Eigen::MatrixXd H = gram(sums);
        const Eigen::MatrixXd K = teacher_.empty() ? Eigen::MatrixXd() : cross(sums);
        const double trace = std::max(H.topLeftCorner(k, k).trace(), 1e-12);
        const double a0 = variant_.box_interaction, rho = own_bit(progress);
        std::vector<double> bias(tables.codes.rows);
        std::uint64_t flips = 0;
        for (std::size_t i = 0; i < tables.codes.rows; ++i) {
            Eigen::VectorXd e = item(tables, i, width);
            const double w = a0 + weight_of(sums, i) / trace;
            Eigen::VectorXd r = G(sums, i) - a0 * (H * e);
            if (!teacher_.empty())
                r += a0 * variant_.prior * (K * teacher_.factors.row(Eigen::Index(i)).transpose());
            Eigen::VectorXd moved = Eigen::VectorXd::Zero(width);  // H (e - e0)
            const auto pull = [&](Eigen::Index a, double own) {
                return r(a) - w * moved(a) + own * w * H(a, a) * e(a);
            };
            const auto move = [&](Eigen::Index a, double to) {
                if (to == e(a)) return;
                moved += (to - e(a)) * H.col(a);
                e(a) = to;
            };
            for (int sweep = 0; sweep < sweeps; ++sweep)
                for (Eigen::Index a = 0; a < Eigen::Index(k); ++a) {
                    const double h = pull(a, rho);
                    if (h != 0) move(a, h > 0 ? 1.0 : -1.0);
                }
            if (width > k)
                for (int sweep = 0; sweep < bias_sweeps; ++sweep)
                    move(k + 1, pull(k + 1, 1) / (w * H(k + 1, k + 1) + 1e-6 * w * trace / k));
            const std::span<std::uint64_t> code = tables.codes.row(i);
            for (std::uint32_t a = 0; a < k; ++a)
                if (bit(code, a) != (e(a) > 0)) {
                    flip(code, a);
                    ++flips;
                }
            if (width > k) bias[i] = e(k + 1);
        }
        if (width > k) publish_bias(std::move(bias), tables);
        if (!teacher_.empty()) mix(tables);
        return flips;
    }

    // G_i -= (W_i / tr H) H (e_now - e_before).
    void follow(Aggregate& kept, const Tables& before, const Tables& now) const override {
        const std::uint32_t width = kept.shape.width;
        const Eigen::MatrixXd H = gram(kept);
        const double trace = std::max(H.topLeftCorner(variant_.bits, variant_.bits).trace(), 1e-12);
        for (std::size_t i = 0; i < now.codes.rows; ++i) {
            const Eigen::VectorXd change =
                (weight_of(kept, i) / trace) * (H * (item(now, i, width) - item(before, i, width)));
            add(kept, i, -change);
        }
    }

  private:
    static Eigen::VectorXd item(const Tables& tables, std::size_t i, std::uint32_t width) {
        const std::uint32_t k = tables.codes.bits;
        Eigen::VectorXd e(width);
        for (std::uint32_t a = 0; a < k; ++a) e(a) = sign(tables.codes.row(i), a);
        if (width == k) return e;
        const Plane& bias = tables.plane(PlaneId::bias);
        e(k) = 1;
        e(k + 1) = bias.empty() ? 0.0 : bias.at(i, 0);
        return e;
    }

    double own_bit(Progress progress) const {
        const double start = variant_.own_bit_start / double(own_bit_unit);
        const double counting = variant_.bias_bits > 0 && teacher_.empty() ? 1 : 0;
        const double climb = std::max(1.0, double(progress.rounds) - counting - 3);
        const double end = variant_.own_bit_end / double(own_bit_unit);
        return std::min(end, start + (end - start) * (progress.round - 1 - counting) / climb);
    }

    // Before any bias was fitted: log2 of 1 + raters, / 4.
    static std::vector<double> popularity(const std::vector<double>& counts) {
        std::vector<double> bias;
        for (double count : counts)
            bias.push_back(std::ldexp(static_cast<double>(log2_fixed(
                                          static_cast<std::uint64_t>(std::llround(count) + 1))),
                                      -log_fraction_bits) /
                           4);
        return bias;
    }

    // sum over items of e_i y_i', for the devices' prior.
    void mix(Tables& tables) const {
        if (std::max(variant_.prior, variant_.scoring_prior) == 0) return;
        const std::uint32_t width = vector_width(variant_);
        Eigen::MatrixXd E(Eigen::Index(tables.codes.rows), width);
        for (std::size_t i = 0; i < tables.codes.rows; ++i)
            E.row(Eigen::Index(i)) = item(tables, i, width);
        tables.plane(PlaneId::mixing) = mixing_plane(E, teacher_);
    }

    void publish_bias(std::vector<double> bias, Tables& tables) const {
        const auto [low, high] = std::minmax_element(bias.begin(), bias.end());
        const double middle = (*low + *high) / 2;
        for (double& value : bias) value -= middle;
        tables.plane(PlaneId::bias) =
            quantise(bias, std::uint32_t(bias.size()), 1, bias_fraction,
                     static_cast<std::uint8_t>(variant_.bias_bits), false);
    }

    Variant variant_;
    RealModel teacher_;
};

}  // namespace

std::unique_ptr<ItemStep> make_binary(const Variant& variant, std::size_t) {
    return std::make_unique<Binary>(variant);
}

}  // namespace fedhash::server
