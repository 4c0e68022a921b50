// Randomised response on bits: each report keeps its bit with probability e^eps / (1 + e^eps) and
// says the other one otherwise. What one report costs, and what many reports of the same bits cost
// together, exactly.
#pragma once

#include <cstdint>

namespace fedhash::scenarios {

/// e^eps / (1 + e^eps).
double keep_probability(double eps);

/// The epsilon of reports that are wrong with probability lie_q32 / 2^32: what a device's coin
/// really gives, after its rounding.
double epsilon_of_lie(std::uint32_t lie_q32);

/// The smallest delta for which `reports` independent reports at `eps_each` are (eps, delta)
/// private together: Kairouz, Oh, Viswanath, ICML 2015, Theorem 3.3,
///   sum_j C(k, j) max(0, e^((k-j) e0) - e^(eps + j e0)) / (1 + e^e0)^k .
double reports_delta(double eps_each, std::uint64_t reports, double eps);

/// The smallest eps for `delta` > 0; at most reports * eps_each, which is what adding up gives.
double reports_eps(double eps_each, std::uint64_t reports, double delta);

/// Concentrated differential privacy of the same (Bun, Steinke, TCC 2016): rho = k e0^2 / 2, an
/// upper bound.
double reports_rho(double eps_each, std::uint64_t reports);

/// rho + 2 sqrt(rho ln(1/delta)).
double eps_of_rho(double rho, double delta);

}  // namespace fedhash::scenarios
