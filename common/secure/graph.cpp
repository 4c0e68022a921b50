#include "common/secure/graph.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "common/random.hpp"

namespace fedhash::secure {

std::vector<std::vector<UserId>> neighbours(const std::vector<UserId>& users, std::uint32_t degree,
                                            std::uint64_t seed) {
    const std::size_t n = users.size();
    std::vector<std::vector<UserId>> found(n);
    if (n < 2) return found;
    std::vector<std::size_t> circle(n);
    for (std::size_t p = 0; p < n; ++p) circle[p] = p;
    Stream random = stream(seed, Purpose::neighbours);
    for (std::size_t p = n - 1; p > 0; --p) {
        boost::random::uniform_int_distribution<std::size_t> pick(0, p);
        std::swap(circle[p], circle[pick(random)]);
    }
    const bool complete = n <= std::size_t{degree} + 1;
    for (std::size_t p = 0; p < n; ++p) {
        std::vector<UserId>& own = found[circle[p]];
        const std::size_t reach = complete ? n - 1 : degree / 2;
        for (std::size_t step = 1; step <= reach; ++step) {
            own.push_back(users[circle[(p + step) % n]]);
            if (!complete) own.push_back(users[circle[(p + n - step) % n]]);
        }
        std::ranges::sort(own);
    }
    return found;
}

}  // namespace fedhash::secure
