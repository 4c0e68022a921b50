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

constexpr std::size_t words_a_line = 8, lines_a_group = 4;

/// Whole groups of lines, and enough to count in.
std::vector<WordLine> words_in(std::size_t bytes) {
    const std::size_t lines = (bytes + sizeof(WordLine) - 1) / sizeof(WordLine);
    const std::size_t groups = (lines + lines_a_group - 1) / lines_a_group;
    WordLine line;
    std::ranges::fill(line.words, 0x123456789abcdefULL);
    return std::vector<WordLine>(
        std::max(groups * lines_a_group, LimitPasses::counted_words / words_a_line), line);
}

/// The one of `ways` whose fastest call is the fastest, and its nanoseconds.
template <class Way, class Call>
std::pair<Way, double> fastest(const std::vector<Way>& ways, Call call) {
    std::pair<Way, double> best{{}, std::numeric_limits<double>::max()};
    std::uint64_t kept = 0;
    for (const Way way : ways) {
        const auto spread = time_in_turns({[&] { kept += call(way); }}, {0.02, 9});
        if (spread.front().least < best.second) best = {way, spread.front().least};
    }
    return best;
}

auto fastest_reading(const std::vector<WordLine>& lines) {
    std::vector<decltype(LimitLoops::read_all)> ways;
    for (const LimitLoops& loops : limit_loops()) {
        ways.push_back(loops.read_all);
        ways.push_back(loops.read_ahead);
    }
    return fastest(ways,
                   [&](auto way) { return way(lines.front().words, words_a_line * lines.size()); });
}

auto fastest_counting(const std::vector<WordLine>& lines) {
    std::vector<decltype(LimitLoops::count_all)> ways;
    for (const LimitLoops& loops : limit_loops()) ways.push_back(loops.count_all);
    std::uint64_t query = 0;
    return fastest(ways, [&](auto way) {
        return way(lines.front().words, LimitPasses::counted_words, ++query);
    });
}

}  // namespace

double read_bandwidth(std::size_t bytes) {
    const std::vector<WordLine> lines = words_in(bytes);
    return static_cast<double>(sizeof(WordLine) * lines.size()) / fastest_reading(lines).second *
           1e9;
}

double popcount_rate() {
    return static_cast<double>(LimitPasses::counted_words) / fastest_counting(words_in(0)).second *
           1e9;
}

LimitPasses::LimitPasses(std::size_t code_bytes)
    : lines_(words_in(code_bytes)),
      reading_(fastest_reading(lines_).first),
      counting_(fastest_counting(lines_).first) {}

}  // namespace fedhash::scenarios
