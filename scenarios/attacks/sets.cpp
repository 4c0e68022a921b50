// A1, A2, A3: which items, and how many. A row in an upload says that its user has the item, unless
// the method lists others too; who listens for several rounds keeps what comes every time; and who
// sees lengths alone still sees that a longer frame has more rows.
#include <algorithm>
#include <iterator>
#include <map>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

std::vector<Claim> row_set(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen)
        if (seen.round == sight.round) claims.push_back({.user = seen.user, .items = seen.items});
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
