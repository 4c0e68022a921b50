// Planes that the curvature rule fits on a round's sums: whitening, bit weights, item bias.
#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "common/random.hpp"
#include "common/similarity.hpp"
#include "common/uplink.hpp"
#include "common/wire/archive.hpp"
#include "server/bit_weights.hpp"
#include "server/item_bias.hpp"
#include "server/whitening.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

constexpr std::uint32_t users = 90, items = 70;

Variant variant_of(std::uint32_t bits) {
    Variant variant;
    variant.bits = bits;
    variant.uplink = "residual";
    return variant;
}

struct Heard {
    Variant variant;
    Codes codes;  // of users
    Tables tables;
    Aggregate sums;
};

/// Users list items that a hidden weight of bits makes them like.
Heard hear(std::uint64_t seed, Variant variant, const std::vector<double>& hidden = {}) {
    Heard heard{
        variant, Codes(variant.bits, users), initial_tables(seed, variant, items, false), {}};
    const auto uplink = find_uplink("residual").make(variant);
    heard.sums = Aggregate(uplink->shape(items));
    Stream random = stream(seed, Purpose::generator);
    const std::int64_t target = 16 * variant.bits * bit_weight_one(variant) / 2;
    for (std::uint32_t u = 0; u < users; ++u) {
        randomise(heard.codes.row(u), variant.bits, random);
        std::vector<ItemId> listed;
        for (std::uint32_t i = 0; i < items; ++i) {
            double liking = double(random() % 1000) / 1000 - 0.5;
            for (std::uint32_t a = 0; a < hidden.size(); ++a)
                liking +=
                    hidden[a] * sign(heard.codes.row(u), a) * sign(heard.tables.codes.row(i), a);
            if (liking < 0.5 - double(i) / items) continue;
            listed.push_back(ItemId{i});
        }
        Said said;
        said.items = listed;
        said.code = heard.codes.row(u);
        said.target = target;
        wire::Buffer body;
        wire::ByteWriter to(body);
        uplink->say(to, said, heard.tables);
        wire::ByteReader from(body);
        uplink->hear(from, heard.tables, heard.sums);
    }
    return heard;
}

}  // namespace

TEST_CASE("the whitened codes have mean zero and the identity as covariance") {
    for (const char* name : {"hamming", "projected", "weighted"})
        for (std::uint32_t bits : {8u, 16u, 33u}) {
            CAPTURE(name);
            CAPTURE(bits);
            Variant variant = variant_of(bits);
            variant.similarity = name;
            if (variant.similarity == "weighted") variant.bit_weight_bits = 4;
            const Heard heard = hear(bits, variant);
            const CodeSums sums = sums_of_users(heard.sums, find_similarity(name),
                                                heard.tables.plane(PlaneId::bit_weights));
            const CodeSums direct = sums_of_items(heard.codes);  // rows of codes, whoever's
            CHECK(sums.count == direct.count);
            CHECK((sums.total - direct.total).norm() < 1e-9);
            CHECK((sums.gram - direct.gram).norm() < 1e-9);
            const Whitening whitening = whiten(sums);
            const Plane plane = plane_of(whitening);
            Eigen::MatrixXd X(users, bits);
            for (std::uint32_t u = 0; u < users; ++u) {
                Eigen::VectorXd b(bits), x = Eigen::VectorXd::Zero(bits);
                for (std::uint32_t a = 0; a < bits; ++a)
                    b(a) = sign(heard.codes.row(u), a) - plane.at(a, bits);
                for (std::uint32_t a = 0; a < bits; ++a)
                    for (std::uint32_t c = 0; c < bits; ++c) x(a) += plane.at(a, c) * b(c);
                X.row(u) = x;
            }
            CHECK(X.colwise().mean().norm() < 0.02);
            const Eigen::MatrixXd covariance = X.transpose() * X / double(users);
            CHECK((covariance - Eigen::MatrixXd::Identity(bits, bits)).cwiseAbs().maxCoeff() <
                  0.02);
        }
}

TEST_CASE("whitening survives codes that do not span") {
    Codes codes(24, 60);
    Stream random = stream(3, Purpose::generator);
    for (std::size_t i = 0; i < 60; ++i) {
        randomise(codes.row(i), 24, random);
        for (std::uint32_t a = 12; a < 24; ++a)  // a copy, and a constant bit
            if (bit(codes.row(i), a) != bit(codes.row(i), a - 12)) flip(codes.row(i), a);
        if (!bit(codes.row(i), 5)) flip(codes.row(i), 5);
    }
    const Whitening whitening = whiten(sums_of_items(codes));
    CHECK(whitening.W.allFinite());
    CHECK(whitening.W.cwiseAbs().maxCoeff() <= 8 + 1e-9);
    const Whitening nobody = whiten({0, Eigen::VectorXd::Zero(24), Eigen::MatrixXd::Zero(24, 24)});
    CHECK(nobody.W.allFinite());
}

TEST_CASE("fitted bit weights follow what bits are worth, within their range") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        Variant variant = variant_of(16);
        variant.similarity = "weighted";
        variant.bit_weight_bits = 4;
        std::vector<double> hidden(16, 0.01);
        for (std::uint32_t a = 0; a < 8; ++a) hidden[a] = 0.25;
        const Heard heard = hear(seed, variant, hidden);
        const Plane fitted = fit_bit_weights(variant, heard.tables, heard.sums);
        double strong = 0, weak = 0;
        for (std::uint32_t a = 0; a < 16; ++a) {
            CHECK(fitted.values[a] >= 1);
            CHECK(fitted.values[a] <= most_bit_weight(variant));
            (a < 8 ? strong : weak) += fitted.values[a];
        }
        CHECK(strong > 1.5 * weak);
        variant.component_bits = 5;
        const Plane shared = fit_bit_weights(variant, heard.tables, heard.sums);
        for (std::uint32_t a = 0; a < 16; ++a) CHECK(shared.values[a] == shared.values[a / 5 * 5]);
    }
}

TEST_CASE("an item's bias is the logarithm of its raters, around zero") {
    Variant variant = variant_of(16);
    variant.bias_bits = 8;
    const Heard heard = hear(5, variant);
    const Plane bias = fit_item_bias(variant, heard.sums);
    REQUIRE(bias.rows == items);
    double sum = 0;
    for (std::uint32_t i = 0; i < items; ++i) {
        sum += bias.at(i, 0);
        for (std::uint32_t j = 0; j < items; ++j) {
            const double apart = std::log2(double(heard.sums.counts[i] + 10)) -
                                 std::log2(double(heard.sums.counts[j] + 10));
            CHECK(std::abs(bias.at(i, 0) - bias.at(j, 0) - apart) <= bias.steps[0] / 16.0 + 1e-9);
        }
    }
    CHECK(std::abs(sum / items) < 0.5 * bias.steps[0] / 16.0);
    variant.bias_bits = 3;
    const Plane rough = fit_item_bias(variant, heard.sums);
    for (std::int16_t value : rough.values) CHECK(std::abs(value) <= 3 * rough.steps[0]);
    // Nobody heard: no bias.
    const Plane none = fit_item_bias(variant, Aggregate(heard.sums.shape));
    for (std::int16_t value : none.values) CHECK(value == 0);
}
