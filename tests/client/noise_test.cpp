// Noise that users add under masks: its distribution, and how much of it there is in a sum.
#include "client/noise.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "client/discrete_gaussian.hpp"
#include "common/noise.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

/// P(x) of the discrete Gaussian, by its definition.
double expected(std::int64_t x, double variance) {
    double all = 0;
    for (std::int64_t y = -200; y <= 200; ++y)
        all += std::exp(-static_cast<double>(y * y) / (2 * variance));
    return std::exp(-static_cast<double>(x * x) / (2 * variance)) / all;
}

Variant noisy_variant() {
    Variant variant;
    variant.bits = 16;
    variant.privacy.row_cap = 10;
    variant.privacy.noise_q8 = 256;
    variant.privacy.noise_clip = 50;
    variant.privacy.noise_users = 20;
    return variant;
}

}  // namespace

TEST_CASE("integers are drawn as often as the discrete Gaussian has them") {
    for (const std::uint64_t variance : {1u, 2u, 9u, 40u}) {
        CAPTURE(variance);
        Stream random = stream(7, Purpose::sum_noise, variance);
        constexpr int draws = 100'000;
        std::map<std::int64_t, int> seen;
        for (int n = 0; n < draws; ++n) ++seen[discrete_gaussian(variance, random)];
        double chi_square = 0;
        int cells = 0;
        for (std::int64_t x = -30; x <= 30; ++x) {
            const double mean = draws * expected(x, static_cast<double>(variance));
            if (mean < 20) continue;
            chi_square += (seen[x] - mean) * (seen[x] - mean) / mean;
            ++cells;
        }
        // Mean cells - 1, deviation sqrt(2 (cells - 1)): five of them.
        CHECK(chi_square < cells + 5 * std::sqrt(2.0 * cells));
    }
    Stream random(1);
    CHECK(discrete_gaussian(0, random) == 0);
}

TEST_CASE("large variances keep their moments") {
    for (const double deviation : {1e3, 1e6, 2e8}) {
        CAPTURE(deviation);
        Stream random(3);
        const auto variance = static_cast<std::uint64_t>(deviation * deviation);
        double sum = 0, square = 0;
        constexpr int draws = 20'000;
        for (int n = 0; n < draws; ++n) {
            const auto x = static_cast<double>(discrete_gaussian(variance, random)) / deviation;
            sum += x;
            square += x * x;
        }
        CHECK(std::abs(sum / draws) < 5 / std::sqrt(double(draws)));
        CHECK(square / draws == doctest::Approx(1).epsilon(5 * std::sqrt(2.0 / draws)));
    }
}

TEST_CASE("the parts' noise adds up to the budget: rho = 1 / (2 z^2), or less") {
    Variant variant = noisy_variant();
    for (const std::uint32_t users : {1u, 20u, 150u}) {
        variant.privacy.noise_users = users;
        double rho = 0, shares = 0;
        for (const PartNoise& part : noise_of(variant)) {
            rho += part.bound * part.bound / (2 * users * static_cast<double>(part.variance));
            shares += part.share;
            CHECK(part.variance >= 4);
        }
        CHECK(shares == doctest::Approx(1));
        CHECK(rho <= 0.5 + 1e-12);
        CHECK(rho > (users == 1 ? 0.49 : 0.3));
    }
    variant.privacy.noise_q8 = 0;
    for (const PartNoise& part : noise_of(variant)) CHECK(part.variance == 0);
}

TEST_CASE("a user cuts its rows, adds noise of its own, and leaves the number of users alone") {
    const Variant variant = noisy_variant();
    const AggregateShape shape{16, 400, 0, false};
    Aggregate alone(shape);
    alone.users = 1;
    alone.rows[0] = 1000;
    alone.rows[1] = -1000;
    const auto noisy = [&](std::uint32_t user, std::uint32_t round) {
        Aggregate sum = alone;
        add_noise(variant, 3, UserId{user}, round, sum);
        return sum;
    };
    const Aggregate first = noisy(1, 1);
    CHECK(noisy(1, 1) == first);
    CHECK(noisy(1, 2) != first);
    CHECK(noisy(2, 1) != first);
    CHECK(first.users == 1);
    double square = 0, cut = 0;
    for (std::size_t i = 32; i < first.rows.size(); ++i)
        square += static_cast<double>(first.rows[i] * first.rows[i]);
    const auto variance =
        static_cast<double>(noise_of(variant)[static_cast<std::size_t>(NoisePart::rows)].variance);
    CHECK(square / static_cast<double>(first.rows.size() - 32) ==
          doctest::Approx(variance).epsilon(0.1));
    constexpr int users = 200;
    for (int user = 0; user < users; ++user)
        cut += static_cast<double>(noisy(static_cast<std::uint32_t>(user), 1).rows[0]);
    CHECK(cut / users == doctest::Approx(50).epsilon(0.3 * std::sqrt(variance) / 50));
    for (std::size_t a = 0; a < 16; ++a)
        for (std::size_t b = 0; b < 16; ++b)
            CHECK(first.gram[a * 16 + b] == first.gram[b * 16 + a]);
}
