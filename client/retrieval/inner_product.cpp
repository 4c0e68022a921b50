#include "client/retrieval/inner_product.hpp"

#include <algorithm>
#include <limits>

namespace fedhash::client {
namespace {

bool before(const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

std::span<const Scored> TopScores::select(std::span<const float> scores, std::size_t wanted,
                                          std::span<const ItemId> excluded) {
    taken_.clear();
    if (wanted == 0) return taken_;
    // Ids ascend, so an equal score that comes later never displaces: strictly above the K-th.
    float least = -std::numeric_limits<float>::infinity();
    const std::size_t room = 2 * wanted + 64;
    const auto cut = [&] {
        if (taken_.size() <= wanted) return;
        const auto last = taken_.begin() + static_cast<std::ptrdiff_t>(wanted) - 1;
        std::nth_element(taken_.begin(), last, taken_.end(), before);
        least = last->score;
        taken_.resize(wanted);
    };
    auto next = excluded.begin();
    for (std::size_t begin = 0; begin < scores.size();) {
        while (next != excluded.end() && index(*next) < begin) ++next;
        const std::size_t end = next == excluded.end() ? scores.size() : index(*next);
        for (std::size_t i = begin; i < end; ++i) {
            if (!(scores[i] > least)) continue;
            taken_.push_back({ItemId{static_cast<std::uint32_t>(i)}, scores[i]});
            if (taken_.size() == room) cut();
        }
        begin = end + 1;
    }
    cut();
    std::ranges::sort(taken_, before);
    return taken_;
}

std::span<const Scored> best(const Factors& items, std::span<const float> user, std::size_t wanted,
                             std::span<const ItemId> excluded, TopScores& top) {
    thread_local Eigen::VectorXf scores;
    scores.noalias() = items * Eigen::Map<const Eigen::VectorXf>(
                                   user.data(), static_cast<Eigen::Index>(user.size()));
    return top.select({scores.data(), static_cast<std::size_t>(scores.size())}, wanted, excluded);
}

std::span<const Scored> best_of(const Factors& items, std::span<const float> user,
                                std::span<const ItemId> candidates, std::size_t wanted,
                                std::vector<Scored>& scored) {
    const Eigen::Map<const Eigen::VectorXf> x(user.data(), static_cast<Eigen::Index>(user.size()));
    scored.clear();
    for (const ItemId item : candidates)
        scored.push_back({item, items.row(static_cast<Eigen::Index>(index(item))).dot(x)});
    const std::size_t kept = std::min(wanted, scored.size());
    std::ranges::partial_sort(scored, scored.begin() + static_cast<std::ptrdiff_t>(kept), before);
    return std::span<const Scored>(scored).first(kept);
}

}  // namespace fedhash::client
