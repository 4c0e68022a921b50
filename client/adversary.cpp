#include "client/adversary.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "client/adversaries/adversaries.hpp"
#include "common/errors.hpp"
#include "common/random.hpp"

namespace fedhash::client {

namespace {

constexpr std::array adversary_table{
    AdversaryKind{"none", nullptr, "everybody says what it learnt"},
    promote_adversary,
    flip_adversary,
    free_rider_adversary,
};

}  // namespace

std::span<const AdversaryKind> adversary_kinds() { return adversary_table; }

const AdversaryKind& find_adversaries(std::string_view name) {
    std::string known;
    for (const AdversaryKind& kind : adversary_table) {
        if (name == kind.name) return kind;
        known += std::string(known.empty() ? "" : ", ") + kind.name;
    }
    throw UsageError("adversary.clients: unknown kind '" + std::string(name) +
                     "'; known: " + known);
}

std::vector<UserId> liars(const AdversaryVariant& adversary, std::uint64_t seed,
                          std::uint32_t users) {
    if (adversary.clients == "none" || adversary.users == 0) return {};
    std::vector<std::pair<std::uint64_t, UserId>> order;
    for (std::uint32_t u = 0; u < users; ++u)
        order.emplace_back(stream(seed, Purpose::adversary, u)(), UserId{u});
    const std::size_t count = std::min<std::size_t>(adversary.users, users);
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<UserId> chosen;
    for (std::size_t j = 0; j < count; ++j) chosen.push_back(order[j].second);
    std::ranges::sort(chosen);
    return chosen;
}

}  // namespace fedhash::client
