// Random streams keyed by what they are for. There is no global generator: a stream is a pure
// function of (seed, purpose, a, b), so the numbers a user draws do not depend on which process
// hosts it or on who drew before.
//
// The engine is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): 64 bits of state, passes BigCrush,
// and seeding costs nothing, which matters when every user of every round has a stream of its own.
// Distributions come from Boost.Random, whose results, unlike std::'s, are the same everywhere.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>

namespace fedhash {

enum class Purpose : std::uint64_t {
    item_codes = 1,
    user_code = 2,
    cohort = 3,
    split = 4,
    negatives = 5,
    generator = 6,
    baseline = 7,
    arrival = 8,
    user_negatives = 9,
    solver = 10,
    quantiser = 11,
    kicks = 12,
    link = 13,
    jitter = 14,
    availability = 15,
    dropout = 16,
    neighbours = 17,
    decoys = 18,
    code_noise = 19,
    relaxed = 20,
    item_noise = 21,
    row_cap = 22,
    adversary = 23,
    audit = 24,
    ballots = 25,
    sum_noise = 26,
    denoisers = 27,
    blocks = 28,
    pieces = 29,
};

class Stream {
  public:
    using result_type = std::uint64_t;

    explicit constexpr Stream(std::uint64_t state) : state_(state) {}
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

    constexpr result_type operator()() {
        state_ += 0x9e3779b97f4a7c15ULL;
        return mix(state_);
    }
    static constexpr result_type mix(result_type z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

  private:
    std::uint64_t state_;
};

/// The stream for one purpose; `a` and `b` are whatever tells its instances apart (a round and a
/// user, say).
constexpr Stream stream(std::uint64_t seed, Purpose purpose, std::uint64_t a = 0,
                        std::uint64_t b = 0) {
    std::uint64_t state = Stream::mix(seed + 0x9e3779b97f4a7c15ULL);
    for (std::uint64_t word : {static_cast<std::uint64_t>(purpose), a, b})
        state = Stream::mix(state ^ (word + 0x9e3779b97f4a7c15ULL + (state << 6) + (state >> 2)));
    return Stream(state);
}

}  // namespace fedhash
