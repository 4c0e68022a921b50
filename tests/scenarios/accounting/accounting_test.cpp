// Published figures, and the exact ones that independent programs came to.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "scenarios/accounting/privacy_loss.hpp"
#include "scenarios/accounting/randomised_response.hpp"
#include "scenarios/accounting/rdp.hpp"
#include "scenarios/accounting/shuffling.hpp"

using namespace fedhash::scenarios;

namespace {

bool near(double a, double b, double relative) {
    return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b));
}

double gaussian_rdp_eps(double q, double sigma, double rounds, double delta,
                        const std::vector<double>& orders = usual_orders()) {
    std::vector<double> rdp;
    for (const double order : orders) rdp.push_back(rounds * gaussian_rdp(q, sigma, order));
    return eps_of_rdp(orders, rdp, delta).eps;
}

}  // namespace

TEST_CASE("reports of randomised response compose exactly") {
    struct Known {
        double eps_each;
        std::uint64_t reports;
        double delta, exact, concentrated;
    };
    for (const Known& known :
         {Known{0.1, 100, 1e-5, 4.306791373, 5.298526},
          Known{0.5, 20, 1e-5, 9.859411024, 13.229830}, Known{1, 10, 1e-5, 9.999770635, 20.174271},
          Known{0.25, 64, 1e-6, 10.447376976, 12.513044},
          Known{1, 32, 1e-6, 31.977171465, 45.735378}}) {
        CAPTURE(known.eps_each);
        CHECK(near(reports_eps(known.eps_each, known.reports, known.delta), known.exact, 1e-9));
        CHECK(near(eps_of_rho(reports_rho(known.eps_each, known.reports), known.delta),
                   known.concentrated, 1e-6));
    }
    CHECK(near(reports_delta(0.5, 20, 2), 4.069111172510e-01, 1e-11));
    CHECK(near(reports_delta(1, 10, 5), 3.635911827145e-01, 1e-11));
    CHECK(near(keep_probability(1), 0.7310585786, 1e-9));
    CHECK(reports_eps(1, 1, 1e-12) < 1 + 1e-9);
    CHECK(reports_delta(1, 0, 0) == 0);
    CHECK(reports_delta(0, 7, 0) == 0);
}

TEST_CASE("Renyi divergences are those that were published") {
    for (const auto& [order, value] :
         {std::pair{2.0, 0.735325664056}, {4.0, 0.895883259645}, {16.0, 0.979115887499}})
        CHECK(near(response_rdp(2 / (1 + std::exp(1.0)), 2, order), value, 1e-11));
    const std::vector<double> orders{1.5, 2.5, 5, 50, 100, HUGE_VAL};
    const std::vector<double> ten{2.6946320226546314, 2.983865364028855,  3.11316970070507,
                                  3.1854244842182466, 3.1886682560677593, 3.1918471524802814};
    const std::vector<double> twenty{5.850317703374384, 5.910360162307462, 5.930633082131939,
                                     5.94180620835157,  5.942307807732949, 5.942799375126701};
    for (std::size_t i = 0; i < orders.size(); ++i) {
        CHECK(near(response_rdp(0.3, 10, orders[i]), ten[i], 1e-9));
        CHECK(near(response_rdp(0.05, 20, orders[i]), twenty[i], 1e-9));
    }
    CHECK(response_rdp(1, 10, 2) == 0);
    CHECK(response_rdp(0, 10, 2) == HUGE_VAL);

    // q = 0.01, sigma = 2.5, 50 rounds: by quadrature of the integral with 30 digits, and what
    // dp_accounting's tests say. At orders that are no whole numbers theirs is an upper bound.
    struct Known {
        double order, exact, published;
    };
    for (const Known& known :
         {Known{5, 2.1807565623079e-3, 2.18075656e-3}, Known{50, 2.3846037538706e-2, 2.38460375e-2},
          Known{100, 167.41630754842, 1.67416308e2}, Known{1.5, 6.5007089718804e-4, 6.70579741e-4},
          Known{2.5, 1.0854180569181e-3, 1.08548710e-3}}) {
        CAPTURE(known.order);
        const double ours = 50 * gaussian_rdp(0.01, 2.5, known.order);
        CHECK(near(ours, known.exact, 1e-9));
        CHECK(ours <= known.published * (1 + 1e-7));
        CHECK(known.published <= 1.05 * ours);
    }
}

