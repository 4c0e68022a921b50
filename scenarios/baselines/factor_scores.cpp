#include "scenarios/baselines/factor_scores.hpp"

#include <optional>

#include "scenarios/baselines/ials_dispatch.hpp"
#include "scenarios/baselines/parallel.hpp"

namespace fedhash::scenarios {
namespace {

using client::Part;
using client::Ranking;
using client::UserData;

/// Item factors as panels of score_items columns, each d x score_items.
AlignedFloats item_panels(const Factors& items) {
    const std::size_t panels = (items.rows + score_items - 1) / score_items;
    AlignedFloats result(panels * items.stride * score_items);
    for (std::size_t i = 0; i < items.rows; ++i) {
        float* panel = result.data() + i / score_items * items.stride * score_items;
        for (std::size_t f = 0; f < items.dims; ++f)
            panel[f * score_items + i % score_items] = items.row(i)[f];
    }
    return result;
}

/// The whole catalogue's scores for a block of users.
class BlockScores {
  public:
    /// Several kernels' worth, so that a panel of items is read from memory once for all of them.
    static constexpr std::size_t most_users = 4 * score_users;

    BlockScores(const Factors& users, const Factors& items, const AlignedFloats& panels)
        : users_(users),
          panels_(panels),
          width_((items.rows + score_items - 1) / score_items * score_items),
          packed_(most_users * users.stride),
          scores_(most_users * width_) {}

    void compute(std::span<const std::uint32_t> which) {
        const std::size_t d = users_.stride;
        std::fill(packed_.begin(), packed_.end(), 0.0F);
        for (std::size_t u = 0; u < which.size(); ++u) {
            float* group = packed_.data() + u / score_users * score_users * d;
            for (std::size_t f = 0; f < users_.dims; ++f)
                group[f * score_users + u % score_users] = users_.row(which[u])[f];
        }
        for (std::size_t item = 0; item < width_; item += score_items)
            for (std::size_t u = 0; u < which.size(); u += score_users)
                ials_kernels().score_panel(packed_.data() + u * d, panels_.data() + item * d, d,
                                           width_, scores_.data() + u * width_ + item);
    }

    /// The scores of the u-th of these users.
    const float* row(std::size_t u) const { return scores_.data() + u * width_; }

  private:
    const Factors& users_;
    const AlignedFloats& panels_;
    std::size_t width_;
    AlignedFloats packed_;
    AlignedFloats scores_;
};

float dot(const float* a, const float* b, std::size_t d) {
    float sums[factor_step] = {};  // independent lanes, which the compiler may keep in vectors
    for (std::size_t f = 0; f < d; f += factor_step)
        for (std::size_t lane = 0; lane < factor_step; ++lane)
            sums[lane] += a[f + lane] * b[f + lane];
    float sum = 0;
    for (const float value : sums) sum += value;
    return sum;
}

}  // namespace

std::vector<std::uint32_t> scored_users(std::span<const UserData> users, Part part) {
    std::vector<std::uint32_t> result;
    for (std::size_t u = 0; u < users.size(); ++u)
        if (!users[u].part(part).items.empty()) result.push_back(static_cast<std::uint32_t>(u));
    return result;
}

MetricSums measure_factors(const Factors& user_factors, const Factors& item_factors,
                           std::span<const UserData> users, std::span<const std::uint32_t> which,
                           Part part, const Ranking& ranking,
                           std::span<const std::uint32_t> cutoffs, unsigned threads,
                           std::span<float> user_metrics) {
    threads = thread_count(threads);
    const std::size_t specs = metric_specs(cutoffs).size();
    const auto own = [&](std::uint32_t u) {
        return user_metrics.empty() ? user_metrics : user_metrics.subspan(u * specs, specs);
    };
    const AlignedFloats panels = ranking.full ? item_panels(item_factors) : AlignedFloats{};
    std::vector<MetricSums> sums(threads, MetricSums(specs, cutoffs.size()));
    std::vector<std::optional<BlockScores>> blocks(threads);

    const auto measure_candidates = [&](std::uint32_t u, MetricSums& sum) {
        const float* x = user_factors.row(u);
        const auto scorer = [&](std::span<const ItemId> items, std::span<double> out) {
            for (std::size_t j = 0; j < items.size(); ++j)
                out[j] = static_cast<double>(
                    dot(x, item_factors.row(index(items[j])), item_factors.stride));
        };
        client::evaluate(users[u], part, ranking, cutoffs, scorer, sum, own(u));
    };
    const auto measure_block = [&](std::span<const std::uint32_t> block, BlockScores& scores,
                                   MetricSums& sum) {
        scores.compute(block);
        for (std::size_t u = 0; u < block.size(); ++u) {
            const auto scorer = [row = scores.row(u)](std::span<const ItemId> items,
                                                      std::span<double> out) {
                for (std::size_t j = 0; j < items.size(); ++j)
                    out[j] = static_cast<double>(row[index(items[j])]);
            };
            client::evaluate(users[block[u]], part, ranking, cutoffs, scorer, sum, own(block[u]));
        }
    };
    for_blocks(which.size(), BlockScores::most_users, threads,
               [&](std::size_t worker, std::size_t first, std::size_t last) {
                   const auto block = which.subspan(first, last - first);
                   if (ranking.full) {
                       if (!blocks[worker])
                           blocks[worker].emplace(user_factors, item_factors, panels);
                       measure_block(block, *blocks[worker], sums[worker]);
                   } else {
                       for (const std::uint32_t u : block) measure_candidates(u, sums[worker]);
                   }
               });
    for (std::size_t worker = 1; worker < sums.size(); ++worker) sums[0].merge(sums[worker]);
    return std::move(sums[0]);
}

}  // namespace fedhash::scenarios
