// The real-valued item rules and encoders: that they reach what they promise.
#include <doctest/doctest.h>

#include <Eigen/Dense>

#include "server/additive.hpp"
#include "server/quantiser.hpp"
#include "server/real_sums.hpp"
#include "tests/server/small_world.hpp"

using namespace fedhash;
using namespace fedhash::server;

namespace {

Variant teacher_variant(std::uint32_t factors, std::uint32_t rounds) {
    Variant variant;
    variant.bits = 16;
    variant.learner = "teacher";
    variant.teacher.rounds = rounds;
    variant.teacher.factors = factors;
    variant.teacher.factor_bits = 14;
    variant.teacher.interaction = 0.2;
    variant.teacher.ridge = 0.02;
    return variant;
}

/// Implicit ALS as it is written in the paper, all data in one place.
struct Central {
    Eigen::MatrixXd R;  // users x items, 1 = observed
    double a0, lambda;

    Central(const tests::Made& made, const Variant& variant)
        : R(Eigen::MatrixXd::Zero(Eigen::Index(made.users.size()),
                                  Eigen::Index(made.ranking.items))),
          a0(variant.teacher.interaction),
          lambda(variant.teacher.ridge) {
        for (const client::UserData& user : made.users)
            for (const client::Rating& rating : user.train)
                R(Eigen::Index(index(user.user)), Eigen::Index(index(rating.item))) = 1;
    }
    static Eigen::MatrixXd half_step(const Eigen::MatrixXd& seen, const Eigen::MatrixXd& other,
                                     double a0, double lambda) {
        Eigen::MatrixXd result(seen.rows(), other.cols());
        for (Eigen::Index u = 0; u < seen.rows(); ++u) {
            const double n = seen.row(u).sum();
            Eigen::MatrixXd M = a0 * other.transpose() * other +
                                lambda * (n + a0 * double(other.rows())) *
                                    Eigen::MatrixXd::Identity(other.cols(), other.cols());
            Eigen::VectorXd v = Eigen::VectorXd::Zero(other.cols());
            for (Eigen::Index i = 0; i < seen.cols(); ++i) {
                if (seen(u, i) == 0) continue;
                M += other.row(i).transpose() * other.row(i);
                v += other.row(i).transpose();
            }
            result.row(u) = M.ldlt().solve(v).transpose();
        }
        return result;
    }
    Eigen::MatrixXd users(const Eigen::MatrixXd& Y) const { return half_step(R, Y, a0, lambda); }
    Eigen::MatrixXd items(const Eigen::MatrixXd& X) const {
        return half_step(R.transpose(), X, a0, lambda);
    }
    double objective(const Eigen::MatrixXd& X, const Eigen::MatrixXd& Y) const {
        const Eigen::MatrixXd S = X * Y.transpose();
        double sum = a0 * S.squaredNorm();
        for (Eigen::Index u = 0; u < R.rows(); ++u)
            for (Eigen::Index i = 0; i < R.cols(); ++i)
                if (R(u, i) != 0) sum += (1 - S(u, i)) * (1 - S(u, i));
        const Eigen::VectorXd n = R.rowwise().sum(), m = R.colwise().sum().transpose();
        for (Eigen::Index u = 0; u < R.rows(); ++u)
            sum += lambda * (n(u) + a0 * double(R.cols())) * X.row(u).squaredNorm();
        for (Eigen::Index i = 0; i < R.cols(); ++i)
            sum += lambda * (m(i) + a0 * double(R.rows())) * Y.row(i).squaredNorm();
        return sum;
    }
};

/// Items in a few kinds, as an encoder meets them.
RealModel some_model(std::uint64_t seed, Eigen::Index n, Eigen::Index q) {
    Stream random(seed);
    const auto normal = [&random] {
        double sum = 0;
        for (int j = 0; j < 12; ++j) sum += std::ldexp(double(random() >> 11), -53);
        return sum - 6;
    };
    RealModel model;
    model.factors = Eigen::MatrixXd(n, q);
    Eigen::MatrixXd kinds(5, q), X(3 * q, q);
    for (Eigen::Index j = 0; j < kinds.size(); ++j) kinds.data()[j] = normal();
    for (Eigen::Index j = 0; j < X.size(); ++j) X.data()[j] = normal();
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index c = 0; c < q; ++c)
            model.factors(i, c) = 0.1 * (kinds(i % 5, c) + 0.7 * normal());
        model.counts.push_back(double(1 + random() % 200));
    }
    model.gram = X.transpose() * X;
    return model;
}

/// What every encoder minimises, straight from its header: the error of all scores with weights of
/// the items, relative to the scores' own sum of squares.
double relative_error(const RealModel& model, const Eigen::MatrixXd& decoded) {
    double mean = 0;
    for (double count : model.counts) mean += count / double(model.counts.size());
    double error = 0, all = 0;
    for (Eigen::Index i = 0; i < decoded.rows(); ++i) {
        const double o = std::pow(std::max(1.0, model.counts[std::size_t(i)]) / mean, 0.3);
        const Eigen::VectorXd y = model.factors.row(i),
                              gap = y - Eigen::VectorXd(decoded.row(i).transpose());
        error += o * gap.dot(model.gram * gap);
        all += o * y.dot(model.gram * y);
    }
    return error / all;
}

