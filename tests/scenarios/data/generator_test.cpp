#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

DataSettings synthetic(std::uint64_t seed = 1) {
    DataSettings settings;
    settings.format = "synthetic";
    settings.seed = seed;
    return settings;
}

int distance(const PlantedCodes& codes, std::size_t user, std::size_t item) {
    return std::popcount(codes.users[user] ^ codes.items[item]);
}

}  // namespace

TEST_CASE("the default synthetic data are pinned") {
    const Prepared data = prepare(synthetic());
    CHECK(data.users.size() == 1000);
    CHECK(data.ranking.items == 1200);
    CHECK(data.hash == "67ae94ced95a306ffd7cad8d1dad0482f6ccc844c7b6e9e10a41e233e95a2a5b");
}

TEST_CASE("another seed, size, affinity or popularity gives other data, the same gives the same") {
    std::set<std::string> hashes;
    for (int change = 0; change < 6; ++change) {
        DataSettings settings = synthetic(change == 1 ? 2 : 1);
        settings.synthetic.users = change == 2 ? 120 : 100;
        settings.synthetic.items = change == 3 ? 220 : 200;
        if (change == 4) settings.synthetic.affinity = 2;
        if (change == 5) settings.synthetic.popularity = 1.5;
        const std::string hash = prepare(settings).hash;
        CHECK(prepare(settings).hash == hash);
        hashes.insert(hash);
    }
    CHECK(hashes.size() == 6);
}

TEST_CASE("users' picks are near them in the planted codes, which are kept") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        const Prepared data = prepare(synthetic(seed));
        REQUIRE(data.planted);
        CHECK(data.planted->bits == 64);
        REQUIRE(data.planted->users.size() == 1000);
        REQUIRE(data.planted->items.size() == 1200);
        double picked = 0, any = 0, picks = 0;
        for (std::size_t u = 0; u < data.users.size(); ++u) {
            for (const auto& rating : data.users[u].train)
                picked += distance(*data.planted, u, index(rating.item)), ++picks;
            for (std::size_t i = 0; i < 1200; i += 10) any += distance(*data.planted, u, i);
        }
        CHECK(picked / picks < 26);
        CHECK(any / (1000.0 * 120.0) == doctest::Approx(31).epsilon(0.05));
    }
}

TEST_CASE("activity and popularity have the planned shape") {
    const Prepared data = prepare(synthetic());
    std::vector<std::size_t> counts;
    for (const auto& user : data.users)
        counts.push_back(user.train.size() + user.valid.items.size() + user.test.items.size());
    std::sort(counts.begin(), counts.end());
    CHECK(counts.front() >= 10);
    CHECK(counts.back() <= 400);
    CHECK(counts[500] >= 35);  // 10 + median 30
    CHECK(counts[500] <= 45);
    auto popularity = data.item_counts;
    std::sort(popularity.rbegin(), popularity.rend());
    CHECK(popularity[0] > 5 * popularity[600]);
}

TEST_CASE("planted codes follow the users and items that a filter keeps") {
    const Prepared whole = prepare(synthetic());
    DataSettings settings = synthetic();
    settings.max_items = 300;
    settings.max_users = 200;
    settings.k_core = 5;
    const Prepared part = prepare(settings);
    REQUIRE(part.planted->users.size() == part.users.size());
    REQUIRE(part.planted->items.size() == part.ranking.items);
    for (std::size_t u = 0; u < part.users.size(); ++u)
        CHECK(part.planted->users[u] == whole.planted->users[std::stoul(part.user_names[u])]);
    for (std::size_t i = 0; i < part.ranking.items; ++i)
        CHECK(part.planted->items[i] == whole.planted->items[std::stoul(part.item_names[i])]);
}

TEST_CASE("more users do not change those before them") {
    DataSettings few = synthetic(), many = synthetic();
    few.synthetic.users = 50;
    many.synthetic.users = 80;
    const Prepared a = prepare(few), b = prepare(many);
    for (std::size_t u = 0; u < 50; ++u) CHECK(test::dealt(a, u) == test::dealt(b, u));
}

TEST_CASE("the smallest catalogue works") {
    DataSettings settings = synthetic();
    settings.synthetic.users = 5;
    settings.synthetic.items = 30;
    CHECK(prepare(settings).users.size() == 5);
}
