#include "client/unobserved.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>

namespace fedhash::client {

namespace {

std::vector<bool> observed(const UserData& user, std::uint32_t catalogue) {
    std::vector<bool> taken(catalogue);
    for (const Rating& rating : user.train) taken[index(rating.item)] = true;
    return taken;
}

}  // namespace

std::vector<std::uint32_t> draw_unobserved(const UserData& user, std::uint32_t catalogue,
                                           std::size_t wanted, Stream random) {
    wanted = std::min(wanted, std::size_t{catalogue} - user.train.size());
    std::vector<bool> taken = observed(user, catalogue);
    std::vector<std::uint32_t> others;
    boost::random::uniform_int_distribution<std::uint32_t> pick(0, catalogue - 1);
    if (2 * (wanted + user.train.size()) > catalogue) {
        for (std::uint32_t i = 0; i < catalogue; ++i)
            if (!taken[i]) others.push_back(i);
        for (std::size_t j = 0; j < wanted; ++j) {
            boost::random::uniform_int_distribution<std::size_t> rest(j, others.size() - 1);
            std::swap(others[j], others[rest(random)]);
        }
        others.resize(wanted);
    } else {
        while (others.size() < wanted) {
            const std::uint32_t i = pick(random);
            if (taken[i]) continue;
            taken[i] = true;
            others.push_back(i);
        }
    }
    std::sort(others.begin(), others.end());
    return others;
}

std::vector<std::uint32_t> draw_popular(const UserData& user, const Ranking& ranking,
                                        std::size_t wanted, Stream random) {
    wanted = std::min(wanted, std::size_t{ranking.items} - user.train.size());
    std::vector<bool> taken = observed(user, ranking.items);
    std::vector<std::uint64_t> up_to(ranking.items);
    for (std::uint32_t i = 0; i < ranking.items; ++i)
        up_to[i] = std::uint64_t{1} << (i < ranking.popularity.size() ? ranking.popularity[i] : 0);
    std::partial_sum(up_to.begin(), up_to.end(), up_to.begin());
    boost::random::uniform_int_distribution<std::uint64_t> pick(0, up_to.back() - 1);
    std::vector<std::uint32_t> others;
    // Where nearly all that is popular is taken, what is left is as good.
    for (std::size_t tries = 64 * wanted; tries > 0 && others.size() < wanted; --tries) {
        const auto i = static_cast<std::uint32_t>(std::ranges::upper_bound(up_to, pick(random)) -
                                                  up_to.begin());
        if (taken[i]) continue;
        taken[i] = true;
        others.push_back(i);
    }
    for (std::uint32_t i = 0; others.size() < wanted; ++i)
        if (!taken[i]) others.push_back(i);
    std::sort(others.begin(), others.end());
    return others;
}

}  // namespace fedhash::client
