// Synthetic data with planted codes: users and items are noisy copies of group centres in Hamming
// space, and what a user picks mixes the affinity of the codes with the popularity of the item. The
// planted codes are the ground truth that no real set has: how much of it a method recovers, or an
// attack reveals, can be counted in bits.
//
//   code      = centre of the group, each bit flipped with p = 0.15        (16 groups, 64 bits)
//   affinity  a = 1 - 2 Hamming(user, item) / 64
//   weight    w = (rank + 5)^-s, rank = 0 for the most popular item
//   activity  n = 10 + lognormal(median 30, sigma 0.9), at most a third of the items
//   picks       = the n largest of beta a + log w + Gumbel noise, which is sampling without
//   replacement in proportion to
//                 exp(beta a) w (Efraimidis and Spirakis 2006; Gumbel top-k); one pick in twenty is
//                 uniform instead
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>

#include "common/errors.hpp"
#include "common/random.hpp"
#include "scenarios/data/formats.hpp"

namespace fedhash::scenarios {
namespace {

constexpr std::uint32_t groups = 16;
constexpr std::uint32_t code_bits = 64;
constexpr double flip = 0.15;
constexpr double uniform_share = 0.05;
constexpr std::uint32_t least_items = 10;

enum Draw : std::uint64_t { centres, item_codes, user_codes, ranks, picks };

template <class T>
void shuffle(std::vector<T>& values, Stream& random) {
    for (std::size_t i = values.size(); i > 1; --i) {
        boost::random::uniform_int_distribution<std::size_t> pick(0, i - 1);
        std::swap(values[i - 1], values[pick(random)]);
    }
}

std::uint64_t noisy_copy(const std::array<std::uint64_t, groups>& centre, Stream random) {
    boost::random::uniform_int_distribution<std::uint32_t> group(0, groups - 1);
    boost::random::bernoulli_distribution<double> flipped(flip);
    std::uint64_t code = centre[group(random)];
    for (std::uint32_t bit = 0; bit < code_bits; ++bit)
        code ^= static_cast<std::uint64_t>(flipped(random)) << bit;
    return code;
}

PlantedCodes plant(const SyntheticSettings& settings, std::uint64_t seed) {
    std::array<std::uint64_t, groups> centre{};
    Stream random = stream(seed, Purpose::generator, centres);
    for (std::uint64_t& code : centre) code = random();
    PlantedCodes out{code_bits, {}, {}};
    for (std::uint32_t u = 0; u < settings.users; ++u)
        out.users.push_back(noisy_copy(centre, stream(seed, Purpose::generator, user_codes, u)));
    for (std::uint32_t i = 0; i < settings.items; ++i)
        out.items.push_back(noisy_copy(centre, stream(seed, Purpose::generator, item_codes, i)));
    return out;
}

std::vector<double> log_popularity(const SyntheticSettings& settings, std::uint64_t seed) {
    std::vector<std::uint32_t> rank(settings.items);
    std::iota(rank.begin(), rank.end(), 0U);
    Stream random = stream(seed, Purpose::generator, ranks);
    shuffle(rank, random);  // an item's number must not tell its popularity
    std::vector<double> out;
    for (std::uint32_t r : rank) out.push_back(-settings.popularity * std::log(r + 5.0));
    return out;
}

std::size_t activity(std::uint32_t items, Stream& random) {
    boost::random::lognormal_distribution<double> extra(std::log(30.0), 0.9);
    const double wanted = least_items + std::floor(extra(random));
    return static_cast<std::size_t>(std::min(wanted, std::floor(items / 3.0)));
}

struct Key {
    std::int64_t value;
    std::uint32_t item;
};

/// The items that one user picks, in random order.
std::vector<std::uint32_t> pick_items(std::uint64_t code, const PlantedCodes& planted,
                                      const std::vector<double>& log_weight, double affinity,
                                      Stream random) {
    const auto items = static_cast<std::uint32_t>(log_weight.size());
    const std::size_t count = activity(items, random);
    const auto uniform_count =
        static_cast<std::size_t>(std::floor(static_cast<double>(count) * uniform_share + 0.5));
    const std::size_t chosen = count - uniform_count;

    boost::random::uniform_01<double> uniform;
    std::vector<Key> keys(items);
    for (std::uint32_t i = 0; i < items; ++i) {
        const double a = 1.0 - 2.0 * std::popcount(code ^ planted.items[i]) / code_bits;
        const double gumbel = -std::log(-std::log(std::max(uniform(random), 0x1p-64)));
        // The logarithms of two C libraries may differ in the last bit. Keys on a grid of 2^-20,
        // ties by item, make it all but certain that they still order the items alike, which the
        // golden hash relies on.
        keys[i] = {std::llround((affinity * a + log_weight[i] + gumbel) * 0x1p20), i};
    }
    std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(chosen), keys.end(),
                     [](const Key& a, const Key& b) {
                         return a.value != b.value ? a.value > b.value : a.item < b.item;
                     });
    std::vector<std::uint32_t> out, rest;
    for (std::size_t k = 0; k < keys.size(); ++k) (k < chosen ? out : rest).push_back(keys[k].item);
    std::sort(out.begin(), out.end());  // nth_element leaves an order that is the library's own
    std::sort(rest.begin(), rest.end());
    for (std::size_t k = 0; k < uniform_count; ++k) {
        boost::random::uniform_int_distribution<std::size_t> other(k, rest.size() - 1);
        std::swap(rest[k], rest[other(random)]);
        out.push_back(rest[k]);
    }
    shuffle(out, random);
    return out;
}

void check(const SyntheticSettings& settings) {
    if (settings.users < 1 || settings.users > 10'000'000)
        throw UsageError(
            fmt::format("data.synthetic.users: expected 1 to 10000000, found {}", settings.users));
    if (settings.items < 3 * least_items || settings.items > 10'000'000)
        throw UsageError(fmt::format("data.synthetic.items: expected {} to 10000000, found {}",
                                     3 * least_items, settings.items));
    if (!(settings.popularity >= 0 && settings.popularity <= 10))
        throw UsageError(fmt::format("data.synthetic.popularity: expected 0 to 10, found {}",
                                     settings.popularity));
    if (!(settings.affinity >= 0 && settings.affinity <= 1000))
        throw UsageError(fmt::format("data.synthetic.affinity: expected 0 to 1000, found {}",
                                     settings.affinity));
}

}  // namespace

