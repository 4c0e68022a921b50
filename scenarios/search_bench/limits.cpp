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

CountedWords words_to_count() {
    CountedWords made;
    std::ranges::fill(made.words, 0x123456789abcdefULL);
    return made;
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

auto fastest_reading(std::span<const std::byte> bytes) {
    std::vector<decltype(LimitLoops::read_all)> ways;
    for (const LimitLoops& loops : limit_loops()) {
        ways.push_back(loops.read_all);
        ways.push_back(loops.read_ahead);
    }
    return fastest(ways, [&](auto way) { return way(bytes.data(), bytes.size()); });
}

auto fastest_counting(const CountedWords& counted) {
    std::vector<decltype(LimitLoops::count_all)> ways;
    for (const LimitLoops& loops : limit_loops()) ways.push_back(loops.count_all);
    std::uint64_t query = 0;
    return fastest(ways, [&](auto way) { return way(counted.words, counted_words, ++query); });
}

}  // namespace

double read_bandwidth(std::size_t bytes) {
    struct alignas(read_group) Group {
        std::byte bytes[read_group];
    };
    const std::vector<Group> groups(std::max<std::size_t>(1, bytes / read_group), Group{});
    const std::span<const std::byte> all = std::as_bytes(std::span(groups));
    return static_cast<double>(all.size()) / fastest_reading(all).second * 1e9;
}

double popcount_rate() {
    return static_cast<double>(counted_words) / fastest_counting(words_to_count()).second * 1e9;
}

LimitPasses::LimitPasses(std::span<const std::byte> codes)
    : codes_(codes.first(codes.size() / read_group * read_group)),
      words_(words_to_count()),
      reading_(fastest_reading(codes_).first),
      counting_(fastest_counting(words_).first) {}

}  // namespace fedhash::scenarios
