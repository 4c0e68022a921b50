// The best scaled code of a user, and real coefficients beside it:
//
//   minimise over s, l, beta:  x'Mx - 2 v'x ,  x = [s l, beta] ,  l = sum over planes p of 2^p b_p
//
// with codes b_p in {-1,+1}^k: one plane is a plain code, two make levels +-1, +-3, and so on.
// beta is a function of the rest, beta = M_pp^-1 (v_p - M_pb s l), which leaves the same problem on
// the levels alone with the Schur complement of M; s = v.l / l'Ml leaves
//
//   maximise  f(l) = v.l |v.l| / l'Ml
//
// solved by tabu search (Glover 1989): the best flip of a bit that was not flipped lately, also
// when it lowers f, the best code ever seen being kept. A step costs O(k).
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

struct ScaledCode {
    double scale = 0;          // s >= 0; 0 when nothing was found with v.l > 0
    std::vector<double> beta;  // one per coefficient beside the code
};

struct ScaledCodeOptions {
    std::uint32_t bits = 64;   // k
    std::uint32_t planes = 1;  // 1..max_user_bits
    std::uint32_t steps = 60;  // of the search
    bool afresh = false;       // start from the real solution, rounded, instead of from `code`
};

/// On work.normal (M) and work.right (v), whose first k rows are the code's. `code`: the planes,
/// the one of weight 1 first, words_for(k) words each; becomes the best that was found.
ScaledCode fit_scaled_code(const Workspace& work, const ScaledCodeOptions& options, Stream random,
                           std::span<std::uint64_t> code);

}  // namespace fedhash::client
