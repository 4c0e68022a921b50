// A code on its walk over the corners of the cube, with what a solver asks about it kept up to date
// while bits flip.
//
// Symbols: g = Ax;  B the off-diagonal part of alpha A;  h = c - Bx the pulls: h_a does not depend
// on x_a, and f as a function of x_a alone is  constant - 2 h_a x_a.  So flipping bit a changes f
// by 4 x_a h_a: it pays where x_a and h_a disagree.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "common/codes.hpp"
#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"
#include "common/solver.hpp"

namespace fedhash {

/// f(x), exact, from x'Ax.
inline Wide value(const Quadratic& problem, CodeView code, std::int64_t quadratic) {
    Wide along = 0;
    for (std::uint32_t a = 0; a < problem.bits; ++a) along += sign(code, a) * problem.c[a];
    return Wide{problem.alpha} * quadratic - 2 * along;
}

/// Bits in which two codes differ.
inline std::uint32_t distance(CodeView a, CodeView b) {
    int differing = 0;
    for (std::size_t w = 0; w < a.size(); ++w) differing += std::popcount(a[w] ^ b[w]);
    return static_cast<std::uint32_t>(differing);
}

class Walk {
  public:
    /// `code` stays with the caller and is what flips.
    Walk(const Quadratic& problem, std::span<std::uint64_t> code) : problem_(problem), code_(code) {
        assert(within_bounds(problem) && code.size() == words_for(problem.bits));
        product(problem.A, code, problem.bits, g_);
    }

    const Quadratic& problem() const { return problem_; }
    CodeView code() const { return code_; }
    std::uint32_t bits() const { return problem_.bits; }
    int x(std::uint32_t a) const { return sign(code_, a); }
    std::int64_t A(std::uint32_t a, std::uint32_t b) const {
        return problem_.A[a * problem_.bits + b];
    }
    /// (Bx)_a, B the off-diagonal part of alpha A.
    std::int64_t coupled(std::uint32_t a) const {
        return problem_.alpha * (g_[a] - A(a, a) * x(a));
    }
    /// A quarter of what f changes by when bit a flips: x_a h_a, |.| < 2^57.
    std::int64_t cost(std::uint32_t a) const { return x(a) * (problem_.c[a] - coupled(a)); }

    void flip(std::uint32_t a) {
        kernels().add_row(g_.data(), &problem_.A[a * problem_.bits], -2 * x(a), problem_.bits);
        fedhash::flip(code_, a);
    }
    /// Flips what differs from `to`.
    void move(CodeView to) {
        for (std::uint32_t a = 0; a < bits(); ++a)
            if (bit(to, a) != bit(code_, a)) flip(a);
    }

    /// x'Ax.
    std::int64_t quadratic() const {
        std::int64_t sum = 0;
        for (std::uint32_t a = 0; a < bits(); ++a) sum += x(a) * std::int64_t{g_[a]};
        return sum;
    }
    Wide value() const { return fedhash::value(problem_, code_, quadratic()); }

  private:
    const Quadratic problem_;
    std::span<std::uint64_t> code_;
    std::array<std::int32_t, max_bits> g_{};
};

/// The best code of those it was shown, the first of equals.
class Best {
  public:
    explicit Best(const Walk& start) : Best(start.code(), start.value()) {}
    Best(CodeView start, Wide value) : words_(start.size()), value_(value) { copy(start); }

    bool offer(const Walk& walk) { return offer(walk.code(), walk.value()); }
    /// Whether it is strictly better.
    bool offer(CodeView code, Wide value) {
        if (value >= value_) return false;
        value_ = value;
        copy(code);
        return true;
    }
    CodeView code() const { return CodeView(code_).first(words_); }
    Wide value() const { return value_; }

  private:
    void copy(CodeView from) { std::copy(from.begin(), from.end(), code_.begin()); }

    std::array<std::uint64_t, max_words> code_{};
    std::size_t words_;
    Wide value_;
};

}  // namespace fedhash
