// Retrieval metrics as names and as integer sums. Devices compute them (client/metrics.hpp); the
// server only adds.
//
// A user's metric is a real number in [0, 1]; it is rounded once to a multiple of 2^-40 and summed
// in int64, so that neither the number of processes nor the order of arrival can change a bit. 2^23
// users fit.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fedhash {

enum class Metric : std::uint8_t { hr, ndcg, recall, precision, mrr, map, auc };

/// A metric at a cut-off; `k` = 0 for AUC, which has none.
struct MetricSpec {
    Metric metric{};
    std::uint32_t k = 0;
    friend bool operator==(const MetricSpec&, const MetricSpec&) = default;
};

/// "HR@10", "NDCG@10", "Recall@20", "Precision@5", "MRR@10", "MAP@10", "AUC".
std::string name(const MetricSpec& spec);

/// All metrics at each cut-off, cut-offs outermost, AUC last: the order of every table and of
/// MetricSums::values.
std::vector<MetricSpec> metric_specs(std::span<const std::uint32_t> cutoffs);

/// The cut-off that stands for all where one number must: 10 when it is there, else the middle one.
/// Not empty.
std::uint32_t headline_cutoff(std::span<const std::uint32_t> cutoffs);

/// Ties are scored in expectation over a random order of the tied items; the bracket is what the
/// luckiest and the unluckiest order would have given.
template <class T>
struct Bracket {
    T expected{};
    T optimistic{};
    T pessimistic{};
    friend bool operator==(const Bracket&, const Bracket&) = default;
};

constexpr int metric_fraction_bits = 40;
/// Of a value in [0, 1]: then adding a half and cutting off is rounding, without a library call.
inline std::int64_t to_fixed(double value) {
    constexpr double one = std::int64_t{1} << metric_fraction_bits;
    return static_cast<std::int64_t>(value * one + 0.5);
}
inline double from_fixed(std::int64_t sum) {
    return std::ldexp(static_cast<double>(sum), -metric_fraction_bits);
}

/// Sums over users, to be merged in any order.
struct MetricSums {
    std::uint64_t users = 0;                    // with at least one held-out item
    std::vector<Bracket<std::int64_t>> values;  // one per MetricSpec
    // By popularity decile of the held-out item: how many there are, and the sum over them of the
    // expected chance to be in the first k, one per cut-off (row-major: decile x cut-off).
    std::array<std::uint64_t, 10> decile_items{};
    std::vector<std::int64_t> decile_hits;

    MetricSums() = default;
    MetricSums(std::size_t specs, std::size_t cutoffs) : values(specs), decile_hits(10 * cutoffs) {}

    /// Adds another sum of the same shape.
    void merge(const MetricSums& other);

    /// Mean over users of one value; 0 when there are none.
    double mean(std::int64_t sum) const {
        return users == 0 ? 0.0 : from_fixed(sum) / static_cast<double>(users);
    }
    friend bool operator==(const MetricSums&, const MetricSums&) = default;
};

}  // namespace fedhash
