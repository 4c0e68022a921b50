#include "client/private_vector.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>

#include "tests/client/made_users.hpp"
#include "tests/reference.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

Shared published(std::uint32_t bits, std::size_t items) {
    Stream random(bits);
    Shared shared;
    shared.items = reference::random_codes(bits, items, random);
    shared.items_changed(1);
    shared.derive();
    return shared;
}

Eigen::MatrixXd dense(const Codes& codes) {
    Eigen::MatrixXd D(codes.rows, codes.bits);
    for (std::size_t i = 0; i < codes.rows; ++i)
        for (std::uint32_t a = 0; a < codes.bits; ++a)
            D(static_cast<Eigen::Index>(i), a) = sign(codes.row(i), a);
    return D;
}

}  // namespace

TEST_CASE("the private vector solves the normal equations of the user step of implicit ALS") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u, 128u}) {
        for (double a0 : {0.0, 0.01, 0.25, 3.0}) {
            const Shared shared = published(bits, 90);
            const Eigen::MatrixXd D = dense(shared.items);
            const auto made = tests::make_users(bits, 5, 90);
            Workspace work;
            for (const UserData& user : made.users) {
                CAPTURE(bits);
                CAPTURE(a0);
                CAPTURE(index(user.user));
                const auto n = static_cast<Eigen::Index>(user.train.size());
                Eigen::MatrixXd R(n, bits);
                for (Eigen::Index j = 0; j < n; ++j)
                    R.row(j) = D.row(static_cast<Eigen::Index>(
                        index(user.train[static_cast<std::size_t>(j)].item)));
                const double lambda = std::sqrt(static_cast<double>(n) + a0 * 90);
                const Eigen::MatrixXd left = a0 * D.transpose() * D + R.transpose() * R +
                                             lambda * Eigen::MatrixXd::Identity(bits, bits);
                const Eigen::VectorXd expected =
                    left.fullPivLu().solve(R.transpose() * Eigen::VectorXd::Ones(n));
                const std::vector<double> got = fit_private_vector(user, shared, a0, work);
                REQUIRE(got.size() == bits);
                const Eigen::VectorXd x = Eigen::Map<const Eigen::VectorXd>(got.data(), bits);
                CHECK((x - expected).norm() <= 1e-10 * (1 + expected.norm()));
                CHECK(fit_private_vector(user, shared, a0, work) == got);
            }
        }
    }
}

TEST_CASE("a user without ratings has the zero vector, with and without the interaction term") {
    const Shared shared = published(16, 30);
    Workspace work;
    for (double a0 : {0.0, 0.25}) {
        CAPTURE(a0);
        for (double entry : fit_private_vector(UserData{}, shared, a0, work)) CHECK(entry == 0.0);
    }
}

TEST_CASE("scores by table look-up are the plain inner products") {
    for (std::uint32_t bits : {8u, 9u, 63u, 64u, 65u, 127u, 256u}) {
        CAPTURE(bits);
        Stream random(bits);
        const Codes items = reference::random_codes(bits, 100, random);
        std::vector<double> vector(bits), whole(bits);
        for (std::uint32_t a = 0; a < bits; ++a) {
            vector[a] = std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5;
            whole[a] = static_cast<double>(random() % 2001) - 1000;
        }
        std::vector<double> scores(3, -1), exact;
        score_private_vector(vector, items, scores);
        score_private_vector(whole, items, exact);
        REQUIRE(scores.size() == 100);
        for (std::size_t i = 0; i < 100; ++i) {
            double plain = 0, plain_exact = 0;
            for (std::uint32_t a = 0; a < bits; ++a) {
                plain += vector[a] * sign(items.row(i), a);
                plain_exact += whole[a] * sign(items.row(i), a);
            }
            REQUIRE(std::abs(scores[i] - plain) < 1e-12 * bits);
            REQUIRE(exact[i] == plain_exact);  // whole numbers: no rounding anywhere
        }
    }
}
