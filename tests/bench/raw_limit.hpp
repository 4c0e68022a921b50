// What the machine can do: the same bytes between as many processes, with bare system calls and
// nothing else.
#pragma once

#include <cstddef>

namespace fedhash::bench {

struct RawLimit {
    double updates_per_second = 0;
    double cpu_us_per_update = 0;  // both sides
};

/// `processes` children, each with a loopback TCP connection to this process. A round: `down` bytes
/// to each, `up` bytes from each; the parent waits for all by epoll, the children block. Throws
/// std::runtime_error.
RawLimit raw_rounds(int processes, int rounds, std::size_t down, std::size_t up);

}  // namespace fedhash::bench
