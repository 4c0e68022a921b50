#include "scenarios/baselines/baselines.hpp"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <limits>

#include "client/evaluator.hpp"
#include "common/random.hpp"
#include "scenarios/baselines/cache.hpp"
#include "scenarios/baselines/factor_scores.hpp"
#include "scenarios/baselines/ials_tuning.hpp"
#include "scenarios/baselines/parallel.hpp"

namespace fedhash::scenarios {
namespace {

using client::Part;

/// Metrics of all users, `score(user, item)` being what they rank by.
template <class Score>
void measure(const Prepared& data, Part part, std::span<const std::uint32_t> cutoffs,
             const Score& score, Baseline& baseline) {
    const unsigned threads = thread_count(0);
    const std::size_t specs = metric_specs(cutoffs).size();
    std::vector<MetricSums> sums(threads, MetricSums(specs, cutoffs.size()));
    baseline.user_metrics.assign(data.users.size() * specs,
                                 std::numeric_limits<float>::quiet_NaN());
    const std::span<float> own(baseline.user_metrics);
    for_blocks(data.users.size(), 16, threads,
               [&](std::size_t worker, std::size_t first, std::size_t last) {
                   for (std::size_t u = first; u < last; ++u)
                       client::evaluate(
                           data.users[u], part, data.ranking, cutoffs,
                           [&, u](std::span<const ItemId> items, std::span<double> out) {
                               for (std::size_t j = 0; j < items.size(); ++j)
                                   out[j] = score(u, index(items[j]));
                           },
                           sums[worker], own.subspan(u * specs, specs));
               });
    for (std::size_t worker = 1; worker < sums.size(); ++worker) sums[0].merge(sums[worker]);
    baseline.sums = std::move(sums[0]);
}

/// One random code per row, (bits + 63) / 64 words each; unused bits are 0.
std::vector<std::uint64_t> draw_codes(std::size_t rows, std::uint32_t bits, std::uint64_t seed,
                                      std::uint64_t side) {
    const std::size_t words = (bits + 63) / 64;
    std::vector<std::uint64_t> codes;
    codes.reserve(rows * words);
    for (std::size_t row = 0; row < rows; ++row) {
        Stream random = stream(seed, Purpose::baseline, side, row);
        for (std::size_t word = 0; word < words; ++word) codes.push_back(random());
        if (bits % 64 != 0) codes.back() &= (std::uint64_t{1} << bits % 64) - 1;
    }
    return codes;
}

std::string describe_choice(const IalsChoice& choice, bool own_validation) {
    return fmt::format(
        "{} factors, a0 {:.3g}, lambda {:.3g}, {} epochs; {} settings tried on {}, best NDCG@{} "
        "{:.4f}{}",
        choice.options.factors, choice.options.unobserved, choice.options.ridge, choice.epochs,
        choice.tried, own_validation ? "the validation part" : "a hold-out from the training part",
        choice.cutoff, choice.ndcg, choice.cut_short ? "; search cut short by its cost limit" : "");
}

}  // namespace

Baseline random_codes(const Prepared& data, std::uint32_t bits, std::uint64_t seed,
                      std::span<const std::uint32_t> cutoffs, Part part) {
    const std::size_t words = (bits + 63) / 64;
    const std::vector<std::uint64_t> users = draw_codes(data.users.size(), bits, seed, 3);
    const std::vector<std::uint64_t> items = draw_codes(data.ranking.items, bits, seed, 4);
    const auto score = [&](std::size_t u, std::size_t i) {
        int distance = 0;
        for (std::size_t word = 0; word < words; ++word)
            distance +=
                static_cast<int>(std::popcount(users[u * words + word] ^ items[i * words + word]));
        return static_cast<double>(-distance);
    };
    Baseline result{"random", fmt::format("random codes of {} bits (seed {})", bits, seed), {}, {}};
    measure(data, part, cutoffs, score, result);
    return result;
}

Baseline popularity(const Prepared& data, std::span<const std::uint32_t> cutoffs, Part part) {
    assert(data.item_counts.size() == data.ranking.items);
    const auto score = [&](std::size_t, std::size_t i) {
        return static_cast<double>(data.item_counts[i]);
    };
    Baseline result{"popularity", "training interactions of the item", {}, {}};
    measure(data, part, cutoffs, score, result);
    return result;
}

Baseline ials(const Prepared& data, const BaselineSettings& settings, std::uint64_t seed,
              std::span<const std::uint32_t> cutoffs, const Listener& listener, unsigned threads) {
    const BaselineCache cache(data, settings, seed, cutoffs, listener.notice);
    if (std::optional<Baseline> known = cache.load()) return std::move(*known);

    std::vector<client::UserData> tuning;
    if (!data.has_validation) tuning = hold_out(data.users, data.ranking, seed);
    const IalsSearch search{.factors = settings.ials_factors,
                            .epochs = settings.ials_epochs,
                            .seed = seed,
                            .cutoff = tuning_cutoff(cutoffs),
                            .threads = threads};
    TunedIals tuned = tune_ials(data.has_validation ? data.users : tuning, data.ranking, search,
                                listener.progress);
    if (!data.has_validation) {
        const Interactions all = interactions(data.users, data.ranking.items);
        Ials model(all, tuned.choice.options);
        for (std::uint32_t epoch = 0; epoch < tuned.choice.epochs; ++epoch) model.epoch();
        tuned.users = model.users();
        tuned.items = model.items();
    }
    Baseline result{"ials", describe_choice(tuned.choice, data.has_validation), {}, {}};
    result.user_metrics.assign(data.users.size() * metric_specs(cutoffs).size(),
                               std::numeric_limits<float>::quiet_NaN());
    result.sums =
        measure_factors(tuned.users, tuned.items, data.users, scored_users(data.users, Part::test),
                        Part::test, data.ranking, cutoffs, threads, result.user_metrics);
    cache.store(result, tuned.choice);
    return result;
}

std::vector<Baseline> run_baselines(const Prepared& data, const BaselineSettings& settings,
                                    std::uint32_t bits, std::uint64_t seed,
                                    std::span<const std::uint32_t> cutoffs,
                                    const Listener& listener) {
    std::vector<Baseline> rows;
    if (!settings.enabled) return rows;
    rows.push_back(random_codes(data, bits, seed, cutoffs, Part::test));
    rows.push_back(popularity(data, cutoffs, Part::test));
    rows.push_back(ials(data, settings, seed, cutoffs, listener));
    return rows;
}

}  // namespace fedhash::scenarios
