#include "common/solver.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "common/errors.hpp"
#include "common/solvers/solvers.hpp"
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

enum Kind { gram, indefinite, odd, diagonal, nothing };
constexpr std::array kinds{gram, indefinite, odd, diagonal, nothing};
constexpr std::array sizes{1u, 8u, 10u, 63u, 64u, 65u, 128u, 256u};

// gram: positive semi-definite, as all of ours are. odd: indefinite, with c = 0, so x and -x are
// equal.
Made make(std::uint64_t seed, std::uint32_t bits, Kind kind) {
    Stream random = stream(seed, Purpose::generator, bits, kind);
    const auto small = [&random] { return static_cast<std::int32_t>(random() % 41) - 20; };
    Made made{bits, 1, std::vector<std::int32_t>(bits * bits), std::vector<std::int64_t>(bits),
              reference::random_codes(bits, 1, random)};
    if (kind == nothing) return made;
    made.alpha = 1 + static_cast<std::int64_t>(random() % 5);
    if (kind == gram) {
        const Codes rows = reference::random_codes(bits, bits + 4, random);
        std::vector<std::uint32_t> all(rows.rows);
        for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
        const auto sum = reference::gram(rows, all);
        for (std::size_t j = 0; j < sum.size(); ++j) made.A[j] = static_cast<std::int32_t>(sum[j]);
    } else {
        for (std::uint32_t a = 0; a < bits; ++a)
            for (std::uint32_t b = 0; b <= a; ++b)
                if (kind != diagonal || a == b)
                    made.A[a * bits + b] = made.A[b * bits + a] = small();
    }
    if (kind == odd) return made;
    const int room = 1 + static_cast<int>(made.alpha) * static_cast<int>(bits) / 8;
    for (std::int64_t& c : made.c) c = room * small();
    if (kind == diagonal)
        for (std::uint32_t a = 0; a < bits; a += 3) made.c[a] = 0;
    return made;
}

std::uint64_t seeds(std::uint32_t bits) { return bits <= 10 ? 12 : bits <= 65 ? 4 : 1; }

bool takes(const SolverEntry& entry, std::uint32_t bits) {
    return std::string(entry.name) != "exhaustive" || bits <= 10;
}

Codes solved(const SolverEntry& entry, const Made& made, const SolveOptions& options = {}) {
    Codes code = made.start;
    entry.solve(made.problem(), code.row(0), options);
    return code;
}

bool no_flip_improves(const Made& made, const Codes& code) {
    for (std::uint32_t a = 0; a < made.bits; ++a) {
        Codes neighbour = code;
        flip(neighbour.row(0), a);
        if (made.at(neighbour.row(0)) < made.at(code.row(0))) return false;
    }
    return true;
}

std::int64_t optimum(const Made& made) {
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    Codes any(made.bits, 1);
    for (any.words[0] = 0; any.words[0] < std::uint64_t{1} << made.bits; ++any.words[0])
        best = std::min(best, made.at(any.row(0)));
    return best;
}

template <class Check>
void for_every_solver(Check check) {
    for (const SolverEntry& entry : solvers()) {
        const std::string solver = entry.name;
        CAPTURE(solver);
        check(entry);
    }
}

template <class Check>
void for_every_problem(const SolverEntry& entry, Check check) {
    for (std::uint32_t bits : sizes) {
        if (!takes(entry, bits)) continue;
        for (Kind kind : kinds) {
            for (std::uint64_t seed = 0; seed < seeds(bits); ++seed) {
                CAPTURE(bits);
                CAPTURE(kind);
                CAPTURE(seed);
                check(make(seed, bits, kind));
            }
        }
    }
}

}  // namespace

TEST_CASE("a solver is found by its name, and an unknown name is answered with the known ones") {
    for (const SolverEntry& entry : solvers()) CHECK(&find_solver(entry.name) == &entry);
    CHECK_THROWS_WITH_AS(find_solver("newton"),
                         "method.solver: unknown solver 'newton'; known: dcd, block, prox, alm, "
                         "graduated, local-search, exhaustive",
                         UsageError);
}

TEST_CASE(
    "every solver returns a code within its bits, reports x'Ax of it, does the same again, and "
    "raises nothing where it says so") {
    for_every_solver([](const SolverEntry& entry) {
        for_every_problem(entry, [&entry](const Made& made) {
            REQUIRE(within_bounds(made.problem()));
            const SolveOptions options{4, own_bit_unit, 3, 11};
            Codes code = made.start;
            const Descent descent = entry.solve(made.problem(), code.row(0), options);
            const std::size_t last = code.stride() - 1;
            REQUIRE((code.words[last] & ~word_mask(made.bits, last)) == 0);
            REQUIRE(descent.quadratic ==
                    reference::objective(1, made.A, std::vector<std::int64_t>(made.bits),
                                         reference::signs(code.row(0), made.bits)));
            REQUIRE((descent.flips > 0 || code == made.start));
            if (entry.never_raises) REQUIRE(made.at(code.row(0)) <= made.at(made.start.row(0)));
            REQUIRE(solved(entry, made, options) == code);
        });
    });
}

