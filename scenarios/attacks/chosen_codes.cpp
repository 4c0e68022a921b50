// A11 where uploads are seen one by one: which items a user has, from its codes alone. A code is
// what fits its items' codes best, so that  sum over rounds of b.d_i  is higher for items that it
// has. Of codes that a server chooses anew for every round each bit is a new measurement of the
// item set; of honest ones, which hardly move, it is the same again. Works where the item sets that
// are said are noise. Our derivation.
#include <map>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

std::vector<Claim> items_of_codes(const Sight& sight) {
    std::map<UserId, std::vector<double>> beliefs;
    for (const server::Observation& seen : *sight.seen) {
        const std::vector<std::uint64_t> code = code_in(sight, seen);
        if (code.empty()) continue;
        const Codes& tables = sight.tables->at(seen.round);
        std::vector<double>& belief = beliefs[seen.user];
        belief.resize(tables.rows);
        for (std::size_t i = 0; i < tables.rows; ++i)
            belief[i] += static_cast<double>(dot(code, tables.row(i), tables.bits));
    }
    std::vector<Claim> claims;
    for (auto& [user, belief] : beliefs) {
        Claim claim{.user = user};
        for (std::uint32_t i = 0; i < belief.size(); ++i) claim.items.push_back(ItemId{i});
        claim.belief = std::move(belief);
        claims.push_back(std::move(claim));
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
