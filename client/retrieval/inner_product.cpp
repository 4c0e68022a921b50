#include "client/retrieval/inner_product.hpp"

#include <algorithm>
#include <limits>

namespace fedhash::client {
namespace {

bool before(const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

void TopScores::begin(std::size_t wanted, std::span<const ItemId> excluded) {
    wanted_ = wanted;
    looked_at_ = next_excluded_ = 0;
    excluded_ = excluded;
    least_ = -std::numeric_limits<float>::infinity();
    taken_.clear();
}

void TopScores::look_at(std::span<const float> scores) {
    if (wanted_ == 0) return;
    const std::size_t room = 2 * wanted_ + 64;
    for (std::size_t begin = 0; begin < scores.size();) {
        const std::size_t at = looked_at_ + begin;
        while (next_excluded_ < excluded_.size() && index(excluded_[next_excluded_]) < at)
            ++next_excluded_;
        const std::size_t end =
            next_excluded_ == excluded_.size()
                ? scores.size()
                : std::min(scores.size(), index(excluded_[next_excluded_]) - looked_at_);
        // Ids ascend, so an equal score that comes later displaces nothing: strictly above.
        for (std::size_t i = begin; i < end; ++i) {
            if (!(scores[i] > least_)) continue;
            taken_.push_back({ItemId{static_cast<std::uint32_t>(looked_at_ + i)}, scores[i]});
            if (taken_.size() == room) cut();
        }
        begin = end + 1;
    }
    looked_at_ += scores.size();
}

void TopScores::cut() {
    if (taken_.size() <= wanted_) return;
    const auto last = taken_.begin() + static_cast<std::ptrdiff_t>(wanted_) - 1;
    std::nth_element(taken_.begin(), last, taken_.end(), before);
    least_ = last->score;
    taken_.resize(wanted_);
}

std::span<const Scored> TopScores::finish() {
    cut();
    std::ranges::sort(taken_, before);
    return taken_;
}

std::span<const Scored> best(const Factors& items, std::span<const float> user, std::size_t wanted,
                             std::span<const ItemId> excluded, TopScores& top) {
    thread_local Eigen::VectorXf scores;
    scores.noalias() = items * Eigen::Map<const Eigen::VectorXf>(
                                   user.data(), static_cast<Eigen::Index>(user.size()));
    top.begin(wanted, excluded);
    top.look_at({scores.data(), static_cast<std::size_t>(scores.size())});
    return top.finish();
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
