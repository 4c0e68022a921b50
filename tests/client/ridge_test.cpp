#include "client/ridge.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>

#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

/// Codes and boxed factors of `bits`, a mixing plane for teacher vectors of `q`, and item weights.
Shared published(std::uint32_t bits, std::size_t items, std::uint32_t q = 0, bool weighs = false) {
    Stream random(bits);
    Variant variant;
    variant.bits = bits;
    Shared shared;
    shared.tables = tests::random_tables(variant, items, random);
    if (q > 0) {
        Plane& mixing = shared.tables.plane(PlaneId::mixing);
        mixing = {bits, q, 4, 12, {1}, {}};
        for (std::size_t j = 0; j < std::size_t{bits} * q; ++j)
            mixing.values.push_back(static_cast<std::int16_t>(tests::between(-300, 300, random)));
    }
    if (weighs) {
        Plane& weights = shared.tables.plane(PlaneId::item_weights);
        weights = {static_cast<std::uint32_t>(items), 1, 6, 9, {1}, {}};
        for (std::size_t i = 0; i < items; ++i)
            weights.values.push_back(static_cast<std::int16_t>(tests::between(0, 255, random)));
    }
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

Eigen::MatrixXd dense(const Plane& plane) {
    Eigen::MatrixXd P(plane.rows, plane.cols);
    for (std::uint32_t r = 0; r < plane.rows; ++r)
        for (std::uint32_t c = 0; c < plane.cols; ++c) P(r, c) = plane.at(r, c);
    return P;
}

Eigen::VectorXd reals(std::span<const double> values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

/// The problem as its header writes it, on item vectors Z with weights g.
struct Problem {
    Eigen::MatrixXd M;
    Eigen::VectorXd v;
};
Problem plainly(const UserData& user, const Eigen::MatrixXd& Z, const Eigen::VectorXd& g,
                const RidgeTerms& terms, const Eigen::MatrixXd& mixing, const Eigen::VectorXd& t) {
    const Eigen::Index k = Z.cols();
    Problem problem{terms.ridge * Eigen::MatrixXd::Identity(k, k), Eigen::VectorXd::Zero(k)};
    for (Eigen::Index i = 0; i < Z.rows(); ++i)
        problem.M += terms.interaction * g(i) * Z.row(i).transpose() * Z.row(i);
    for (const Rating& rating : user.train) {
        const auto i = static_cast<Eigen::Index>(index(rating.item));
        problem.M += Z.row(i).transpose() * Z.row(i);
        problem.v += Z.row(i).transpose();
    }
    if (t.size() > 0) problem.v += terms.interaction * terms.prior * mixing * t;
    return problem;
}

void check_lowered(const Workspace& work, const Problem& problem) {
    const Eigen::Index k = problem.v.size();
    REQUIRE(work.right.size() == std::size_t(k));
    REQUIRE(work.normal.size() == std::size_t(k * k));
    const Eigen::Map<const Eigen::MatrixXd> M(work.normal.data(), k, k);
    CHECK((M - problem.M).norm() <= 1e-11 * (1 + problem.M.norm()));
    CHECK((reals(work.right) - problem.v).norm() <= 1e-11 * (1 + problem.v.norm()));
    const Eigen::VectorXd expected = problem.M.fullPivLu().solve(problem.v);
    const Eigen::VectorXd x = reals(solve_ridge(work));
    CHECK((x - expected).norm() <= 1e-9 * (1 + expected.norm()));
}

}  // namespace

TEST_CASE("the private vector solves the normal equations of the user step of implicit ALS") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u, 128u}) {
        for (double a0 : {0.0, 0.01, 0.25, 3.0}) {
            const Shared shared = published(bits, 90);
            const Eigen::MatrixXd D = dense(shared.tables.codes);
            const auto made = tests::make_users(bits, 5, 90);
            Workspace work;
            for (const UserData& user : made.users) {
                CAPTURE(bits);
                CAPTURE(a0);
                CAPTURE(index(user.user));
                const double n = static_cast<double>(user.train.size());
                const RidgeTerms terms{a0, 0, code_ridge(user.train.size(), a0, 90)};
                CHECK(terms.ridge == std::sqrt(n + a0 * 90));
                lower_on_codes(user, shared, {}, terms, false, work);
                check_lowered(work, plainly(user, D, Eigen::VectorXd::Ones(90), terms, {}, {}));
                const std::vector<double> got = solve_ridge(work);
                lower_on_codes(user, shared, {}, terms, false, work);
                CHECK(solve_ridge(work) == got);
            }
        }
    }
}

