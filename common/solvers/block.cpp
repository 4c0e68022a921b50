// `block`: exact minimisation over 8 bits at a time, blocks in order (bits 0-7, 8-15, ..; the last
// may be shorter), until a sweep changes nothing. Its fixed points are minima over all changes
// within a block, so over single flips too. (Block coordinate descent; that blocks are enumerated
// in Gray-code order is ours.)
//
// A block is enumerated by flipping one bit at a time in the order of the reflected Gray code, step
// i flips bit ctz(i): each of the 2^n - 1 steps costs n additions to the pulls inside the block,
//   f changes by 4 x_a h_a,   then   h_b -= 2 alpha A_ab x_a'  for b != a  (x' the new code),
// and the rest of Ax is brought up to date once, for the bits that ended up different. In quarters
// of f a value lies within n 2^57 of the start: below 2^62 for the 20 bits of `exhaustive`, which
// is one such block.
#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

constexpr std::uint32_t block_bits = 8;

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    Walk walk(problem, code);
    Descent result;
    while (result.sweeps < options.sweeps) {
        ++result.sweeps;
        std::uint32_t flips = 0;
        for (std::uint32_t first = 0; first < walk.bits(); first += block_bits)
            flips += settle_block(walk, first, std::min(block_bits, walk.bits() - first));
        result.flips += flips;
        if (flips == 0) break;
    }
    result.quadratic = walk.quadratic();
    return result;
}

}  // namespace

std::uint32_t settle_block(Walk& walk, std::uint32_t first, std::uint32_t count) {
    assert(count >= 1 && count <= max_exhaustive_bits && first + count <= walk.bits());
    std::array<std::array<std::int64_t, max_exhaustive_bits>, max_exhaustive_bits> twice{};
    std::array<std::int64_t, max_exhaustive_bits> h{}, x{};
    std::uint32_t old = 0;
    for (std::uint32_t a = 0; a < count; ++a) {
        x[a] = walk.x(first + a);
        h[a] = x[a] * walk.cost(first + a);
        old |= static_cast<std::uint32_t>(x[a] > 0) << a;
        for (std::uint32_t b = 0; b < count; ++b)
            twice[a][b] = a == b ? 0 : 2 * walk.problem().alpha * walk.A(first + a, first + b);
    }

    const auto nearer = [old](std::uint32_t one, std::uint32_t other) {
        const int flips = std::popcount(one ^ old), more = std::popcount(other ^ old);
        return flips != more ? flips < more : one < other;
    };
    std::uint32_t here = old, best = old;
    std::int64_t value = 0, least = 0;  // quarters of f, from the old values on
    for (std::uint32_t step = 1; step < std::uint32_t{1} << count; ++step) {
        const auto a = static_cast<std::uint32_t>(std::countr_zero(step));
        value += x[a] * h[a];
        x[a] = -x[a];
        here ^= std::uint32_t{1} << a;
        for (std::uint32_t b = 0; b < count; ++b) h[b] -= twice[a][b] * x[a];
        if (value > least) continue;
        if (value < least || nearer(here, best)) {
            least = value;
            best = here;
        }
    }

    for (std::uint32_t changed = old ^ best; changed != 0; changed &= changed - 1)
        walk.flip(first + static_cast<std::uint32_t>(std::countr_zero(changed)));
    return static_cast<std::uint32_t>(std::popcount(old ^ best));
}

const SolverEntry block_solver{"block", solve, true, "the best of 2^8 codes, block by block"};

}  // namespace fedhash
