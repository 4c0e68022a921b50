#include "scenarios/search_bench/limits.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>
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

/// Whole groups of lanes, and enough to count in.
std::size_t words_of(std::size_t bytes) {
    return std::max((bytes / 8 + lanes - 1) / lanes * lanes, LimitPasses::counted_words);
}

/// The loops whose fastest pass is the fastest, and its nanoseconds.
template <class Pass>
std::pair<LimitLoops, double> fastest(Pass pass) {
    std::pair<LimitLoops, double> best{{}, std::numeric_limits<double>::max()};
    std::uint64_t kept = 0;
    for (const LimitLoops& loops : limit_loops()) {
        const auto spread = time_in_turns({[&] { kept += pass(loops); }}, {0.02, 9});
        if (spread.front().least < best.second) best = {loops, spread.front().least};
    }
    return best;
}

std::pair<LimitLoops, double> fastest_reading(const std::vector<std::uint64_t>& words) {
    return fastest(
        [&](const LimitLoops& loops) { return loops.read_all(words.data(), words.size()); });
}

std::pair<LimitLoops, double> fastest_counting(const std::vector<std::uint64_t>& words) {
    std::uint64_t query = 0;
    return fastest([&](const LimitLoops& loops) {
        return loops.count_all(words.data(), LimitPasses::counted_words, ++query);
    });
}

}  // namespace

double read_bandwidth(std::size_t bytes) {
    const std::vector<std::uint64_t> words(words_of(bytes), 1);
    return static_cast<double>(8 * words.size()) / fastest_reading(words).second * 1e9;
}

double popcount_rate() {
    const std::vector<std::uint64_t> words(words_of(0), 0x123456789abcdefULL);
    return static_cast<double>(LimitPasses::counted_words) / fastest_counting(words).second * 1e9;
}

LimitPasses::LimitPasses(std::size_t code_bytes)
    : words_(words_of(code_bytes), 0x123456789abcdefULL),
      reading_(fastest_reading(words_).first),
      counting_(fastest_counting(words_).first) {}

}  // namespace fedhash::scenarios
