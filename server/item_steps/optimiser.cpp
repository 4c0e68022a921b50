// `adam`, `sgd`: item rows Q of reals that stay on the server, moved along the users' gradients.
// With g_i = G_i / n_i (the mean over those that list item i) times the slope of the published map
// phi (common/relaxed.hpp), less decay:
//
//   sgd    q_i += step g_i
//   adam   m <- .9 m + .1 g,  v <- .999 v + .001 g^2,  q += step m^ / (sqrt(v^) + 1e-8)
//          (Kingma and Ba, ICLR 2015; moments of an item move only in rounds that list it)
//
// Published: plain reals as a plane of `factor_bits` an entry (real); phi(Q) in steps of 2^-6
// (forward, mixed); the signs of Q as codes and, with `item_scale`, mean |q_i| relative to the mean
// of all items (backward). After the last round codes are the signs of Q, unless a quantiser makes
// them of Q; plain reals stay what they are without one.
#include <algorithm>
#include <cmath>

#include "common/portable.hpp"
#include "common/relaxed.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/real_model.hpp"

namespace fedhash::server {

namespace {

constexpr double first_decay = 0.9, second_decay = 0.999, epsilon = 1e-8;
constexpr double initial_deviation = 0.1;  // of a row behind random codes
constexpr std::uint8_t scale_fraction = 6, scale_width = 10;

class Optimiser final : public ItemStep {
  public:
    Optimiser(const Variant& variant, std::size_t items, bool adam)
        : variant_(variant),
          adam_(adam),
          relaxation_(relaxation_of(variant)),
          bounded_(variant.surrogate == "clip" && relaxation_ != Relaxation::real &&
                   relaxation_ != Relaxation::forward),
          items_(items),
          width_(variant.bits) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        if (Q_.empty()) start(tables, Relaxed(variant_, progress.round, true));
        move(sums, Relaxed(variant_, progress.round, true));
        const bool last = progress.round == progress.rounds;
        if (relaxation_ == Relaxation::real) {
            if (variant_.quantiser == "none" || !last) publish_reals(tables);
            return 0;
        }
        if (last || publishes_codes(variant_)) return publish_codes(tables);
        publish_mapped(tables, progress.round + 1);
        return 0;
    }

    RealModel model() const override {
        RealModel model;
        model.factors.resize(Eigen::Index(items_), Eigen::Index(width_));
        for (std::size_t i = 0; i < items_; ++i)
            for (std::size_t a = 0; a < width_; ++a)
                model.factors(Eigen::Index(i), Eigen::Index(a)) = Q_[i * width_ + a];
        model.counts = counts_;
        return model;
    }

  private:
    // Rows whose map is what was published.
    void start(const Tables& tables, const Relaxed& phi) {
        Q_.resize(items_ * width_);
        const Plane& factors = tables.plane(PlaneId::factors);
        for (std::size_t i = 0; i < items_; ++i) {
            Stream random = stream(0, Purpose::relaxed, i);
            for (std::size_t a = 0; a < width_; ++a) {
                double& q = Q_[i * width_ + a];
                if (factors.empty()) {
                    const double size = std::abs(std::popcount(random()) - 32) + 0.5;
                    q = initial_deviation / 4 * size * sign(tables.codes.row(i), a);
                } else {
                    q = factors.at(i, a);
                    if (relaxation_ == Relaxation::real) continue;
                    const double c = std::clamp(q, -0.95, 0.95);  // q = artanh(c) / beta
                    q = portable::log((1 + c) / (1 - c)) / (2 * phi.beta());
                }
            }
        }
        m_.assign(adam_ ? Q_.size() : 0, 0.0);
        v_ = m_;
        times_.assign(items_, 0);
        counts_.assign(items_, 0.0);
    }

    void move(const Aggregate& sums, const Relaxed& phi) {
        for (std::size_t i = 0; i < items_; ++i) {
            counts_[i] = static_cast<double>(sums.counts[i]);
            if (sums.counts[i] == 0) continue;
            double* q = &Q_[i * width_];
            double square = 0;
            for (std::size_t a = 0; a < width_; ++a) square += q[a] * q[a];
            const double decay = decay_factor(variant_, square);
            const double share =
                std::ldexp(1.0, -vector_fraction) / static_cast<double>(sums.counts[i]);
            ++times_[i];
            for (std::size_t a = 0; a < width_; ++a) {
                const double pull = share * static_cast<double>(sums.rows[i * width_ + a]);
                const double g = pull * phi.slope(q[a]) - decay * q[a];
                q[a] += variant_.step * (adam_ ? adapted(i, a, g) : g);
                if (bounded_) q[a] = std::clamp(q[a], -1.0, 1.0);
            }
        }
    }

