#include "client/retrieval/rank_counts.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>
#include <map>

#include "client/retrieval/scan_kernels.hpp"

namespace fedhash::client {
namespace {

/// Scores as a function of the summed distance e = sum over p of 2^p distance_p, written as the
/// scorer does (client/scoring.cpp), so that equal scores are equal here.
struct Line {
    double slope, constant, top;

    double at(std::uint32_t e) const { return slope * (top - 2.0 * e) + constant; }

    /// The smallest e whose score is not above `score` (or, with `strictly`, is below it);
    /// no_distance where there is none. at() does not rise, so an estimate can be put right.
    std::uint32_t first_not_above(double score, bool strictly) const {
        const auto passed = [&](std::uint32_t e) {
            return strictly ? at(e) < score : at(e) <= score;
        };
        const double estimate = (top - (score - constant) / slope) / 2;
        auto e = static_cast<std::uint32_t>(std::clamp(estimate, 0.0, double{no_distance}));
        while (e > 0 && passed(e - 1)) --e;
        while (e < no_distance && !passed(e)) ++e;
        return e;
    }
};

}  // namespace

RankCounts::RankCounts(const Codes& items, const Plane& bias) {
    std::map<double, std::vector<std::uint32_t>, std::greater<>> by_bias;
    for (std::uint32_t i = 0; i < items.rows; ++i)
        by_bias[bias.empty() ? 0 : bias.at(i, 0)].push_back(i);
    places_.resize(items.rows);
    std::size_t next = 0;
    for (const auto& [value, members] : by_bias) {
        const std::size_t first = next / block_items;
        for (const std::uint32_t item : members) places_[item] = static_cast<std::uint32_t>(next++);
        for (; next % block_items != 0; ++next)
            padding_.push_back(static_cast<std::uint32_t>(next));
        stripes_.push_back({value, first, next / block_items});
    }
    Codes placed(items.bits, next);
    for (std::size_t i = 0; i < items.rows; ++i)
        std::ranges::copy(items.row(i), placed.row(places_[i]).begin());
    items_ = byte_planes(placed);
    distances_.resize(items_.blocks());
    plane_distances_.resize(items_.blocks());
}

bool RankCounts::fits(std::size_t planes) const {
    return ((std::size_t{1} << planes) - 1) * items_.bits < no_distance;
}

void RankCounts::measure(const CodeScore& score) {
    const std::size_t words = words_for(items_.bits);
    for (std::size_t p = 0; p * words < score.planes.size(); ++p) {
        const CodeView code = score.planes.subspan(p * words, words);
        std::array<std::uint8_t, max_bits / 8> query{};
        for (std::size_t j = 0; j < items_.bytes(); ++j)
            query[j] = static_cast<std::uint8_t>(code[j / 8] >> (8 * (j % 8)));
        std::vector<ByteLine>& to = p == 0 ? distances_ : plane_distances_;
        scan_kernels().distances(items_.lines.front().bytes, items_.blocks(), items_.bytes(),
                                 query.data(), to.front().bytes);
        if (p == 0) continue;
        for (std::size_t block = 0; block < distances_.size(); ++block)
            for (std::size_t i = 0; i < block_items; ++i)
                distances_[block].bytes[i] = static_cast<std::uint8_t>(
                    distances_[block].bytes[i] + (plane_distances_[block].bytes[i] << p));
    }
}

std::span<const TieGroup> RankCounts::groups(const CodeScore& score, std::span<const ItemId> held,
                                             std::span<const ItemId> excluded) {
    const std::size_t planes = score.planes.size() / words_for(items_.bits);
    assert(fits(planes) && score.slope > 0);
    groups_.clear();
    held_.clear();
    if (items_.items == 0) return groups_;
    measure(score);
    std::uint8_t* const distances = distances_.front().bytes;
    const double top = static_cast<double>(((1u << planes) - 1) * items_.bits);
    const auto line = [&](const Stripe& stripe) {
        return Line{score.slope, score.bias_weight * stripe.bias, top};
    };

    for (const ItemId item : held) {
        const std::uint32_t place = places_[index(item)];
        const auto stripe =
            std::ranges::upper_bound(stripes_, place / block_items, {}, &Stripe::first);
        held_.push_back(line(*std::prev(stripe)).at(distances[place]));
    }
    levels_ = held_;
    std::ranges::sort(levels_, std::greater<>());
    for (const ItemId item : held) distances[places_[index(item)]] = no_distance;
    for (const ItemId item : excluded) distances[places_[index(item)]] = no_distance;
    for (const std::uint32_t place : padding_) distances[place] = no_distance;

    const auto below = [&](const Stripe& stripe, std::uint32_t limit) {
        return limit == 0
                   ? 0
                   : static_cast<std::uint32_t>(scan_kernels().count_below(
                         distances + stripe.first * block_items, stripe.end - stripe.first, limit));
    };
    std::uint32_t passed = 0;  // candidates that the groups hold already
    for (std::size_t i = 0; i < levels_.size();) {
        const double level = levels_[i];
        std::uint32_t relevant = 0;
        for (; i < levels_.size() && levels_[i] == level; ++i) ++relevant;
        std::uint32_t higher = 0, up_to = 0;
        for (const Stripe& stripe : stripes_) {
            const Line scores = line(stripe);
            higher += below(stripe, scores.first_not_above(level, false));
            up_to += below(stripe, scores.first_not_above(level, true));
        }
        if (higher > passed) groups_.push_back({higher - passed, 0});
        groups_.push_back({relevant + up_to - higher, relevant});
        passed = up_to;
    }
    std::uint32_t all = 0;
    for (const Stripe& stripe : stripes_) all += below(stripe, no_distance);
    if (all > passed) groups_.push_back({all - passed, 0});
    return groups_;
}

}  // namespace fedhash::client