TEST_CASE("eps by Renyi divergences is that of other accountants") {
    struct Known {
        double q, sigma, rounds, delta, eps;
    };
    for (const Known& known :
         {Known{1, 1, 1, 1e-5, 4.728507067}, Known{1, 5, 100, 1e-5, 10.725509696},
          Known{0.1, 1, 100, 1e-5, 7.899255002}, Known{0.01, 1, 1000, 1e-5, 2.101365272},
          Known{0.1, 2, 50, 1e-5, 1.843951638}, Known{0.04, 1.5, 2250, 1e-5, 7.329111171484}}) {
        CAPTURE(known.sigma);
        CAPTURE(known.rounds);
        CHECK(near(gaussian_rdp_eps(known.q, known.sigma, known.rounds, known.delta), known.eps,
                   1e-9));
    }
    // The noise for which eps is 1, at the order where it is.
    CHECK(near(gaussian_rdp_eps(1, 4.530877117, 1, 1e-6, {21.98, 21.985, 21.99}), 1, 1e-8));
    // TensorFlow Privacy's own orders and examples.
    std::vector<double> theirs{1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 4.5};
    for (int whole = 5; whole < 64; ++whole) theirs.push_back(whole);
    theirs.insert(theirs.end(), {128, 256, 512});
    CHECK(near(gaussian_rdp_eps(150.0 / 60000, 1.3, 6000, 1e-5, theirs), 0.7242234026106, 1e-9));
    CHECK(near(gaussian_rdp_eps(0.001, 1, 30000, 1e-7, theirs), 1.4154988495445, 1e-9));
    CHECK(near(gaussian_rdp_eps(1024.0 / 1e8, 0.1, 976563, 1e-7, theirs), 5907982.311382, 1e-9));
    // Two epochs and 120 sampled rounds, and with half of the noise (microbatches): by quadrature
    // with 30 digits. The published ones are upper bounds.
    CHECK(near(gaussian_rdp_eps(1, 0.7, 2, 1e-5), 10.860203573969, 1e-9));
    CHECK(near(gaussian_rdp_eps(1, 0.35, 2, 1e-5), 26.288037359969, 1e-9));
    CHECK(near(gaussian_rdp_eps(0.01, 0.7, 120, 1e-5), 3.2391921939131, 1e-9));
    CHECK(near(gaussian_rdp_eps(0.01, 0.35, 120, 1e-5), 22.597035813675, 1e-9));
    CHECK(gaussian_rdp_eps(0.01, 0.7, 120, 1e-5) <= 3.2392676);
    CHECK(gaussian_rdp_eps(0.01, 0.35, 120, 1e-5) <= 22.6248601);
    // Their statement for 10,000 examples, batches of 64, 5 epochs, delta 1e-6.
    CHECK(near(gaussian_rdp_eps(1, 1, 5, 1e-6), 13.376379163358, 1e-9));
    CHECK(near(gaussian_rdp_eps(64.0 / 10000, 1, 782, 1e-6), 1.6163940513367, 1e-9));
    std::vector<double> pure, whole;
    for (int order = 2; order <= 32; ++order) {
        whole.push_back(order);
        pure.push_back(1.1);
    }
    CHECK(near(eps_of_rdp(whole, pure, 1e-5).eps, 1.32783806176, 1e-11));
    CHECK(eps_of_rdp(whole, pure, 1e-5).order == 32);
}

TEST_CASE("without sampling the Gaussian mechanism is known in closed form") {
    CHECK(near(gaussian_delta(1, 1), 1.269367375066e-01, 1e-11));
    CHECK(near(gaussian_delta(1, 0), 3.829249225480e-01, 1e-11));
    CHECK(near(gaussian_delta(2, 1), 6.829594983115e-03, 1e-11));
    CHECK(near(gaussian_eps(1, 1e-5), 4.377178096, 1e-9));
    CHECK(near(gaussian_eps(0.5, 1e-5), 9.997256146, 1e-9));
}

