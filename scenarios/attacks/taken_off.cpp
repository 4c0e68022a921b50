// A1d: which rows were decoys, where another user says what decoys add up to so that they can be
// taken off the sum (FedRec++, common/denoise.hpp). The coordinator has the rows of every user of
// the group by itself: of those who said the item, some have rows that add up to what is taken off.
#include <algorithm>
#include <map>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

using Row = std::span<const std::int64_t>;

/// Looks through subsets for one whose rows add up to `left`; a search that takes too long is given
/// up.
class Subset {
  public:
    Subset(const std::vector<Row>& rows, Row sum) : rows_(rows), left_(sum.begin(), sum.end()) {}

    /// Places of `count` rows; nothing where no subset was found.
    std::vector<std::size_t> find(std::size_t count) {
        if (count == rows_.size()) {  // whatever they add up to
            for (std::size_t j = 0; j < count; ++j) chosen_.push_back(j);
            return chosen_;
        }
        return search(0, count) ? chosen_ : std::vector<std::size_t>{};
    }

  private:
    bool search(std::size_t from, std::size_t count) {
        if (count == 0) return std::ranges::all_of(left_, [](std::int64_t x) { return x == 0; });
        for (std::size_t j = from; j + count <= rows_.size() && steps_++ < most_steps; ++j) {
            for (std::size_t a = 0; a < left_.size(); ++a) left_[a] -= rows_[j][a];
            chosen_.push_back(j);
            if (search(j + 1, count - 1)) return true;
            chosen_.pop_back();
            for (std::size_t a = 0; a < left_.size(); ++a) left_[a] += rows_[j][a];
        }
        return false;
    }

    static constexpr std::size_t most_steps = 20'000;
    const std::vector<Row>& rows_;
    std::vector<std::int64_t> left_;
    std::vector<std::size_t> chosen_;
    std::size_t steps_ = 0;
};

struct Group {
    std::vector<const server::Observation*> users;

    /// Those who said the item, by place in `users`, and their rows of it.
    void who_said(ItemId item, std::vector<std::size_t>& who, std::vector<Row>& rows,
                  std::size_t width) const {
        who.clear();
        rows.clear();
        for (std::size_t u = 0; u < users.size(); ++u) {
            const std::vector<ItemId>& items = users[u]->items;
            const auto place = std::ranges::lower_bound(items, item);
            if (place == items.end() || *place != item) continue;
            who.push_back(u);
            rows.push_back(
                Row(users[u]->rows)
                    .subspan(static_cast<std::size_t>(place - items.begin()) * width, width));
        }
    }
};

}  // namespace

std::vector<Claim> without_decoys(const Sight& sight) {
    std::map<UserId, const server::Observation*> seen;
    for (const server::Observation& one : *sight.seen)
        if (one.round == sight.round) seen[one.user] = &one;
    std::map<UserId, std::vector<ItemId>> decoys;
    std::vector<std::size_t> who;
    std::vector<Row> rows;
    for (const server::ObservedDecoys& taken : *sight.decoys) {
        Group group;
        for (const UserId user : taken.users)
            if (const auto place = seen.find(user); place != seen.end())
                group.users.push_back(place->second);
        const std::vector<ItemId>& items = taken.decoys.items;
        const std::size_t width = items.empty() ? 0 : taken.decoys.rows.size() / items.size();
        for (std::size_t j = 0; j < items.size(); ++j) {
            group.who_said(items[j], who, rows, width);
            Subset subset(rows, Row(taken.decoys.rows).subspan(j * width, width));
            for (const std::size_t place :
                 subset.find(static_cast<std::size_t>(taken.decoys.counts[j])))
                decoys[group.users[who[place]]->user].push_back(items[j]);
        }
    }
    std::vector<Claim> claims;
    for (const auto& [user, one] : seen) {
        Claim claim{.user = user};
        std::ranges::set_difference(one->items, decoys[user], std::back_inserter(claim.items));
        claims.push_back(std::move(claim));
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
