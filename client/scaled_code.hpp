// The best scaled code of a user, and real coefficients beside it:
//
//   minimise over s, b in {-1,+1}^k, beta:  x'Mx - 2 v'x ,  x = [s b, beta]
//
// beta is a function of the rest, beta = M_pp^-1 (v_p - M_pb s b), which leaves the same problem on
// the code alone with the Schur complement of M; s = v.b / b'Mb leaves
//
//   maximise  f(b) = v.b |v.b| / b'Mb
//
// solved by tabu search (Glover 1989): the best flip of a bit that was not flipped lately, also when
// it lowers f, the best code ever seen being kept. A step costs O(k).
#pragma once

#include "client/learner.hpp"

namespace fedhash::client {

struct ScaledCode {
    double scale = 0;          // s >= 0; 0 when no code has v.b > 0
    std::vector<double> beta;  // one per coefficient beside the code
};

/// On work.normal (M) and work.right (v), whose first `bits` rows are the code's. Searches from
/// `code`, or with `afresh` from the signs of the real solution. `code` becomes the best code.
ScaledCode fit_scaled_code(const Workspace& work, std::uint32_t bits, std::uint32_t steps,
                           bool afresh, Stream random, std::span<std::uint64_t> code);

}  // namespace fedhash::client
