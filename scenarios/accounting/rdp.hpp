// Renyi differential privacy (Mironov, CSF 2017): divergences of an order alpha add up over rounds,
// and any order gives an (eps, delta).
#pragma once

#include <span>
#include <vector>

namespace fedhash::scenarios {

/// Orders that dp_accounting takes: 1.1 to 10.9 by 0.1, 11 to 63, 128, 256, 512, 1024.
std::vector<double> usual_orders();

/// Of the Gaussian mechanism of sensitivity 1, a user taking part with probability `q`
/// independently in each round (Mironov, Talwar, Zhang, arXiv 1908.10530, sections 3.1 and 3.3; for
/// orders that are no whole numbers the alternating series with its signs). q = 1: alpha / (2
/// sigma^2). sigma = 0: infinity.
double gaussian_rdp(double q, double sigma, double order);

/// Of randomised response over `choices` values that keeps the value with probability
/// 1 - noise + noise / choices and says any other one with noise / choices, between any two values.
double response_rdp(double noise, double choices, double order);

struct RdpEps {
    double eps = 0;
    double order = 0;  // that it comes from
};

/// The least eps that any order gives (Canonne, Kamath, Steinke, NeurIPS 2020, Proposition 12; 0
/// where delta alone is enough). `rdp` is parallel to `orders`.
RdpEps eps_of_rdp(std::span<const double> orders, std::span<const double> rdp, double delta);

}  // namespace fedhash::scenarios
