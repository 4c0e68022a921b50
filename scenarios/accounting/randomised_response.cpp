#include "scenarios/accounting/randomised_response.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/accounting/bisect.hpp"

namespace fedhash::scenarios {

double epsilon_of_lie(std::uint32_t lie_q32) {
    const double lie = static_cast<double>(lie_q32) / 4294967296.0;
    return std::log1p(-lie) - std::log(lie);
}

double keep_probability(double eps) { return 1 / (1 + std::exp(-eps)); }

double reports_delta(double eps_each, std::uint64_t reports, double eps) {
    if (eps_each <= 0 || reports == 0) return 0;
    const auto k = static_cast<double>(reports);
    const double stay = -std::log1p(std::exp(-eps_each));   // log p
    const double change = -std::log1p(std::exp(eps_each));  // log (1 - p)
    double delta = 0;
    // The loss of j changed reports is (k - 2j) e0; those above eps count.
    for (std::uint64_t j = 0; j <= reports; ++j) {
        const auto changed = static_cast<double>(j);
        const double loss = (k - 2 * changed) * eps_each;
        if (loss <= eps) break;
        const double log_chance = std::lgamma(k + 1) - std::lgamma(changed + 1) -
                                  std::lgamma(k - changed + 1) + (k - changed) * stay +
                                  changed * change;
        delta += std::exp(log_chance) * -std::expm1(eps - loss);
    }
    return std::min(1.0, delta);
}

double reports_eps(double eps_each, std::uint64_t reports, double delta) {
    const double most = eps_each * static_cast<double>(reports);
    return least_within(0, most,
                        [&](double eps) { return reports_delta(eps_each, reports, eps) <= delta; });
}

double reports_rho(double eps_each, std::uint64_t reports) {
    return static_cast<double>(reports) * eps_each * eps_each / 2;
}

double eps_of_rho(double rho, double delta) {
    return rho + 2 * std::sqrt(rho * std::log(1 / delta));
}

}  // namespace fedhash::scenarios