TEST_CASE("on real factors it does, too, with weights of the items and the teacher's prior") {
    for (std::uint32_t bits : {8u, 24u, 65u}) {
        for (bool weighs : {false, true}) {
            const Shared shared = published(bits, 90, 12, weighs);
            const Eigen::MatrixXd Y = dense(shared.tables.plane(PlaneId::factors));
            const Eigen::VectorXd g =
                weighs ? Eigen::VectorXd(dense(shared.tables.plane(PlaneId::item_weights)).col(0))
                       : Eigen::VectorXd(Eigen::VectorXd::Ones(90));
            const auto made = tests::make_users(bits, 5, 90);
            Workspace work;
            Stream random(bits);
            for (const UserData& user : made.users) {
                CAPTURE(bits);
                CAPTURE(weighs);
                CAPTURE(index(user.user));
                Learnt learnt;
                for (int b = 0; b < 12; ++b)
                    learnt.teacher.push_back(
                        static_cast<std::int16_t>(tests::between(-4096, 4096, random)));
                Eigen::VectorXd t(12);
                for (Eigen::Index b = 0; b < 12; ++b)
                    t(b) = std::ldexp(double(learnt.teacher[std::size_t(b)]), -12);
                const Eigen::MatrixXd mixing = dense(shared.tables.plane(PlaneId::mixing));
                const RidgeTerms terms{0.3, 0.8, 2.5};
                lower_on_factors(user, shared, learnt, terms, work);
                check_lowered(work, plainly(user, Y, g, terms, mixing, t));
                lower_on_codes(user, shared, learnt, terms, false, work);
                check_lowered(work, plainly(user, dense(shared.tables.codes),
                                            Eigen::VectorXd::Ones(90), terms, mixing, t));
                // Without a teacher, or without weight on it, there is no prior.
                lower_on_codes(user, shared, {}, terms, false, work);
                const std::vector<double> stranger = work.right;
                lower_on_codes(user, shared, learnt, {0.3, 0, 2.5}, false, work);
                CHECK(work.right == stranger);
            }
        }
    }
}

TEST_CASE("a user without ratings has the zero vector, with and without the interaction term") {
    const Shared shared = published(16, 30);
    Workspace work;
    for (double a0 : {0.0, 0.25}) {
        CAPTURE(a0);
        const RidgeTerms terms{a0, 0, code_ridge(0, a0, 30)};
        lower_on_codes(UserData{}, shared, {}, terms, false, work);
        for (double entry : solve_ridge(work)) CHECK(entry == 0.0);
        lower_on_factors(UserData{}, shared, {}, terms, work);
        for (double entry : solve_ridge(work)) CHECK(entry == 0.0);
    }
}

TEST_CASE("a vector goes to the nearest step of 1/4096, within what an upload can say") {
    const std::vector<double> reals{0, 1, -1, 0.5 / 4096, -0.4 / 4096, 7.9999, 8.1, -100, 1e300};
    CHECK(in_steps(reals) ==
          std::vector<std::int16_t>{0, 4096, -4096, 1, 0, 32767, 32767, -32767, 32767});
}

TEST_CASE("with a bias the problem is that on [d, 1, bias]") {
    for (std::uint32_t bits : {8u, 24u, 65u}) {
        Stream random(bits);
        Shared shared;
        Variant variant;
        variant.bits = bits;
        variant.bias_bits = 5;
        shared.tables = tests::random_tables(variant, 90, random);
        shared.derive();
        Eigen::MatrixXd Z = dense(shared.tables.codes);
        Z.conservativeResize(90, bits + 2);
        Z.col(bits).setOnes();
        Z.col(bits + 1) = dense(shared.tables.plane(PlaneId::bias)).col(0);
        const auto made = tests::make_users(bits, 5, 90);
        Workspace work;
        for (const UserData& user : made.users) {
            CAPTURE(bits);
            CAPTURE(index(user.user));
            const RidgeTerms terms{0.3, 0, 2.5};
            lower_on_codes(user, shared, {}, terms, true, work);
            check_lowered(work, plainly(user, Z, Eigen::VectorXd::Ones(90), terms, {}, {}));
        }
    }
}
