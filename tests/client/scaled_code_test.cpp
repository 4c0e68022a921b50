#include "client/scaled_code.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>

#include "client/ridge.hpp"
#include "tests/client/made_users.hpp"
#include "tests/common/words.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr std::uint32_t items = 90;

/// One user's problem, with a bias of the items beside the code or without.
Workspace problem_of(const UserData& user, std::uint32_t bits, bool with_bias) {
    Stream random(bits);
    Variant variant;
    variant.bits = bits;
    variant.bias_bits = with_bias ? 5 : 0;
    Shared shared;
    shared.tables = tests::random_tables(variant, items, random);
    shared.derive();
    Workspace work;
    lower_on_codes(user, shared, {}, {0.2, 0, code_ridge(user.train.size(), 0.2, items)}, with_bias,
                   work);
    return work;
}

/// Entry a of a code of several planes, the one of weight 1 first.
int level(const Codes& planes, std::size_t a) {
    int sum = 0;
    for (std::size_t p = 0; p < planes.rows; ++p) sum += sign(planes.row(p), a) * (1 << p);
    return sum;
}

/// x'Mx - 2v'x at the best scale >= 0 and the best coefficients beside this code.
double loss(const Workspace& work, const Codes& code) {
    const std::uint32_t bits = code.bits;
    const auto all = Eigen::Index(work.right.size()), k = Eigen::Index(bits);
    const Eigen::Map<const Eigen::MatrixXd> M(work.normal.data(), all, all);
    const Eigen::Map<const Eigen::VectorXd> v(work.right.data(), all);
    Eigen::MatrixXd T = Eigen::MatrixXd::Zero(all, 1 + all - k);  // x = T [s, beta]
    for (Eigen::Index a = 0; a < k; ++a) T(a, 0) = level(code, std::size_t(a));
    for (Eigen::Index r = 0; r < all - k; ++r) T(k + r, 1 + r) = 1;
    Eigen::VectorXd best = (T.transpose() * M * T).ldlt().solve(T.transpose() * v);
    if (best(0) < 0) {  // a scale below zero is none
        best.setZero();
        if (all > k)
            best.tail(all - k) =
                M.bottomRightCorner(all - k, all - k).ldlt().solve(v.tail(all - k));
    }
    const Eigen::VectorXd x = T * best;
    return x.dot(M * x) - 2 * v.dot(x);
}

double loss_of(const Workspace& work, const ScaledCode& fitted, const Codes& code) {
    const std::uint32_t bits = code.bits;
    const auto all = Eigen::Index(work.right.size());
    const Eigen::Map<const Eigen::MatrixXd> M(work.normal.data(), all, all);
    const Eigen::Map<const Eigen::VectorXd> v(work.right.data(), all);
    Eigen::VectorXd x(all);
    for (std::uint32_t a = 0; a < bits; ++a) x(a) = fitted.scale * level(code, a);
    for (std::size_t r = 0; r < fitted.beta.size(); ++r) x(Eigen::Index(bits + r)) = fitted.beta[r];
    return x.dot(M * x) - 2 * v.dot(x);
}

}  // namespace

TEST_CASE("a scaled code is never worse than its start, and its reals are the best beside it") {
    for (const auto& [with_bias, planes] :
         {std::pair{false, 1u}, {true, 1u}, {false, 2u}, {true, 3u}}) {
        for (std::uint32_t bits : {8u, 20u, 64u, 65u}) {
            const auto made = tests::make_users(bits, 10, items);
            Stream random(bits);
            for (const UserData& user : made.users) {
                const Workspace work = problem_of(user, bits, with_bias);
                Codes code = reference::random_codes(bits, planes, random);
                for (std::uint32_t steps : {0u, 5u, 60u, 300u, 60u}) {  // each from the last's end
                    CAPTURE(with_bias);
                    CAPTURE(planes);
                    CAPTURE(bits);
                    CAPTURE(index(user.user));
                    CAPTURE(steps);
                    const double before = loss(work, code);
                    Codes again = code;
                    const ScaledCode fitted = fit_scaled_code(work, {bits, planes, steps, false},
                                                              Stream(bits), code.words);
                    const double after = loss(work, code);
                    CHECK(after <= before + 1e-9 * (1 + std::abs(before)));
                    CHECK(fitted.scale >= 0);
                    CHECK(fitted.beta.size() == (with_bias ? 2 : 0));
                    CHECK(loss_of(work, fitted, code) == doctest::Approx(after));
                    for (std::size_t p = 0; p < planes; ++p)
                        CHECK((code.row(p).back() & ~word_mask(bits, code.stride() - 1)) == 0);
                    CHECK(fit_scaled_code(work, {bits, planes, steps, false}, Stream(bits),
                                          again.words)
                              .scale == fitted.scale);
                    CHECK(again == code);
                }
            }
        }
    }
}

TEST_CASE(
    "a scaled code of few bits is the best there is after enough steps, or nearly with planes") {
    for (const auto& [with_bias, planes] : {std::pair{false, 1u}, {true, 1u}, {true, 2u}}) {
        for (std::uint32_t bits : {8u / planes, 9u / planes, 10u / planes}) {
            const auto made = tests::make_users(bits, 8, items);
            for (const UserData& user : made.users) {
                CAPTURE(with_bias);
                CAPTURE(planes);
                CAPTURE(bits);
                CAPTURE(index(user.user));
                const Workspace work = problem_of(user, bits, with_bias);
                double best = 0;
                Codes trial(bits, planes);
                for (std::uint64_t pattern = 0; pattern < std::uint64_t{1} << (bits * planes);
                     ++pattern) {
                    for (std::size_t p = 0; p < planes; ++p)
                        trial.row(p)[0] = (pattern >> (p * bits)) & word_mask(bits, 0);
                    best = std::min(best, loss(work, trial));
                }
                Codes code(bits, planes);
                fit_scaled_code(work, {bits, planes, 2000, true}, Stream(3), code.words);
                if (planes == 1)
                    CHECK(loss(work, code) == doctest::Approx(best));
                else  // an entry's way from -1 to 1 leads over a worse level
                    CHECK(loss(work, code) <= 0.998 * best);
            }
        }
    }
}

TEST_CASE("afresh, what the code was before does not matter") {
    const auto made = tests::make_users(3, 6, items);
    Stream random(3);
    for (const UserData& user : made.users) {
        const Workspace work = problem_of(user, 24, true);
        Codes one = reference::random_codes(24, 1, random), other = one;
        for (std::uint32_t a = 0; a < 24; a += 2) flip(other.row(0), a);
        fit_scaled_code(work, {24, 1, 40, true}, Stream(1), one.row(0));
        fit_scaled_code(work, {24, 1, 40, true}, Stream(1), other.row(0));
        CHECK(one == other);
    }
}

TEST_CASE("a user without items keeps a code of scale zero") {
    const Workspace work = problem_of(UserData{}, 16, false);
    Codes code(16, 1);
    CHECK(fit_scaled_code(work, {16, 1, 60, false}, Stream(1), code.row(0)).scale == 0);
}
