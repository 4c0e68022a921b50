#include "scenarios/baselines/interactions.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "common/random.hpp"

namespace fedhash::scenarios {
namespace {

using client::Rating;
using client::UserData;

SparseRows transpose(const SparseRows& rows, std::size_t columns) {
    SparseRows result;
    result.start.assign(columns + 1, 0);
    for (const std::uint32_t column : rows.columns) ++result.start[column + 1];
    for (std::size_t i = 0; i < columns; ++i) result.start[i + 1] += result.start[i];
    result.columns.resize(rows.columns.size());
    std::vector<std::size_t> next(result.start.begin(), result.start.end() - 1);
    for (std::size_t i = 0; i < rows.rows(); ++i)
        for (const std::uint32_t column : rows.row(i))
            result.columns[next[column]++] = static_cast<std::uint32_t>(i);
    return result;
}

std::size_t below(Stream& random, std::size_t bound) {
    return boost::random::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

bool trained_on(const std::vector<Rating>& train, ItemId item) {
    const auto at =
        std::lower_bound(train.begin(), train.end(), item,
                         [](const Rating& rating, ItemId wanted) { return rating.item < wanted; });
    return at != train.end() && at->item == item;
}

}  // namespace

Interactions interactions(std::span<const UserData> users, std::uint32_t items) {
    Interactions result;
    result.by_user.start.push_back(0);
    for (const UserData& user : users) {
        for (const Rating& rating : user.train)
            result.by_user.columns.push_back(static_cast<std::uint32_t>(rating.item));
        result.by_user.start.push_back(result.by_user.columns.size());
    }
    result.by_item = transpose(result.by_user, items);
    return result;
}

std::vector<UserData> hold_out(std::span<const UserData> users, const client::Ranking& ranking,
                               std::uint64_t seed) {
    constexpr std::size_t least_train = 3;
    std::vector<UserData> result;
    for (const UserData& user : users) {
        UserData& copy = result.emplace_back();
        copy.user = user.user;
        copy.train = user.train;
        const std::size_t total = user.train.size();
        if (total < least_train) continue;

        Stream random = stream(seed, Purpose::baseline, 1, index(user.user));
        const std::size_t most = std::max<std::size_t>(1, user.test.items.size());
        const std::size_t held = std::clamp<std::size_t>(total / 10, 1, most);
        std::vector<Rating> shuffled = user.train;
        for (std::size_t i = 0; i < held; ++i)
            std::swap(shuffled[i], shuffled[i + below(random, total - i)]);
        for (std::size_t i = 0; i < held; ++i) copy.valid.items.push_back(shuffled[i].item);
        std::sort(copy.valid.items.begin(), copy.valid.items.end());
        copy.valid.deciles.assign(held, 0);
        std::erase_if(copy.train, [&](const Rating& rating) {
            return std::binary_search(copy.valid.items.begin(), copy.valid.items.end(),
                                      rating.item);
        });
        if (ranking.full || total >= ranking.items) continue;
        while (copy.valid.candidates.size() < user.test.candidates.size()) {
            const ItemId item{static_cast<std::uint32_t>(below(random, ranking.items))};
            if (!trained_on(user.train, item)) copy.valid.candidates.push_back(item);
        }
    }
    return result;
}

}  // namespace fedhash::scenarios
