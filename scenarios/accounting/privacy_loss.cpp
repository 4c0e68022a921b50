#include "scenarios/accounting/privacy_loss.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

#include "common/errors.hpp"
#include "scenarios/accounting/bisect.hpp"

namespace fedhash::scenarios {
namespace {

double phi(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

double density(double x, double sigma) {
    return std::exp(-x * x / (2 * sigma * sigma)) / (sigma * std::sqrt(2 * std::numbers::pi));
}

// Of the mixture (1 - q) N(0, sigma^2) + q N(1, sigma^2) to N(0, sigma^2).
struct Mixture {
    double q, sigma;

    // Both by logarithms of the two parts: exponentials would round one of them away where sigma
    // is small and q is 1 or nearly.
    double log_ratio(double x) const {
        const double absent = std::log1p(-q);
        const double present = std::log(q) + (2 * x - 1) / (2 * sigma * sigma);
        const double larger = std::max(absent, present), smaller = std::min(absent, present);
        return larger + std::log1p(std::exp(smaller - larger));
    }
    /// Where the log ratio is l; -infinity below what it can be.
    double at(double l) const {
        const double absent = std::log1p(-q);
        if (l <= absent) return -HUGE_VAL;
        return sigma * sigma * (l + std::log(-std::expm1(absent - l)) - std::log(q)) + 0.5;
    }
    /// Simpson's rule: the integrand falls like a Gaussian at both ends.
    double mean_log_ratio(bool of_mixture) const {
        constexpr int pieces = 200'000;
        const double from = -12 * sigma, to = 1 + 12 * sigma, h = (to - from) / pieces;
        double sum = 0;
        for (int i = 0; i <= pieces; ++i) {
            const double x = from + i * h;
            const double p = of_mixture ? (1 - q) * density(x, sigma) + q * density(x - 1, sigma)
                                        : density(x, sigma);
            sum += (i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2) * p * log_ratio(x);
        }
        return sum * h / 3;
    }
};

}  // namespace

PrivacyLoss gaussian_loss_removed(double q, double sigma) {
    const Mixture mix{q, sigma};
    const auto tail = [mix](double x) {  // of the mixture, above x
        return (1 - mix.q) * phi(-x / mix.sigma) + mix.q * phi((1 - x) / mix.sigma);
    };
    const auto head = [mix](double x) {
        return (1 - mix.q) * phi(x / mix.sigma) + mix.q * phi((x - 1) / mix.sigma);
    };
    return {[=](double l) { return head(mix.at(l)); }, [=](double l) { return tail(mix.at(l)); },
            mix.mean_log_ratio(true)};
}

PrivacyLoss gaussian_loss_added(double q, double sigma) {
    const Mixture mix{q, sigma};
    return {[=](double l) { return phi(-mix.at(-l) / mix.sigma); },
            [=](double l) { return phi(mix.at(-l) / mix.sigma); }, -mix.mean_log_ratio(false)};
}

ComposedLoss::ComposedLoss(const PrivacyLoss& loss, std::uint64_t rounds, double step)
    : step_(step) {
    constexpr long points = 1 << 20;
    const double edge = static_cast<double>(points / 2 - 1) * step;
    if (loss.below(-edge) > 1e-15 || loss.above(edge) > 1e-15)
        throw UsageError(
            "the privacy loss of a round is too large to be added up on a grid; take "
            "more noise, or go by another bound");
    // Point i stands for the loss i * step, those of the upper half for i - points.
    std::vector<std::complex<double>> grid(points), power(points);
    double binned_mean = 0;
    for (long i = -points / 2; i < points / 2; ++i) {
        const double low = (static_cast<double>(i) - 0.5) * step, high = low + step;
        const double mass = low > loss.mean ? loss.above(low) - loss.above(high)
                                            : loss.below(high) - loss.below(low);
        grid[static_cast<std::size_t>((i + points) % points)] = mass;
        binned_mean += mass * static_cast<double>(i) * step;
    }
    Eigen::FFT<double> fft;
    fft.fwd(power, grid);
    for (auto& value : power) value = std::pow(value, static_cast<double>(rounds));
    fft.inv(grid, power);

    // Half of the grid on either side of the mean of the sum.
    const auto count = static_cast<double>(rounds);
    const long first = std::lround(count * loss.mean / step) - points / 2;
    lowest_ = static_cast<double>(first) * step + count * (loss.mean - binned_mean);
    mass_.resize(points);
    for (long i = 0; i < points; ++i) {
        const long at = ((first + i) % points + points) % points;
        mass_[static_cast<std::size_t>(i)] =
            std::max(0.0, grid[static_cast<std::size_t>(at)].real());
    }
}

double ComposedLoss::delta(double eps) const {
    double sum = 0;
    for (std::size_t i = mass_.size(); i-- > 0;) {
        const double loss = lowest_ + static_cast<double>(i) * step_;
        if (loss <= eps) break;
        sum -= mass_[i] * std::expm1(eps - loss);
    }
    return sum;
}

double gaussian_pld_eps(double q, double sigma, std::uint64_t rounds, double delta) {
    const ComposedLoss removed(gaussian_loss_removed(q, sigma), rounds);
    const ComposedLoss added(gaussian_loss_added(q, sigma), rounds);
    return least_within(
        0, 50, [&](double eps) { return std::max(removed.delta(eps), added.delta(eps)) <= delta; });
}

double gaussian_delta(double sigma, double eps) {
    return phi(1 / (2 * sigma) - eps * sigma) - std::exp(eps) * phi(-1 / (2 * sigma) - eps * sigma);
}

double gaussian_eps(double sigma, double delta) {
    return least_within(0, 700, [&](double eps) { return gaussian_delta(sigma, eps) <= delta; });
}

}  // namespace fedhash::scenarios