    double adapted(std::size_t i, std::size_t a, double g) {
        double& m = m_[i * width_ + a];
        double& v = v_[i * width_ + a];
        m = first_decay * m + (1 - first_decay) * g;
        v = second_decay * v + (1 - second_decay) * g * g;
        return m / unbias(first_decay, times_[i]) /
               (std::sqrt(v / unbias(second_decay, times_[i])) + epsilon);
    }

    // 1 - decay^times.
    static double unbias(double decay, std::uint32_t times) {
        double power = 1;
        for (; times > 0; times >>= 1, decay *= decay)
            if (times & 1) power *= decay;
        return 1 - power;
    }

    double size_of(std::size_t i) const {
        double sum = 0;
        for (std::size_t a = 0; a < width_; ++a) sum += std::abs(Q_[i * width_ + a]);
        return sum / static_cast<double>(width_);
    }

    void publish_reals(Tables& tables) const {
        tables.plane(PlaneId::factors) =
            quantise(Q_, std::uint32_t(items_), std::uint32_t(width_), factor_fraction,
                     static_cast<std::uint8_t>(variant_.factor_bits), true);
    }

    void publish_mapped(Tables& tables, std::uint32_t round) const {
        const Relaxed phi(variant_, round, true);
        Plane& plane = tables.plane(PlaneId::factors);
        const auto step = static_cast<std::int32_t>(1 << (8 - std::min(8u, variant_.factor_bits)));
        plane.width = static_cast<std::uint8_t>(std::min(8u, variant_.factor_bits));
        plane.steps = {static_cast<std::uint16_t>(step)};
        for (std::size_t i = 0; i < items_; ++i) {
            Stream lots = stream(1, Purpose::relaxed, i, round);
            for (std::size_t a = 0; a < width_; ++a) {
                const double in_steps = std::ldexp(phi.value(Q_[i * width_ + a], lots), 6) / step;
                plane.values[i * width_ + a] = static_cast<std::int16_t>(
                    step * static_cast<std::int32_t>(std::floor(in_steps + 0.5)));
            }
        }
    }

    std::uint64_t publish_codes(Tables& tables) const {
        const bool fresh = tables.codes.rows == 0;
        if (fresh) tables.codes = Codes(variant_.bits, items_);
        tables.plane(PlaneId::factors) = {};
        std::uint64_t flips = 0;
        for (std::size_t i = 0; i < items_; ++i)
            for (std::size_t a = 0; a < width_; ++a)
                if (bit(tables.codes.row(i), a) != (Q_[i * width_ + a] > 0)) {
                    flip(tables.codes.row(i), a);
                    ++flips;
                }
        if (variant_.item_scale) publish_scales(tables);
        return fresh ? 0 : flips;
    }

    void publish_scales(Tables& tables) const {
        std::vector<double> sizes(items_);
        double mean = 0;
        for (std::size_t i = 0; i < items_; ++i) {
            sizes[i] = size_of(i);
            mean += sizes[i] / static_cast<double>(items_);
        }
        for (double& size : sizes) size = std::clamp(size / std::max(1e-12, mean), 1.0 / 64, 7.9);
        tables.plane(PlaneId::scales) =
            quantise(sizes, std::uint32_t(items_), 1, scale_fraction, scale_width, false);
    }

    Variant variant_;
    bool adam_;
    Relaxation relaxation_;
    bool bounded_;  // rows stay where the surrogate has a slope
    std::size_t items_, width_;
    std::vector<double> Q_, m_, v_;  // row-major
    std::vector<std::uint32_t> times_;
    std::vector<double> counts_;
};

}  // namespace

std::unique_ptr<ItemStep> make_adam(const Variant& variant, std::size_t items) {
    return std::make_unique<Optimiser>(variant, items, true);
}

std::unique_ptr<ItemStep> make_sgd(const Variant& variant, std::size_t items) {
    return std::make_unique<Optimiser>(variant, items, false);
}

}  // namespace fedhash::server
