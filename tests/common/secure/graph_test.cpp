#include "common/secure/graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fedhash;
using secure::neighbours;

namespace {

std::vector<UserId> users_of(std::uint32_t n) {
    std::vector<UserId> users;
    for (std::uint32_t u = 0; u < n; ++u) users.push_back(UserId{3 * u + 1});
    return users;
}

}  // namespace

TEST_CASE("everyone has as many neighbours as asked for, mutually, and nobody is apart") {
    for (const auto& [n, degree] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
             {2, 4}, {3, 2}, {5, 4}, {6, 4}, {64, 6}, {301, 40}}) {
        CAPTURE(n);
        const std::vector<UserId> users = users_of(n);
        const auto graph = neighbours(users, degree, 5);
        std::vector<std::size_t> reached{0};
        std::vector<bool> seen(n);
        seen[0] = true;
        for (std::size_t a = 0; a < n; ++a) {
            CHECK(graph[a].size() == std::min(n - 1, degree));
            CHECK(std::ranges::is_sorted(graph[a]));
            CHECK(std::ranges::adjacent_find(graph[a]) == graph[a].end());
            for (const UserId other : graph[a]) {
                const std::size_t b = (index(other) - 1) / 3;
                CHECK(b != a);
                CHECK(std::ranges::binary_search(graph[b], users[a]));
            }
        }
        for (std::size_t at = 0; at < reached.size(); ++at)
            for (const UserId other : graph[reached[at]])
                if (const std::size_t b = (index(other) - 1) / 3; !seen[b]) {
                    seen[b] = true;
                    reached.push_back(b);
                }
        CHECK(reached.size() == n);
    }
}

TEST_CASE("the graph follows from the seed, and another seed gives another") {
    CHECK(neighbours(users_of(50), 6, 1) == neighbours(users_of(50), 6, 1));
    CHECK(neighbours(users_of(50), 6, 1) != neighbours(users_of(50), 6, 2));
    CHECK(neighbours({}, 6, 1).empty());
    CHECK(neighbours(users_of(1), 6, 1).at(0).empty());
}

TEST_CASE("no two disjoint sets of neighbours can both give a user's secrets") {
    for (std::size_t count = 2; count < 60; ++count) CHECK(2 * secure::threshold_of(count) > count);
}