TEST_CASE("no sweeps change nothing, and where all codes are equal the start stays") {
    for_every_solver([](const SolverEntry& entry) {
        for (std::uint32_t bits : sizes) {
            if (!takes(entry, bits)) continue;
            CAPTURE(bits);
            const Made any = make(3, bits, gram), equal = make(3, bits, nothing);
            if (std::string(entry.name) != "exhaustive")
                CHECK(solved(entry, any, {0, own_bit_unit, 5, 1}) == any.start);
            CHECK(solved(entry, equal, {3, own_bit_unit, 5, 1}) == equal.start);
        }
    });
}

TEST_CASE(
    "with a diagonal matrix every solver gives the signs of c, and the old bit where c is 0") {
    for_every_solver([](const SolverEntry& entry) {
        for (std::uint32_t bits : sizes) {
            if (!takes(entry, bits)) continue;
            CAPTURE(bits);
            const Made made = make(bits, bits, diagonal);
            const Codes code = solved(entry, made);
            for (std::uint32_t a = 0; a < bits; ++a)
                REQUIRE(bit(code.row(0), a) ==
                        (made.c[a] == 0 ? bit(made.start.row(0), a) : made.c[a] > 0));
        }
    });
}

TEST_CASE("no solver beats the best of all codes, and exhaustive search and kicks reach it") {
    for (std::uint32_t bits : {1u, 5u, 8u, 10u}) {
        for (Kind kind : kinds) {
            for (std::uint64_t seed = 0; seed < 4; ++seed) {
                CAPTURE(bits);
                CAPTURE(kind);
                CAPTURE(seed);
                const Made made = make(seed, bits, kind);
                const std::int64_t best = optimum(made);
                for_every_solver([&](const SolverEntry& entry) {
                    const Codes code = solved(entry, made, {20, own_bit_unit, 100, seed});
                    const std::int64_t reached = made.at(code.row(0));
                    REQUIRE(reached >= best);
                    const std::string name = entry.name;
                    if (name == "exhaustive" || name == "local-search" ||
                        (name == "block" && bits <= 8))
                        REQUIRE(reached == best);
                });
            }
        }
    }
}

TEST_CASE("the descents end where no single flip improves") {
    for (const char* name : {"dcd", "block", "prox", "local-search"}) {
        const std::string solver = name;
        CAPTURE(solver);
        for_every_problem(find_solver(name), [name](const Made& made) {
            const Codes code = solved(find_solver(name), made, {1000, own_bit_unit, 2, 5});
            REQUIRE(no_flip_improves(made, code));
        });
    }
}

TEST_CASE("dcd is the descent of the fast path, over-relaxed or not") {
    for (std::int64_t own : {0, 32, 64}) {
        const Made made = make(9, 65, gram);
        Codes one = made.start, other = made.start;
        const Descent a = find_solver("dcd").solve(made.problem(), one.row(0), {2, own, 0, 0});
        const Descent b = descend(made.problem(), other.row(0), {2, own});
        CHECK(one == other);
        CHECK(a.flips == b.flips);
        CHECK(a.sweeps == b.sweeps);
    }
}

TEST_CASE("up to 8 bits a block is an exhaustive search, and ties go to the nearest code") {
    for (std::uint32_t bits = 1; bits <= 8; ++bits) {
        for (Kind kind : kinds) {
            for (std::uint64_t seed = 0; seed < 6; ++seed) {
                const Made made = make(seed, bits, kind);
                CHECK(solved(find_solver("block"), made) ==
                      solved(find_solver("exhaustive"), made));
            }
        }
    }
    // f = (sum of x)^2: every code with as many ones as not is optimal.
    Made tied{8, 1, std::vector<std::int32_t>(64, 1), std::vector<std::int64_t>(8), Codes(8, 1)};
    CHECK(solved(find_solver("exhaustive"), tied).words[0] == 0x0f);
    tied.start.words[0] = 0xc3;
    CHECK(solved(find_solver("exhaustive"), tied).words[0] == 0xc3);
}

