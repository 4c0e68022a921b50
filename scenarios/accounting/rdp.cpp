#include "scenarios/accounting/rdp.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace fedhash::scenarios {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == -infinity ? a : a + std::log1p(std::exp(b - a));
}

/// log(e^a - e^b) for a >= b.
double log_subtract(double a, double b) {
    if (b == -infinity) return a;
    return b >= a ? -infinity : a + std::log(-std::expm1(b - a));
}

double log_erfc(double x) {
    if (x < 25) return std::log(std::erfc(x));
    // erfc(x) ~ e^-x^2 / (x sqrt(pi)) (1 - 1/2x^2 + 3/4x^4 - ...)
    const double y = 1 / (x * x);
    return -x * x - std::log(x) - std::log(std::numbers::pi) / 2 +
           std::log1p(-y / 2 + 0.75 * y * y - 1.875 * y * y * y);
}

/// log of the expectation A(alpha) for a whole order, section 3.1 of the paper.
double log_whole(double q, double sigma, double order) {
    double sum = -infinity;
    const auto whole = static_cast<long>(order);
    for (long i = 0; i <= whole; ++i) {
        const auto k = static_cast<double>(i);
        const double log_choose =
            std::lgamma(order + 1) - std::lgamma(k + 1) - std::lgamma(order - k + 1);
        sum = log_add(sum, log_choose + k * std::log(q) + (order - k) * std::log1p(-q) +
                               (k * k - k) / (2 * sigma * sigma));
    }
    return sum;
}

/// The same for any order, section 3.3: one series for either half of the line. The binomial
/// coefficients alternate in sign beyond the order, so the terms of a sign are added up apart.
double log_any(double q, double sigma, double order) {
    double added = -infinity, taken = -infinity;
    const double split = sigma * sigma * std::log(1 / q - 1) + 0.5;
    double log_choose = 0;
    bool negative = false;
    for (long i = 0; i < 100'000; ++i) {
        const auto k = static_cast<double>(i);
        const double rest = order - k;
        const double low = log_choose + k * std::log(q) + rest * std::log1p(-q) +
                           (k * k - k) / (2 * sigma * sigma) + std::log(0.5) +
                           log_erfc((k - split) / (std::numbers::sqrt2 * sigma));
        const double high = log_choose + rest * std::log(q) + k * std::log1p(-q) +
                            (rest * rest - rest) / (2 * sigma * sigma) + std::log(0.5) +
                            log_erfc((split - rest) / (std::numbers::sqrt2 * sigma));
        double& side = negative ? taken : added;
        side = log_add(side, log_add(low, high));
        if (k > order && std::max(low, high) < added - 45) break;
        log_choose += std::log(std::abs(rest)) - std::log(k + 1);
        if (rest < 0) negative = !negative;
    }
    return log_subtract(added, taken);
}

}  // namespace

std::vector<double> usual_orders() {
    std::vector<double> orders;
    for (int tenths = 11; tenths < 110; ++tenths) orders.push_back(tenths / 10.0);
    for (int whole = 11; whole < 64; ++whole) orders.push_back(whole);
    orders.insert(orders.end(), {128, 256, 512, 1024});
    return orders;
}

double gaussian_rdp(double q, double sigma, double order) {
    if (q <= 0) return 0;
    if (sigma <= 0) return infinity;
    if (q >= 1) return order / (2 * sigma * sigma);
    const double log_a =
        order == std::floor(order) ? log_whole(q, sigma, order) : log_any(q, sigma, order);
    return std::max(0.0, log_a / (order - 1));
}

double response_rdp(double noise, double choices, double order) {
    const double other = noise / choices, same = 1 - noise + other;
    if (noise >= 1 || choices <= 1) return 0;
    if (noise <= 0) return infinity;
    if (std::isinf(order)) return std::log(same / other);
    const double sum = std::exp(order * std::log(same) + (1 - order) * std::log(other)) +
                       std::exp(order * std::log(other) + (1 - order) * std::log(same)) +
                       (choices - 2) * other;
    return std::log(sum) / (order - 1);
}

RdpEps eps_of_rdp(std::span<const double> orders, std::span<const double> rdp, double delta) {
    RdpEps best{infinity, 0};
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const double a = orders[i], r = rdp[i];
        double eps = infinity;
        if (delta * delta + std::expm1(-r) > 0)
            eps = 0;
        else if (a > 1.01)
            eps = r + std::log1p(-1 / a) - std::log(delta * a) / (a - 1);
        if (eps < best.eps) best = {std::max(0.0, eps), a};
    }
    return best;
}

}  // namespace fedhash::scenarios
