// What processes cost, as the kernel accounts for it.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <span>

namespace fedhash::scenarios {

/// User and system seconds of a finished child.
double cpu_seconds(const rusage& usage);

/// Proportional set size of a running process in bytes (/proc/PID/smaps_rollup); 0 when it cannot
/// be read.
std::uint64_t proportional_set_bytes(pid_t pid);

/// MemAvailable of the whole system in bytes.
std::uint64_t available_memory_bytes();

}  // namespace fedhash::scenarios
