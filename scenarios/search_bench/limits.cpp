#include "scenarios/search_bench/limits.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "common/kernels/kernels.hpp"
#include "scenarios/search_bench/limit_loops.hpp"
#include "scenarios/search_bench/timing.hpp"

namespace fedhash::scenarios {

namespace limits_baseline {
extern const LimitLoops loops;
}
#if defined(__x86_64__)
namespace limits_popcnt {
extern const LimitLoops loops;
}
namespace limits_avx2 {
extern const LimitLoops loops;
}
namespace limits_avx512 {
extern const LimitLoops loops;
}
#endif

std::vector<LimitLoops> limit_loops() {
    std::vector<LimitLoops> loops{limits_baseline::loops};
#if defined(__x86_64__)
    for (const Kernels* supported : supported_kernels()) {
        const std::string_view set = supported->name;
        if (set == "avx512") loops.push_back(limits_avx512::loops);
        if (set == "avx2") loops.push_back(limits_avx2::loops);
        if (set == "popcnt") loops.push_back(limits_popcnt::loops);
    }
#endif
    return loops;
}

namespace {

constexpr std::size_t lanes = 32;

/// Nanoseconds of the fastest pass of the fastest loops.
template <class Pass>
double pass_ns(Pass pass) {
    std::uint64_t kept = 0;
    double least = std::numeric_limits<double>::max();
    for (const LimitLoops& loops : limit_loops()) {
        const auto spread = time_in_turns({[&] { kept += pass(loops); }}, {0.05, 9});
        least = std::min(least, spread.front().least);
    }
    // Without a use the loops would be left out.
    static volatile std::uint64_t sink = 0;
    sink = sink + kept;
    return least;
}

}  // namespace

double read_bandwidth(std::size_t bytes) {
    const std::vector<std::uint64_t> words((bytes / 8 + lanes - 1) / lanes * lanes, 1);
    const double ns = pass_ns([&](const LimitLoops& loops) {
        return loops.read_all(words.data(), words.size());
    });
    return static_cast<double>(8 * words.size()) / ns * 1e9;
}

double popcount_rate() {
    const std::vector<std::uint64_t> words(2048, 0x123456789abcdefULL);  // 16 KiB
    std::uint64_t query = 0;
    const double ns =
        pass_ns([&](const LimitLoops& loops) {
        return loops.count_all(words.data(), words.size(), ++query);
    });
    return static_cast<double>(words.size()) / ns * 1e9;
}

}  // namespace fedhash::scenarios