/// Signs of a random rotation of the scores' space, with the best linear decoder there is.
double error_of_random_signs(const RealModel& model, std::uint32_t bits, std::uint64_t seed) {
    Stream random(seed);
    const Eigen::Index n = model.factors.rows(), q = model.factors.cols();
    const Eigen::MatrixXd U = model.gram.llt().matrixU();
    const Eigen::MatrixXd Z = model.factors * U.transpose();
    Eigen::MatrixXd T(q, bits);
    for (Eigen::Index j = 0; j < T.size(); ++j)
        T.data()[j] = std::ldexp(double(random() >> 11), -53) - 0.5;
    Eigen::MatrixXd D = (Z * T).unaryExpr([](double z) { return z > 0 ? 1.0 : -1.0; });
    D.conservativeResize(n, bits + 1);
    D.col(bits).setOnes();
    const Eigen::MatrixXd W = D.completeOrthogonalDecomposition().solve(Z);
    const Eigen::MatrixXd decoded =
        U.triangularView<Eigen::Upper>().solve(Eigen::MatrixXd((D * W).transpose())).transpose();
    return relative_error(model, decoded);
}

}  // namespace

TEST_CASE("federated rounds reach the optimum of centralised implicit ALS") {
    // As many factors as there are tastes: then the optimum has no other beside it.
    for (std::uint64_t seed : {1u, 2u, 3u}) {
        CAPTURE(seed);
        const Variant variant = teacher_variant(2, 30);
        tests::SmallWorld world(variant, seed, 60, 40);
        const Central central(world.made(), variant);
        Trainer trainer(variant, seed, 60, 40, 30);
        Tables tables = trainer.start();
        const Eigen::MatrixXd start = matrix(tables.plane(PlaneId::factors));
        std::vector<double> objectives;
        for (std::uint32_t round = 1; round <= 30; ++round) {
            tables =
                trainer.step(round, tables, world.round(round, tables, world.everybody())).tables;
            const Eigen::MatrixXd Y = matrix(tables.plane(PlaneId::factors));
            objectives.push_back(central.objective(central.users(Y), Y));
        }
        Eigen::MatrixXd Y = start, X;
        for (int epoch = 0; epoch < 400; ++epoch) {
            X = central.users(Y);
            Y = central.items(X);
        }
        X = central.users(Y);
        const double optimum = central.objective(X, Y);
        CAPTURE(optimum);
        CHECK(objectives.back() <= optimum * 1.01);
        CHECK(objectives.back() >= optimum * 0.99);
        const Eigen::MatrixXd got = matrix(tables.plane(PlaneId::factors));
        const Eigen::MatrixXd S = X * Y.transpose(), ours = central.users(got) * got.transpose();
        CHECK((S - ours).norm() <= 2e-2 * S.norm());
    }
}

TEST_CASE("boxed codes stay within [-1, 1], settle at its ends, and come out as codes") {
    for (const char* learner : {"vector", "scaled-code"}) {
        for (std::uint32_t factor_bits : {2u, 4u, 8u}) {
            CAPTURE(std::string(learner));
            CAPTURE(factor_bits);
            Variant variant = tests::busy_variant(12);
            variant.learner = learner;
            variant.uplink = learner;
            variant.item_rule = "box";
            variant.factor_bits = factor_bits;
            variant.item_exponent = 0.2;
            variant.user_exponent_q16 = 19'661;
            constexpr std::uint32_t rounds = 12, items = 40;
            std::vector<Codes> ends;
            for (int time = 0; time < 2; ++time) {
                tests::SmallWorld world(variant, 8, 50, items);
                Trainer trainer(variant, 8, 50, items, rounds);
                Tables tables = trainer.start();
                double at_the_ends = 0;
                for (std::uint32_t round = 1; round <= rounds; ++round) {
                    CAPTURE(round);
                    tables =
                        trainer.step(round, tables, world.round(round, tables, world.everybody()))
                            .tables;
                    const Plane& plane = tables.plane(PlaneId::factors);
                    std::size_t ends_now = 0;
                    for (std::int16_t value : plane.values) {
                        REQUIRE(std::abs(value) <= 64);
                        ends_now += std::abs(value) == 64 ? 1 : 0;
                    }
                    if (!plane.empty())
                        at_the_ends = double(ends_now) / double(plane.values.size());
                }
                CHECK(at_the_ends > 0.8);
                REQUIRE(tables.codes.rows == items);
                CHECK(tables.plane(PlaneId::factors).empty());
                CHECK(tables.plane(PlaneId::item_weights).empty());
                ends.push_back(tables.codes);
            }
            CHECK(ends[0] == ends[1]);
        }
    }
}

