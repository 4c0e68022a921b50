// `local-search`: iterated local search (Lourenço, Martin, Stützle, Handbook of Metaheuristics,
// 2003) around coordinate descent. One descent from the start; then `kicks` times: flip
// 3 + rand(k/8) different random bits of the best code, descend, keep the result if it is strictly
// better. own_bit acts on the first descent only: an over-relaxed one may leave a worse code, and
// the kicks then improve on that, not on the start. (Size of a kick: ours.)
#include <boost/random/uniform_int_distribution.hpp>

#include "common/solvers/solvers.hpp"

namespace fedhash {

namespace {

// Flips from 3 to 2 + k/8 bits, all of a code of fewer than 3.
void kick(std::span<std::uint64_t> code, std::uint32_t bits, Stream& random) {
    using Uniform = boost::random::uniform_int_distribution<std::uint32_t>;
    const std::uint32_t widest = 2 + std::max(1u, bits / 8);
    const std::uint32_t count = std::min(bits, Uniform(3, widest)(random));
    // Sequential sampling (Knuth, TAOCP 2, 3.4.2, algorithm S): bit a with chance wanted / left.
    std::uint32_t wanted = count;
    for (std::uint32_t a = 0; wanted > 0; ++a) {
        if (Uniform(1, bits - a)(random) > wanted) continue;
        flip(code, a);
        --wanted;
    }
}

Descent solve(const Quadratic& problem, std::span<std::uint64_t> code,
              const SolveOptions& options) {
    assert(within_bounds(problem));
    std::array<std::uint64_t, max_words> start{}, kicked{};
    std::copy(code.begin(), code.end(), start.begin());
    const std::span<std::uint64_t> trial(kicked.data(), code.size());

    Descent result = descend(problem, code, {options.sweeps, options.own_bit});
    Best best(code, value(problem, code, result.quadratic));
    Stream random = stream(options.seed, Purpose::kicks);
    for (std::uint32_t i = 0; i < options.kicks && options.sweeps > 0; ++i) {
        std::copy(best.code().begin(), best.code().end(), trial.begin());
        kick(trial, problem.bits, random);
        const Descent descent = descend(problem, trial, {options.sweeps, own_bit_unit});
        result.sweeps += descent.sweeps;
        if (best.offer(trial, value(problem, trial, descent.quadratic)))
            result.quadratic = descent.quadratic;
    }
    std::copy(best.code().begin(), best.code().end(), code.begin());
    result.flips = distance(CodeView(start).first(code.size()), code);
    return result;
}

}  // namespace

const SolverEntry local_search_solver{"local-search", solve, true,
                                      "dcd, then kicks and descents from the best code"};

}  // namespace fedhash
