#include "common/quadratic.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/reference.hpp"

using namespace fedhash;

namespace {

struct Made {
    std::uint32_t bits;
    std::int64_t alpha;
    std::vector<std::int32_t> A;
    std::vector<std::int64_t> c;
    Codes start;

    Quadratic problem() const { return {bits, alpha, A, c}; }
    std::int64_t at(CodeView code) const {
        return reference::objective(alpha, A, c, reference::signs(code, bits));
    }
};

/// A Gram matrix of a few random codes, so positive semi-definite, as all of ours are; or any
/// symmetric matrix.
Made make(std::uint64_t seed, std::uint32_t bits, bool gram) {
    Stream random(seed);
    const auto small = [&random] { return static_cast<std::int32_t>(random() % 41) - 20; };
    Made made{bits,
              1 + static_cast<std::int64_t>(random() % 5),
              std::vector<std::int32_t>(bits * bits),
              {},
              {}};
    if (gram) {
        const Codes rows = reference::random_codes(bits, 12, random);
        std::vector<std::uint32_t> all(rows.rows);
        for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
        const auto sum = reference::gram(rows, all);
        for (std::size_t j = 0; j < sum.size(); ++j) made.A[j] = static_cast<std::int32_t>(sum[j]);
    } else {
        for (std::uint32_t a = 0; a < bits; ++a)
            for (std::uint32_t b = 0; b <= a; ++b)
                made.A[a * bits + b] = made.A[b * bits + a] = small();
    }
    for (std::uint32_t a = 0; a < bits; ++a) made.c.push_back(20 * small());
    made.start = reference::random_codes(bits, 1, random);
    return made;
}

}  // namespace

TEST_CASE("value and product agree with the sums written out") {
    for (std::uint32_t bits : {1u, 8u, 63u, 64u, 65u, 256u}) {
        CAPTURE(bits);
        const Made made = make(bits, bits, false);
        CHECK(value(made.problem(), made.start.row(0)) == made.at(made.start.row(0)));
        std::vector<std::int32_t> g(bits);
        product(made.A, made.start.row(0), bits, g);
        const auto x = reference::signs(made.start.row(0), bits);
        for (std::uint32_t a = 0; a < bits; ++a) {
            std::int64_t sum = 0;
            for (std::uint32_t b = 0; b < bits; ++b) sum += made.A[a * bits + b] * x[b];
            REQUIRE(g[a] == sum);
        }
    }
}

TEST_CASE("coordinate descent never increases the objective, sweep by sweep") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const std::uint32_t bits = std::array{8u, 17u, 64u, 65u}[seed % 4];
        const Made made = make(seed, bits, seed % 2 == 0);
        Codes code = made.start;
        std::int64_t before = made.at(code.row(0));
        for (int sweep = 0; sweep < 6; ++sweep) {
            const Descent descent = descend(made.problem(), code.row(0), {1, own_bit_unit});
            const std::int64_t after = made.at(code.row(0));
            REQUIRE(after <= before);
            if (descent.flips > 0) REQUIRE(after < before);
            before = after;
        }
    }
}

TEST_CASE(
    "a descent that stopped by itself is a minimum over single flips and no better than the best "
    "of all codes") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        const std::uint32_t bits = 1 + static_cast<std::uint32_t>(seed % 10);
        const Made made = make(seed, bits, seed % 3 != 0);
        Codes code = made.start;
        const Descent descent = descend(made.problem(), code.row(0), {1000, own_bit_unit});
        REQUIRE(descent.sweeps < 1000);
        const std::int64_t reached = made.at(code.row(0));
        for (std::uint32_t a = 0; a < bits; ++a) {
            Codes neighbour = code;
            flip(neighbour.row(0), a);
            REQUIRE(made.at(neighbour.row(0)) >= reached);
        }
        std::int64_t best = std::numeric_limits<std::int64_t>::max();
        Codes any(bits, 1);
        for (std::uint64_t x = 0; x < (std::uint64_t{1} << bits); ++x) {
            any.words[0] = x;
            const std::int64_t here = made.at(any.row(0));
            REQUIRE(value(made.problem(), any.row(0)) == here);
            best = std::min(best, here);
        }
        REQUIRE(reached >= best);
        // From the best code itself descent does not move to a worse one.
        REQUIRE(made.at(code.row(0)) <= made.at(made.start.row(0)));
    }
}

TEST_CASE(
    "with a diagonal matrix one sweep gives the signs of c, and keeps the old bit where c is 0") {
    for (std::uint32_t bits : {8u, 63u, 64u, 65u, 256u}) {
        CAPTURE(bits);
        Made made = make(bits, bits, false);
        for (std::uint32_t a = 0; a < bits; ++a) {
            for (std::uint32_t b = 0; b < bits; ++b)
                if (a != b) made.A[a * bits + b] = 0;
            if (a % 3 == 0) made.c[a] = 0;
        }
        Codes code = made.start;
        descend(made.problem(), code.row(0), {1, own_bit_unit});
        for (std::uint32_t a = 0; a < bits; ++a)
            REQUIRE(bit(code.row(0), a) ==
                    (made.c[a] == 0 ? bit(made.start.row(0), a) : made.c[a] > 0));
    }
}

TEST_CASE(
    "every sweep is the plain loop, also when over-relaxed, and x'Ax of the result is reported") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        for (std::int64_t own : {0, 13, 32, 63, 64}) {
            CAPTURE(seed);
            CAPTURE(own);
            const std::uint32_t bits = std::array{8u, 63u, 64u, 65u}[seed % 4];
            const Made made = make(seed, bits, true);
            Codes code = made.start;
            const Descent descent = descend(made.problem(), code.row(0), {2, own});
            auto x = reference::signs(made.start.row(0), bits);
            for (int s = 0; s < 2; ++s) reference::sweep(made.alpha, made.A, made.c, own, x);
            REQUIRE(reference::signs(code.row(0), bits) == x);
            REQUIRE(descent.quadratic ==
                    reference::objective(1, made.A, std::vector<std::int64_t>(bits), x));
        }
    }
}

TEST_CASE("no sweeps change nothing, and a descent stops after the first sweep without a flip") {
    const Made made = make(5, 64, true);
    Codes code = made.start;
    CHECK(descend(made.problem(), code.row(0), {0, own_bit_unit}).flips == 0);
    CHECK(code == made.start);
    const Descent all = descend(made.problem(), code.row(0), {1000, own_bit_unit});
    const Descent again = descend(made.problem(), code.row(0), {1000, own_bit_unit});
    CHECK(all.sweeps > 1);
    CHECK(again.sweeps == 1);
    CHECK(again.flips == 0);
}

TEST_CASE("a bound on the entries, tight or too large for 32 bits, changes nothing but the time") {
    for (std::uint32_t bits : {1u, 8u, 63u, 64u, 65u, 256u}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            CAPTURE(bits);
            CAPTURE(seed);
            const Made made = make(seed, bits, seed % 2 == 0);
            Codes free = made.start;
            const Descent expected = descend(made.problem(), free.row(0), {});
            for (std::int64_t largest : {std::int64_t{20}, std::int64_t{1} << 40}) {
                Quadratic bounded = made.problem();
                bounded.largest = largest;
                Codes code = made.start;
                const Descent descent = descend(bounded, code.row(0), {});
                CHECK(code == free);
                CHECK(descent.sweeps == expected.sweeps);
                CHECK(descent.flips == expected.flips);
                CHECK(descent.quadratic == expected.quadratic);
            }
        }
    }
}
