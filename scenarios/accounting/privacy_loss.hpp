// The distribution of the privacy loss, numerically (Sommer, Meiser, Mohammadi, PoPETs 2019;
// Koskela, Jaelkoe, Honkela, AISTATS 2020): the loss of many independent rounds is the sum of
// theirs, so its distribution is a power of a Fourier transform, and any (eps, delta) follows from
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace fedhash::scenarios {

/// The loss L = log P(x) / Q(x), x drawn from P, of one round.
struct PrivacyLoss {
    std::function<double(double)> below;  // P(L <= l)
    std::function<double(double)> above;  // P(L > l), exact where it is small
    double mean = 0;
};

/// The Gaussian mechanism of sensitivity 1 with a user that takes part with probability `q`: the
/// loss when the user is taken away from those who might take part, and when it is added.
PrivacyLoss gaussian_loss_removed(double q, double sigma);
PrivacyLoss gaussian_loss_added(double q, double sigma);

class ComposedLoss {
  public:
    /// `rounds` times the same loss, on a grid of 2^20 points `step` apart. Every point takes what
    /// is within half a step of it; what that moves the mean by is put right. Throws UsageError for
    /// losses too wide for the grid.
    ComposedLoss(const PrivacyLoss& loss, std::uint64_t rounds, double step = 1e-4);

    /// E max(0, 1 - e^(eps - L)).
    double delta(double eps) const;

  private:
    double step_, lowest_ = 0;  // the loss of the first point
    std::vector<double> mass_;
};

/// The least eps with which both directions are below `delta`.
double gaussian_pld_eps(double q, double sigma, std::uint64_t rounds, double delta);

/// delta of the Gaussian mechanism of sensitivity 1 without sampling, exact (Balle, Wang, ICML
/// 2018, Theorem 8), and its inverse.
double gaussian_delta(double sigma, double eps);
double gaussian_eps(double sigma, double delta);

}  // namespace fedhash::scenarios
