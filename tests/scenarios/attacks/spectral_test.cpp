// The cells of random codes: five levels of ratings, r^ = 1/2 + s b.d with s = 1/(2 f), rows
// sgn(e b + s d); bits right up to one sign, over 40 users.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;

namespace {

double bits_right(std::uint32_t bits, std::uint32_t rated) {
    constexpr int users = 40;
    double sum = 0;
    for (int trial = 0; trial < users; ++trial) {
        MadeSight made(bits, rated, "votes");
        Stream random = stream(5, Purpose::user_code, static_cast<std::uint64_t>(trial), bits);
        const std::vector<std::uint64_t> code = fill(made, random);
        server::Observation seen{1, UserId{0}, 10, {}, {}, {}};
        for (std::uint32_t i = 0; i < rated; ++i) {
            const CodeView item = made.published.row(i);
            const double s = 0.5 / bits, guess = 0.5 + s * dot(code, item, bits);
            const double noise = 0.5 * (static_cast<double>(random() % 1001) / 1000 - 0.5);
            const double rating = std::round(4 * std::clamp(guess + noise, 0.0, 1.0)) / 4;
            seen.items.push_back(ItemId{i});
            seen.weights.push_back(0);
            for (std::uint32_t k = 0; k < bits; ++k)
                seen.rows.push_back((rating - guess) * sign(code, k) + s * sign(item, k) > 0 ? 1
                                                                                             : -1);
        }
        made.seen.push_back(seen);
        const auto claim = scenarios::attacks::spectral(made.sight()).at(0);
        const double right = (dot(claim.code, code, bits) + static_cast<double>(bits)) / (2 * bits);
        sum += std::max(right, 1 - right);
    }
    return sum / users;
}

/// A6 on rows of 32 signs, 20 observed items among 100, each sign said by randomised response at
/// `epsilon` (0: as it is) in each of so many rounds, and these added up: AUC, over 50 users.
double labels_auc(double epsilon, int rounds) {
    constexpr std::uint32_t bits = 32, listed = 100, observed = 20;
    constexpr int users = 50;
    const double lie = epsilon == 0 ? 0 : 1 / (1 + std::exp(epsilon));
    double sum = 0;
    for (int trial = 0; trial < users; ++trial) {
        MadeSight made(bits, listed, "votes");
        Stream random = stream(7, Purpose::user_code, static_cast<std::uint64_t>(trial));
        const std::vector<std::uint64_t> code = fill(made, random);
        server::Observation seen{1, UserId{0}, 10, {}, {}, {}};
        for (std::uint32_t i = 0; i < listed; ++i) {
            seen.items.push_back(ItemId{i});
            for (std::uint32_t k = 0; k < bits; ++k) {
                const int said = (i < observed ? 1 : -1) * sign(code, k);
                int votes = 0;
                for (int round = 0; round < rounds; ++round)
                    votes += static_cast<double>(random() >> 11) * 0x1p-53 < lie ? -said : said;
                seen.rows.push_back(votes);
            }
        }
        seen.weights.resize(listed);
        made.seen.push_back(seen);
        const auto claim = scenarios::attacks::spectral_labels(made.sight()).at(0);
        double above = 0;
        for (std::uint32_t i = 0; i < observed; ++i)
            for (std::uint32_t j = observed; j < listed; ++j)
                above += claim.belief[i] > claim.belief[j]    ? 1
                         : claim.belief[i] == claim.belief[j] ? 0.5
                                                              : 0;
        sum += above / (observed * (listed - observed));
    }
    return sum / users;
}

}  // namespace

TEST_CASE("signs of a hundred rows give a code away, up to one sign, five nearly do") {
    for (const std::uint32_t bits : {32u, 64u}) {
        CAPTURE(bits);
        CHECK(bits_right(bits, 100) >= 0.99);
        CHECK(bits_right(bits, 20) >= 0.95);
        CHECK(bits_right(bits, 5) >= 0.85);
    }
}

TEST_CASE("labels: rows of drawn items point the other way") {
    MadeSight made(64, 50, "votes");
    Stream random = stream(6, Purpose::user_code, 0);
    const std::vector<std::uint64_t> code = fill(made, random);
    server::Observation seen{1, UserId{0}, 10, {}, {}, {}};
    for (std::uint32_t i = 0; i < 50; ++i) {
        seen.items.push_back(ItemId{i});
        seen.weights.push_back(0);
        const int side = i % 5 == 0 ? 1 : -1;
        for (std::uint32_t k = 0; k < 64; ++k)
            seen.rows.push_back(random() % 10 == 0 ? 1 : side * sign(code, k));
    }
    made.seen.push_back(seen);
    const auto claim = scenarios::attacks::spectral_labels(made.sight()).at(0);
    REQUIRE(claim.belief.size() == 50);
    for (std::size_t i = 0; i < 50; ++i) CHECK((claim.belief[i] > 0) == (i % 5 == 0));
}

TEST_CASE("labels behind randomised response on every sign: gone in one round, back after ten") {
    CHECK(labels_auc(0, 1) == 1);
    CHECK(labels_auc(1, 1) >= 0.99);
    CHECK(std::abs(labels_auc(0.5, 1) - 0.964) < 0.05);
    CHECK(labels_auc(0.5, 10) >= 0.99);
    CHECK(std::abs(labels_auc(0.1, 1) - 0.5) < 0.05);
    CHECK(labels_auc(0.1, 20) > 0.85);
}

TEST_CASE("an upload without a row is claimed to say nothing") {
    MadeSight made(64, 5, "votes");
    made.seen.push_back({1, UserId{0}, 10, {}, {}, {}});
    CHECK(scenarios::attacks::spectral(made.sight()).at(0).code.empty());
    CHECK(scenarios::attacks::spectral_labels(made.sight()).at(0).belief.empty());
}
