#include "common/measures.hpp"

#include <cassert>

namespace fedhash {

std::string name(const MetricSpec& spec) {
    constexpr std::array names{"HR", "NDCG", "Recall", "Precision", "MRR", "MAP", "AUC"};
    std::string text = names[static_cast<std::size_t>(spec.metric)];
    if (spec.metric != Metric::auc) text += "@" + std::to_string(spec.k);
    return text;
}

std::vector<MetricSpec> metric_specs(std::span<const std::uint32_t> cutoffs) {
    std::vector<MetricSpec> specs;
    for (std::uint32_t k : cutoffs)
        for (Metric metric : {Metric::hr, Metric::ndcg, Metric::recall, Metric::precision,
                              Metric::mrr, Metric::map})
            specs.push_back({metric, k});
    specs.push_back({Metric::auc, 0});
    return specs;
}

std::uint32_t headline_cutoff(std::span<const std::uint32_t> cutoffs) {
    for (std::uint32_t k : cutoffs)
        if (k == 10) return k;
    return cutoffs[cutoffs.size() / 2];
}

void MetricSums::merge(const MetricSums& other) {
    assert(values.size() == other.values.size() && decile_hits.size() == other.decile_hits.size());
    users += other.users;
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i].expected += other.values[i].expected;
        values[i].optimistic += other.values[i].optimistic;
        values[i].pessimistic += other.values[i].pessimistic;
    }
    for (std::size_t i = 0; i < decile_items.size(); ++i) decile_items[i] += other.decile_items[i];
    for (std::size_t i = 0; i < decile_hits.size(); ++i) decile_hits[i] += other.decile_hits[i];
}

}  // namespace fedhash