TEST_CASE("exhaustive search of more than 20 bits is refused with the settings to change") {
    CHECK_NOTHROW(solved(find_solver("exhaustive"), make(1, 12, gram)));
    CHECK_THROWS_WITH_AS(
        solved(find_solver("exhaustive"), make(1, 21, gram)),
        "method.solver = \"exhaustive\" tries all 2^k codes, which is feasible up to 20 bits; "
        "method.bits is 21: lower it or choose another solver, \"local-search\" for one that comes "
        "close",
        UsageError);
}

TEST_CASE("more kicks never end higher, and the seed decides where they go") {
    const SolverEntry& search = find_solver("local-search");
    bool seeds_differ = false;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        CAPTURE(seed);
        const Made made = make(seed, 65, gram);
        CHECK(solved(search, made, {3, 20, 0, seed}) ==
              solved(find_solver("dcd"), made, {3, 20, 0, 0}));
        std::int64_t before = made.at(solved(search, made, {3, 20, 0, seed}).row(0));
        for (std::uint32_t kicks : {1u, 4u, 16u, 64u}) {
            const std::int64_t now = made.at(solved(search, made, {3, 20, kicks, seed}).row(0));
            REQUIRE(now <= before);
            before = now;
        }
        seeds_differ = seeds_differ || solved(search, made, {3, own_bit_unit, 2, seed}) !=
                                           solved(search, made, {3, own_bit_unit, 2, seed + 1});
    }
    CHECK(seeds_differ);
}

TEST_CASE("over many problems the relaxations end lower than one descent") {
    for (Kind kind : {gram, indefinite, odd}) {
        std::int64_t dcd = 0, alm = 0, graduated = 0;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const Made made = make(seed, 64, kind);
            dcd += made.at(solved(find_solver("dcd"), made).row(0));
            alm += made.at(solved(find_solver("alm"), made).row(0));
            graduated += made.at(solved(find_solver("graduated"), made).row(0));
        }
        CAPTURE(kind);
        CHECK(alm < dcd);
        CHECK(graduated < alm);
    }
}

TEST_CASE("a proximal step is the sign of inertia times the code less half the gradient") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        const Made made = make(seed, 65, seed % 2 == 0 ? gram : indefinite);
        const std::int64_t R = gershgorin(made.problem()) / 20;
        Codes code = made.start;
        Walk walk(made.problem(), code.row(0));
        const std::uint32_t flips = proximal_step(walk, R);
        const auto x = reference::signs(made.start.row(0), 65);
        std::uint32_t differing = 0;
        for (std::uint32_t a = 0; a < 65; ++a) {
            std::int64_t r = -made.c[a];  // (alpha Ax - c)_a
            for (std::uint32_t b = 0; b < 65; ++b) r += made.alpha * made.A[a * 65 + b] * x[b];
            // With the diagonal of A left in, the inertia is L = R + alpha A_aa.
            const std::int64_t argument = (R + made.alpha * made.A[a * 65 + a]) * x[a] - r;
            const std::int64_t expected = argument == 0 ? x[a] : argument > 0 ? 1 : -1;
            REQUIRE(sign(code.row(0), a) == expected);
            differing += expected != x[a];
        }
        REQUIRE(flips == differing);
    }
}

TEST_CASE("with inertia at the bound of Gershgorin or above no proximal step raises f") {
    std::uint32_t flips = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const std::uint32_t bits = std::array{8u, 10u, 64u, 65u}[seed % 4];
        Made made = make(seed, bits, seed % 3 == 0 ? gram : indefinite);
        for (std::int64_t& c : made.c) c *= 8;  // large enough for bits to flip at all
        for (std::int64_t percent : {100, 130, 300}) {
            Codes code = made.start;
            Walk walk(made.problem(), code.row(0));
            for (int step = 0; step < 5; ++step) {
                const std::int64_t before = made.at(code.row(0));
                flips += proximal_step(walk, gershgorin(made.problem()) * percent / 100);
                REQUIRE(made.at(code.row(0)) <= before);
            }
        }
    }
    CHECK(flips > 500);
}

TEST_CASE("a little less inertia than the largest eigenvalue raises f") {
    // B = 10 (11' - I) has the largest eigenvalue 70. At x = 1 every pull is 1 - 70: with less than
    // 69 of inertia all bits flip, (sum of x)^2 is what it was, and c'x falls by 16.
    const Made made{8, 10, std::vector<std::int32_t>(64, 1), std::vector<std::int64_t>(8, 1),
                    Codes(8, 1)};
    CHECK(gershgorin(made.problem()) == 70);
    Codes code = made.start;
    code.words[0] = 0xff;
    const std::int64_t before = made.at(code.row(0));
    Walk walk(made.problem(), code.row(0));
    CHECK(proximal_step(walk, 70) == 0);
    CHECK(proximal_step(walk, 68) == 8);
    CHECK(made.at(code.row(0)) == before + 32);
}

