// A1, A2, A3: which items, and how many. A row in an upload says that its user has the item, unless
// the method lists others too; who listens for several rounds keeps what comes every time; and who
// sees lengths alone still sees that a longer frame has more rows.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "common/item_noise.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

std::vector<Claim> row_set(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen)
        if (seen.round == sight.round) claims.push_back({.user = seen.user, .items = seen.items});
    return claims;
}

// Of rows among which decoys are hidden, as many as the user must have, the most popular ones.
std::vector<Claim> popular_rows(const Sight& sight) {
    std::vector<Claim> claims = row_set(sight);
    const PrivacyVariant& privacy = sight.variant.privacy;
    for (Claim& claim : claims) {
        std::size_t own = claim.items.size();
        if (privacy.items != "exact") {
            // c = p n + q (m - n) rows are expected of n items.
            const auto [p, q] = item_noise(privacy);
            const double guess = (static_cast<double>(own) - q * sight.items) / (p - q);
            own = static_cast<std::size_t>(
                std::clamp(guess, 1.0, static_cast<double>(std::max<std::size_t>(1, own))));
        } else if (privacy.decoys != "none") {
            own = (256 * own + (256 + privacy.decoys_q8) / 2) / (256 + privacy.decoys_q8);
        }
        std::ranges::stable_sort(claim.items, std::greater{},
                                 [&](ItemId item) { return sight.popularity[index(item)]; });
        claim.items.resize(std::min(own, claim.items.size()));
        std::ranges::sort(claim.items);
    }
    return claims;
}

std::vector<Claim> intersection(const Sight& sight) {
    std::map<UserId, std::vector<ItemId>> common;
    for (const server::Observation& seen : *sight.seen) {
        const auto [place, first] = common.try_emplace(seen.user, seen.items);
        if (first) continue;
        std::vector<ItemId> both;
        std::ranges::set_intersection(place->second, seen.items, std::back_inserter(both));
        place->second = std::move(both);
    }
    std::vector<Claim> claims;
    for (auto& [user, items] : common) claims.push_back({.user = user, .items = std::move(items)});
    return claims;
}

std::vector<Claim> length(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen)
        if (seen.round == sight.round)
            claims.push_back({.user = seen.user, .size = static_cast<double>(seen.frame_bytes)});
    return claims;
}

}  // namespace fedhash::scenarios::attacks
