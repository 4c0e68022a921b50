// Times of contestants that take turns, so that what the machine does meanwhile meets all of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

namespace fedhash::scenarios {

struct Spread {
    double median = 0, low = 0, high = 0;  // low and high: quartiles
    double least = 0;
};

inline Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const std::size_t n = values.size();
    return {values[n / 2], values[n / 4], values[n - 1 - n / 4], values[0]};
}

struct TimingOptions {
    double seconds = 0.3;    // of every contestant, about
    std::size_t passes = 9;  // at least
};

/// Nanoseconds of one call of each, over passes in which all take their turn, there and back, so
/// that each comes as often after its neighbour as before it. A turn is calls for a
/// millisecond at least, after one that does not count: it finds in the caches what the others
/// left.
inline std::vector<Spread> time_in_turns(const std::vector<std::function<void()>>& calls,
                                         const TimingOptions& options) {
    using Clock = std::chrono::steady_clock;
    const auto timed = [](const std::function<void()>& call, std::size_t times) {
        const auto begin = Clock::now();
        for (std::size_t i = 0; i < times; ++i) call();
        return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    };
    constexpr double shortest_ns = 1e6;
    std::vector<std::size_t> repeats, passes;
    for (const auto& call : calls) {
        const double once = std::max(1.0, std::min(timed(call, 1), timed(call, 1)));
        repeats.push_back(static_cast<std::size_t>(std::max(1.0, shortest_ns / once)));
        passes.push_back(std::clamp<std::size_t>(
            static_cast<std::size_t>(options.seconds * 1e9 /
                                     (once * static_cast<double>(repeats.back()))),
            options.passes, 1001));
    }
    std::vector<std::vector<double>> measured(calls.size());
    const std::size_t rounds = passes.empty() ? 0 : *std::ranges::max_element(passes);
    for (std::size_t round = 0; round < rounds; ++round)
        for (std::size_t turn = 0; turn < calls.size(); ++turn) {
            const std::size_t c = round % 2 == 0 ? turn : calls.size() - 1 - turn;
            // Slow ones sit out rounds, spread evenly.
            if (round * passes[c] / rounds != (round + 1) * passes[c] / rounds) {
                calls[c]();
                measured[c].push_back(timed(calls[c], repeats[c]) /
                                      static_cast<double>(repeats[c]));
            }
        }
    std::vector<Spread> result;
    for (auto& values : measured) result.push_back(spread_of(std::move(values)));
    return result;
}

}  // namespace fedhash::scenarios
