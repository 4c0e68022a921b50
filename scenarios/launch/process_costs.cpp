#include "scenarios/launch/process_costs.hpp"

#include <fstream>
#include <string>

namespace fedhash::scenarios {

namespace {

std::uint64_t kilobytes_after(const std::string& file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(key)) return 1024 * std::stoull(line.substr(key.size()));
    return 0;
}

}  // namespace

double cpu_seconds(const rusage& usage) {
    const auto in_seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

std::uint64_t proportional_set_bytes(pid_t pid) {
    return kilobytes_after("/proc/" + std::to_string(pid) + "/smaps_rollup", "Pss:");
}

std::uint64_t available_memory_bytes() { return kilobytes_after("/proc/meminfo", "MemAvailable:"); }

}  // namespace fedhash::scenarios