Dataset generate(const Files&, const DataSettings& settings) {
    const SyntheticSettings& synthetic = settings.synthetic;
    check(synthetic);
    Dataset data;
    data.label = fmt::format("synthetic: {} users x {} items, affinity {}, popularity {} (seed {})",
                             synthetic.users, synthetic.items, synthetic.affinity,
                             synthetic.popularity, settings.seed);
    data.columns = {fmt::format("planted {}-bit codes of {} groups", code_bits, groups)};
    data.planted = plant(synthetic, settings.seed);
    for (std::uint32_t u = 0; u < synthetic.users; ++u) data.users.intern(std::to_string(u));
    for (std::uint32_t i = 0; i < synthetic.items; ++i) data.items.intern(std::to_string(i));
    const auto log_weight = log_popularity(synthetic, settings.seed);
    for (std::uint32_t u = 0; u < synthetic.users; ++u) {
        double time = 0;
        for (std::uint32_t item :
             pick_items(data.planted->users[u], *data.planted, log_weight, synthetic.affinity,
                        stream(settings.seed, Purpose::generator, picks, u)))
            data.train.push_back({u, item, 1.0, time++});
    }
    data.has_times = true;  // a user's own count: 0 is its first pick
    return data;
}

}  // namespace fedhash::scenarios