TEST_CASE("an additive code is better than random signs with the best decoder, for any width") {
    for (std::uint32_t bits : {8u, 16u, 32u}) {
        for (std::uint32_t group_bits : {1u, 2u, 4u, 8u}) {
            if (FEDHASH_SANITIZED && bits > 8) continue;
            CAPTURE(bits);
            CAPTURE(group_bits);
            const RealModel model = some_model(bits, 120, 16);
            AdditiveOptions options;
            options.bits = bits;
            options.group_bits = group_bits;
            options.iterations = 15;
            options.entry_bits = 12;
            options.seed = 4;
            const Additive encoded = encode_additive(model, options);
            REQUIRE(encoded.codes.rows == 120);
            REQUIRE(encoded.codes.bits == bits);
            REQUIRE(encoded.codebook.rows == bits / group_bits << group_bits);
            REQUIRE(encoded.codebook.cols == 16);
            const Plane decoded = decode(encoded.codes, encoded.codebook, group_bits);
            const double error = relative_error(model, matrix(decoded));
            CHECK(error <= encoded.error * 1.02 + 1e-3);
            for (std::uint64_t seed = 0; seed < 5; ++seed)
                CHECK(error <= error_of_random_signs(model, bits, seed));
            const Additive again = encode_additive(model, options);
            CHECK(again.codes == encoded.codes);
            CHECK(again.codebook == encoded.codebook);
            options.seed = 5;
            CHECK(encode_additive(model, options).codes != encoded.codes);
        }
    }
}

TEST_CASE("what a code and a codebook decode to is the sum of what its groups pick") {
    for (std::uint32_t group_bits : {1u, 2u, 4u, 8u}) {
        for (std::uint32_t bits : {8u, 64u, 72u}) {
            CAPTURE(group_bits);
            CAPTURE(bits);
            Stream random(bits + group_bits);
            const Codes codes = reference::random_codes(bits, 20, random);
            Plane codebook{bits / group_bits << group_bits, 5, 12, 16, {1}, {}};
            for (std::size_t j = 0; j < std::size_t{codebook.rows} * 5; ++j)
                codebook.values.push_back(
                    static_cast<std::int16_t>(tests::between(-4000, 4000, random)));
            const Plane decoded = decode(codes, codebook, group_bits);
            REQUIRE(decoded.rows == 20);
            REQUIRE(decoded.cols == 5);
            CHECK(decoded.fraction == 12);
            for (std::size_t i = 0; i < 20; ++i)
                for (std::uint32_t c = 0; c < 5; ++c) {
                    std::int64_t sum = 0;
                    for (std::uint32_t m = 0; m < bits / group_bits; ++m) {
                        std::size_t pick = 0;
                        for (std::uint32_t b = 0; b < group_bits; ++b)
                            pick += bit(codes.row(i), m * group_bits + b) ? std::size_t{1} << b : 0;
                        sum += codebook.row((std::size_t{m} << group_bits) + pick)[c];
                    }
                    REQUIRE(decoded.row(i)[c] == std::clamp<std::int64_t>(sum, -32767, 32767));
                }
        }
    }
}

TEST_CASE(
    "every quantiser gives codes of the asked width, the same every time, also of few items") {
    for (const Quantiser& quantiser : quantisers()) {
        CHECK(&find_quantiser(quantiser.name) == &quantiser);
        for (Eigen::Index n : {1, 2, 30}) {
            for (std::uint32_t bits : {8u, 12u, 20u}) {
                if (quantiser.same_width && bits != 12) continue;
                CAPTURE(std::string(quantiser.name));
                CAPTURE(n);
                CAPTURE(bits);
                const RealModel model = some_model(2, n, 12);
                const Quantised result = quantiser.quantise(model, {bits, 1, 3});
                REQUIRE(result.codes.rows == std::size_t(n));
                REQUIRE(result.codes.bits == bits);
                for (std::size_t i = 0; i < result.codes.rows; ++i)
                    CHECK((result.codes.row(i).back() &
                           ~word_mask(bits, result.codes.stride() - 1)) == 0);
                CHECK(quantiser.quantise(model, {bits, 1, 3}).codes == result.codes);
            }
        }
    }
}

TEST_CASE("the mixing plane is the sum over items of code times factors") {
    const RealModel model = some_model(6, 50, 7);
    Stream random(6);
    const Codes codes = reference::random_codes(10, 50, random);
    const Plane plane = mixing_plane(codes, model);
    REQUIRE(plane.rows == 10);
    REQUIRE(plane.cols == 7);
    for (std::uint32_t a = 0; a < 10; ++a) {
        const double step = double(plane.steps[plane.steps.size() == 1 ? 0 : a]);
        for (std::uint32_t c = 0; c < 7; ++c) {
            double sum = 0;
            for (std::size_t i = 0; i < 50; ++i)
                sum += sign(codes.row(i), a) * model.factors(Eigen::Index(i), c);
            CHECK(std::abs(plane.at(a, c) - sum) <=
                  std::ldexp(step, -int{plane.fraction}) / 2 + 1e-12);
        }
    }
}

TEST_CASE("the order of sums does not follow the caches of the machine") {
    // What Eigen takes where it must not ask (EIGEN_NO_CPUID).
    CHECK(Eigen::l1CacheSize() == 32 * 1024);
    CHECK(Eigen::l2CacheSize() == 256 * 1024);
    CHECK(Eigen::l3CacheSize() == 2 * 1024 * 1024);
}
