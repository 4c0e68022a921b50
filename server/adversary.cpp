#include "server/adversary.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/errors.hpp"
#include "common/secure/graph.hpp"
#include "server/adversaries/adversaries.hpp"

namespace fedhash::server {

namespace {

constexpr std::array lies{
    ServerLie{"none", false, nullptr, nullptr, nullptr, "everybody is told the same, and truly"},
    chosen_codes_lie,
    both_secrets_lie,
    split_lists_lie,
    made_up_keys_lie,
    one_neighbour_lie,
};

}  // namespace

std::span<const ServerLie> server_lies() { return lies; }

const ServerLie& find_server_lie(std::string_view name) {
    std::string known;
    for (const ServerLie& lie : lies) {
        if (name == lie.name) return lie;
        known += std::string(known.empty() ? "" : ", ") + lie.name;
    }
    throw UsageError("adversary.server: unknown lie '" + std::string(name) + "'; known: " + known);
}

void Prying::hear_masked(UserId user, std::vector<std::uint64_t> cells) {
    taken_[user].cells = std::move(cells);
}

void Prying::hear_revealed(const secure::Revealed& revealed) {
    for (const auto& [user, share] : revealed.self) taken_[user].self.push_back(share);
    for (const auto& [user, share] : revealed.masking) taken_[user].masking.push_back(share);
}

std::optional<std::vector<std::int64_t>> Prying::open(UserId user, const secure::Terms& round,
                                                      const SecureSum& sum) const try {
    const auto place = taken_.find(user);
    if (place == taken_.end() || place->second.cells.empty()) return std::nullopt;
    const Taken& taken = place->second;
    const std::vector<secure::Advert> neighbours = sum.neighbours_of(user);
    const std::size_t threshold = secure::threshold_of(neighbours.size());
    if (taken.self.size() < threshold || taken.masking.size() < threshold) return std::nullopt;
    std::vector<std::uint64_t> cells = taken.cells;
    const secure::BlockSet& blocks = sum.blocks_of(user);
    secure::apply_mask(round.ring, secure::key_of(taken.self, threshold), secure::Way::subtract,
                       cells, secure::shared_cells(round.block_of_cell, blocks, blocks));
    const secure::Key masking = secure::key_of(taken.masking, threshold);
    for (const secure::Advert& other : neighbours)
        secure::apply_mask(
            round.ring,
            secure::derive(secure::agree(masking, other.masking), "pairwise mask", round.context),
            other.user > user ? secure::Way::subtract : secure::Way::add, cells,
            secure::shared_cells(round.block_of_cell, blocks, other.blocks));
    std::vector<std::int64_t> values;
    for (const std::uint64_t cell : cells) values.push_back(round.ring.lift(cell));
    return values;
} catch (const std::invalid_argument&) {  // shares that do not belong together
    return std::nullopt;
}

}  // namespace fedhash::server