TEST_CASE("the distribution of the privacy loss gives what closed forms and others give") {
    CHECK(near(ComposedLoss(gaussian_loss_removed(1, std::sqrt(3.0)), 3).delta(1), 0.1269367375,
               1e-5));
    CHECK(near(ComposedLoss(gaussian_loss_removed(0.2, 0.5), 3).delta(1), 0.15593278, 1e-5));
    if (FEDHASH_SANITIZED) return;  // the same code, a minute longer
    CHECK(near(gaussian_pld_eps(1, 0.7, 2, 1e-5), 10.12249458, 1e-5));
    CHECK(near(gaussian_pld_eps(1, 0.35, 2, 1e-5), 24.716077860092, 1e-5));
    CHECK(near(gaussian_pld_eps(0.01, 0.7, 120, 1e-5), 2.4612377, 1e-5));
    CHECK(near(gaussian_pld_eps(0.01, 0.35, 120, 1e-5), 18.697705, 1e-5));
    CHECK(near(gaussian_pld_eps(1, 1, 5, 1e-6), 12.595246735507, 1e-5));
    CHECK(near(gaussian_pld_eps(64.0 / 10000, 1, 782, 1e-6), 1.198646, 1e-5));
    // Opacus publishes an upper estimate, 6.777395712150674, with an error of 0.01.
    const double opacus = gaussian_pld_eps(0.04, 1.5, 2249, 1e-5);
    CHECK(near(opacus, 6.767044, 1e-5));
    CHECK(opacus <= 6.777395712150674);
    CHECK(6.777395712150674 <= opacus + 0.012);
}

TEST_CASE("the loss of randomised response, composed numerically, is its exact composition") {
    const double eps = 0.5, keep = keep_probability(eps);  // +eps when it keeps, -eps when it lies
    const PrivacyLoss loss{[=](double l) { return l < -eps  ? 0
                                                  : l < eps ? 1 - keep
                                                            : 1; },
                           [=](double l) { return l < -eps  ? 1
                                                  : l < eps ? keep
                                                            : 0; },
                           eps * (2 * keep - 1)};
    const ComposedLoss composed(loss, 20);
    for (const double at : {0.25, 1.1, 2.0, 4.9})
        CHECK(near(composed.delta(at), reports_delta(eps, 20, at), 1e-7));
}

TEST_CASE("more noise, fewer rounds and a larger delta never cost more") {
    CHECK(gaussian_rdp(0, 1, 4) == 0);
    CHECK(gaussian_rdp(0.1, 0, 4) == HUGE_VAL);
    CHECK(near(gaussian_rdp(1, 2, 4), 0.5, 1e-15));
    double before = HUGE_VAL;
    for (const double sigma : {0.5, 0.7, 1.0, 2.0, 4.0}) {
        const double eps = gaussian_rdp_eps(0.1, sigma, 20, 1e-5);
        CHECK(eps < before);
        before = eps;
    }
    CHECK(gaussian_rdp_eps(0.1, 1, 20, 1e-5) < gaussian_rdp_eps(0.1, 1, 40, 1e-5));
    CHECK(gaussian_rdp_eps(0.1, 1, 20, 1e-4) < gaussian_rdp_eps(0.1, 1, 20, 1e-5));
    CHECK(gaussian_rdp_eps(1, 1, 1, 1e-5) > gaussian_eps(1, 1e-5));
}

// As a program of the theorem's authors (apple/ml-shuffling-amplification) computes it.
TEST_CASE("shuffling amplifies as published, within its range") {
    struct Known {
        std::uint64_t reports;
        double each, delta, eps, most;
    };
    for (const Known& known :
         {Known{100'000, 4, 1e-6, 0.537804024, 6.0189}, Known{10'000, 1, 1e-6, 0.233265596, 3.7163},
          Known{6040, 1, 1e-6, 0.295993167, 3.2122}, Known{6040, 2, 1e-6, 0.638787174, 3.2122},
          Known{1'000'000, 1, 1e-8, 0.027175158, 8.0569},
          Known{943, 0.5, 1e-5, 0.318768822, 1.5193}}) {
        CAPTURE(known.reports);
        CHECK(std::abs(shuffled_epsilon(known.each, known.reports, known.delta) - known.eps) <
              1e-9);
        CHECK(std::abs(most_shuffled_epsilon(known.reports, known.delta) - known.most) < 1e-4);
    }
    CHECK(shuffled_epsilon(3.3, 6040, 1e-6) == 3.3);  // beyond it nothing is claimed
    CHECK(shuffled_epsilon(1, 10, 1e-6) == 1);
    CHECK(shuffled_epsilon(0, 6040, 1e-6) == 0);
}