TEST_CASE("every step of prox lowers f, and by no less than a step with any one inertia") {
    const SolverEntry& prox = find_solver("prox");
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        CAPTURE(seed);
        Made made = make(seed, std::array{10u, 64u, 65u}[seed % 3], kinds[seed % 3]);
        for (int step = 0; step < 50; ++step) {
            const std::int64_t before = made.at(made.start.row(0));
            Codes next = made.start;
            const Descent descent = prox.solve(made.problem(), next.row(0), {1, 64, 0, 0});
            REQUIRE((descent.flips == 0 || made.at(next.row(0)) < before));
            for (std::uint32_t a = 0; a < made.bits; ++a) {
                Codes other = made.start;
                Walk walk(made.problem(), other.row(0));
                proximal_step(walk, std::max<std::int64_t>(0, -walk.cost(a) - 1));
                REQUIRE(made.at(next.row(0)) <= made.at(other.row(0)));
            }
            made.start = next;
            if (descent.flips == 0) break;
        }
        REQUIRE(no_flip_improves(made, made.start));
    }
}

TEST_CASE("the bounds admit the largest problems, refuse larger, and nothing overflows at them") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (std::uint32_t bits : {8u, 20u, 256u}) {
        CAPTURE(bits);
        Made made = make(2, bits, indefinite);
        const std::int32_t entry =
            std::numeric_limits<std::int32_t>::max() / static_cast<std::int32_t>(bits);
        for (std::int32_t& A : made.A) A = A < 0 ? -entry : entry;
        // Two thirds of the room for A, the rest for c.
        made.alpha = most / 3 * 2 / (64 * std::int64_t{bits} * entry);
        const std::int64_t rest = most / 64 - made.alpha * bits * entry;
        for (std::int64_t& c : made.c) c = c < 0 ? -rest : rest;
        REQUIRE(within_bounds(made.problem()));
        Codes start = made.start;
        const Wide before = Walk(made.problem(), start.row(0)).value();
        for_every_solver([&](const SolverEntry& solver) {
            if (std::string(solver.name) == "exhaustive" && bits > max_exhaustive_bits) return;
            Codes code = solved(solver, made, {3, own_bit_unit, 5, 1});
            CHECK(Walk(made.problem(), code.row(0)).value() <= before);
        });

        Made larger = made;
        larger.alpha = most / (64 * std::int64_t{bits} * entry) + 1;
        CHECK_FALSE(within_bounds(larger.problem()));
        larger = made;
        larger.c[bits - 1] = rest + 1;
        CHECK_FALSE(within_bounds(larger.problem()));
        larger.c[bits - 1] = std::numeric_limits<std::int64_t>::min();
        CHECK_FALSE(within_bounds(larger.problem()));
        larger = made;
        larger.alpha = 1;
        larger.A[1] = std::numeric_limits<std::int32_t>::min();
        CHECK_FALSE(within_bounds(larger.problem()));
        larger = made;
        larger.alpha = 0;
        CHECK_FALSE(within_bounds(larger.problem()));
    }
}

TEST_CASE("every solver computes the same bits on every machine") {
    // CRC32C of the codes of 40 problems, recorded once. A change of a solver's rules changes its
    // number; a change of compiler, build type or instruction set must not.
    const auto fingerprint = [](const SolverEntry& entry) {
        std::uint32_t crc = 0;
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            const std::uint32_t bits = takes(entry, 64) ? std::array{10u, 64u, 65u}[seed % 3] : 10;
            const Codes code = solved(entry, make(seed, bits, kinds[seed % 3]), {3, 64, 3, seed});
            std::vector<std::uint8_t> bytes;
            for (std::uint64_t word : code.words)
                for (int shift = 0; shift < 64; shift += 8)
                    bytes.push_back(static_cast<std::uint8_t>(word >> shift));
            crc = reference::crc32c(crc, bytes);
        }
        return crc;
    };
    const std::array recorded{2336352241u, 2775422159u, 574510119u, 1298381881u,
                              3852362431u, 3527645078u, 1868499007u};
    REQUIRE(solvers().size() == recorded.size());
    for (const Kernels* kernel : supported_kernels()) {
        const std::string set = kernel->name;
        CAPTURE(set);
        choose_kernels(kernel->name);
        std::size_t i = 0;
        for_every_solver(
            [&](const SolverEntry& entry) { CHECK(fingerprint(entry) == recorded[i++]); });
    }
    choose_kernels("auto");
}
