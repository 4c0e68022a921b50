// The one problem that both sides solve:   minimise  f(x) = alpha x'Ax - 2 c'x   over x in
// {-1,+1}^k with integer symmetric A, integer c and a positive integer factor alpha. A device
// solves it for its user's code, the server for every item's code; methods differ in how they make
// (alpha, A, c).
//
// Symbols: k bits, x the code, g = Ax kept up to date while bits flip.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/codes.hpp"

namespace fedhash {

struct Quadratic {
    std::uint32_t bits = 0;
    std::int64_t alpha = 1;           // at least 1
    std::span<const std::int32_t> A;  // k x k, row-major
    std::span<const std::int64_t> c;  // k
    std::int64_t largest = 0;         // a bound on |A_ab| where one is known; 0 = not known
};

/// Own-bit factors are in 64ths.
constexpr std::int64_t own_bit_unit = 64;

struct DescentOptions {
    std::uint32_t sweeps = 3;             // at most; stops early when a sweep flips nothing
    std::int64_t own_bit = own_bit_unit;  // rho * 64
    std::int64_t inertia = 0;             // I: pulls every bit to what it is, |I| <= 2^50
};

struct Descent {
    std::uint32_t sweeps = 0;
    std::uint32_t flips = 0;
    std::int64_t quadratic = 0;  // x'Ax of the final code
};

/// Discrete coordinate descent (Zhang et al., Discrete Collaborative Filtering, SIGIR 2016, Alg.
/// 1), bits in order:
///   x_k <- sign( c_k - alpha (g_k - rho A_kk x_k) + I x_k ),   the old bit stays when the argument
///   is 0.
/// rho = 1 is exact minimisation over bit k, so f never increases. rho < 1 over-relaxes: bits flip
/// although f does not fall for it, which keeps a code moving that plain descent would freeze; f
/// may then increase. I > 0 makes bits stick, as in LightFR's code. Values must satisfy |c_k| * 64,
/// alpha * 64 * k * max|A| < 2^63 (checked by those who make the problem). `products`: Ax of the
/// code as it is given, where the caller has it.
Descent descend(const Quadratic& problem, std::span<std::uint64_t> code,
                const DescentOptions& options, std::span<const std::int32_t> products = {});

/// out = Ax for a packed code, k integers.
void product(std::span<const std::int32_t> A, CodeView code, std::uint32_t bits,
             std::span<std::int32_t> out);

/// f(x), in exact integers; for tests and diagnostics.
std::int64_t value(const Quadratic& problem, CodeView code);

}  // namespace fedhash
