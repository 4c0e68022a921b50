// A6 by shadow training (IMIA: Yuan, Yang, Nguyen, Cui, He, Yin, WWW 2023): guess which of the rows
// are observed items, let a device learn on the guess, and keep the labels of the rows that come
// out most like those that were uploaded; guess the rest again.
#include <algorithm>
#include <cmath>

#include "common/random.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

// As its authors' code has them.
constexpr double guessed_observed = 0.2;
constexpr double kept_share = 0.9;
constexpr int most_steps = 20;

double distance(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        const auto apart = static_cast<double>(a[k] - b[k]);
        sum += apart * apart;
    }
    return sum;
}

/// Which rows are thought to be observed items.
std::vector<bool> labels_of(const Sight& sight, const server::Observation& seen) {
    const std::size_t rows = seen.items.size(), width = sight.variant.bits;
    const auto quota = static_cast<std::ptrdiff_t>(
        std::lround(static_cast<double>(rows) / (1.0 + sight.variant.negatives)));
    Stream random = stream(0, Purpose::audit, index(seen.user), sight.round);
    std::vector<bool> observed(rows);
    std::vector<std::size_t> open(rows);
    for (std::size_t j = 0; j < rows; ++j) open[j] = j;
    for (int step = 0; step < most_steps && !open.empty(); ++step) {
        for (const std::size_t j : open)
            observed[j] = static_cast<double>(random() >> 11) * 0x1p-53 < guessed_observed;
        const std::vector<std::int64_t> shadow = sight.shadow(seen.round, seen.items, observed);
        std::vector<std::pair<double, std::size_t>> order;
        for (const std::size_t j : open)
            order.emplace_back(distance(std::span(seen.rows).subspan(j * width, width),
                                        std::span(shadow).subspan(j * width, width)),
                               j);
        std::ranges::sort(order);
        const auto kept =
            static_cast<std::size_t>(std::ceil(kept_share * static_cast<double>(order.size())));
        open.clear();
        for (std::size_t j = kept; j < order.size(); ++j) open.push_back(order[j].second);
        for (const std::size_t j : open) observed[j] = false;
        if (std::ranges::count(observed, true) >= quota) break;
    }
    return observed;
}

}  // namespace

std::vector<Claim> shadow_labels(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Claim claim{.user = seen.user, .items = seen.items};
        for (const bool observed : labels_of(sight, seen)) claim.belief.push_back(observed ? 1 : 0);
        claims.push_back(std::move(claim));
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
