// Rounding real factors to codes.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "server/quantisers/quantisers.hpp"

namespace fedhash::server {
namespace {

RealModel made_model(std::uint64_t seed, Eigen::Index items, Eigen::Index width) {
    RealModel model;
    Stream random = stream(seed, Purpose::generator);
    model.factors.resize(items, width);
    for (Eigen::Index i = 0; i < items; ++i)
        for (Eigen::Index a = 0; a < width; ++a)  // unequal directions, and off centre
            model.factors(i, a) = (std::popcount(random()) - 32 + 2) / (4.0 + double(a));
    model.counts.assign(std::size_t(items), 1.0);
    model.gram = Eigen::MatrixXd::Identity(width, width);
    return model;
}

std::int64_t ones(const Codes& codes, std::uint32_t a) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < codes.rows; ++i) count += bit(codes.row(i), a) ? 1 : 0;
    return count;
}

double off_orthogonal(const Eigen::MatrixXd& R) {
    return (R.transpose() * R - Eigen::MatrixXd::Identity(R.cols(), R.cols())).norm();
}

TEST_CASE("the error of iterative quantisation never rises") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        const RealModel model = made_model(seed, 200, 16);
        std::vector<double> errors;
        const Eigen::MatrixXd R = itq(model.factors, seed, 40, &errors);
        REQUIRE(errors.size() == 40);
        for (std::size_t t = 1; t < errors.size(); ++t)
            CHECK(errors[t] <= errors[t - 1] * (1 + 1e-12));
        CHECK(errors.back() < errors.front());
        CHECK(off_orthogonal(R) < 1e-9);
    }
}

TEST_CASE("rotations are orthogonal, have fixed signs and come from the seed") {
    for (Eigen::Index q : {1, 2, 8, 64}) {
        CAPTURE(q);
        const Eigen::MatrixXd R = random_rotation(q, 5);
        CHECK(off_orthogonal(R) < 1e-9);
        CHECK(R == random_rotation(q, 5));
        if (q > 1) CHECK(R != random_rotation(q, 6));
        for (Eigen::Index a = 0; a < q; ++a) CHECK(R.col(a).maxCoeff() >= -R.col(a).minCoeff());
    }
}

TEST_CASE("a Procrustes solution is orthogonal also where directions are missing") {
    Eigen::MatrixXd X = Eigen::MatrixXd::Zero(6, 6);
    X.topLeftCorner(3, 3) << 2, 1, 0, 0, 3, 1, 1, 0, 1;
    const Eigen::MatrixXd R = procrustes(X);
    CHECK(off_orthogonal(R) < 1e-8);
    // No other rotation does better.
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        CHECK((random_rotation(6, seed).transpose() * X).trace() <=
              (R.transpose() * X).trace() + 1e-9);
    CHECK(off_orthogonal(procrustes(Eigen::MatrixXd::Zero(4, 4))) < 1e-8);
}

TEST_CASE("balanced codes have exactly half of the items at +1, medians at most half") {
    for (Eigen::Index items : {0, 1, 2, 63, 64, 101}) {
        CAPTURE(items);
        RealModel model = made_model(3, items, 8);
        if (items > 2) model.factors.col(3).setConstant(0.5);  // all alike
        const Quantised balanced = quantise_balanced(model, {8, 1, 1});
        const Quantised medians = quantise_median(model, {8, 1, 1});
        for (std::uint32_t a = 0; a < 8; ++a) {
            CHECK(ones(balanced.codes, a) == items / 2);
            CHECK(ones(medians.codes, a) <= items / 2);
        }
    }
    const Quantised signs = quantise_sign(made_model(3, 101, 8), {8, 1, 1});
    CHECK(ones(signs.codes, 0) > 55);  // off centre: signs are not balanced
}

TEST_CASE("a published map gives an item's own factors the item's own code") {
    const RealModel model = made_model(9, 50, 16);
    for (const auto quantise : {quantise_sign, quantise_rotation, quantise_itq}) {
        const Quantised result = quantise(model, {16, 1, 4});
        REQUIRE(result.rotation.cols() == 16);
        for (Eigen::Index i = 0; i < 50; ++i) {
            const Eigen::VectorXd turned = result.rotation * model.factors.row(i).transpose();
            for (std::uint32_t a = 0; a < 16; ++a)
                if (std::abs(turned(a)) > 1e-9)
                    CHECK(bit(result.codes.row(std::size_t(i)), a) == (turned(a) > 0));
        }
    }
}

TEST_CASE("where items have thresholds, users get the mean of their turned vectors") {
    RealModel model = made_model(9, 50, 16);
    CHECK(quantise_median(model, {16, 1, 4}).rotation.cols() == 16);  // no mean: 0
    model.mean_user = Eigen::VectorXd::LinSpaced(16, -1, 1);
    const Quantised result = quantise_itq_median(model, {16, 1, 4});
    REQUIRE(result.rotation.cols() == 17);
    CHECK((result.rotation.leftCols(16) * model.mean_user - result.rotation.col(16)).norm() < 1e-9);
    CHECK(quantise_itq(model, {16, 1, 4}).rotation.cols() == 16);
}

}  // namespace
}  // namespace fedhash::server
