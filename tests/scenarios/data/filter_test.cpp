#include "scenarios/data/filter.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <map>

#include "common/random.hpp"
#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

std::vector<Interaction> random_rows(std::uint64_t seed, std::uint32_t users, std::uint32_t items,
                                     std::size_t count) {
    Stream random = stream(seed, Purpose::generator);
    boost::random::uniform_int_distribution<std::uint32_t> user(0, users - 1), item(0, items - 1),
        rating(1, 5);
    std::vector<Interaction> rows;
    for (std::size_t r = 0; r < count; ++r) {
        const std::uint32_t u = user(random), i = item(random);
        rows.push_back(
            {u, std::min(i, item(random)), static_cast<double>(rating(random)), no_time});
    }
    keep_last_of_pairs(rows, users);
    return rows;
}

/// The obvious way: pass over everything until nothing changes.
std::vector<Interaction> slow_core(std::vector<Interaction> rows, std::uint32_t k) {
    for (std::size_t before = rows.size() + 1; before != rows.size();) {
        before = rows.size();
        std::map<std::uint32_t, std::uint32_t> users, items;
        for (const auto& row : rows) ++users[row.user], ++items[row.item];
        std::erase_if(rows,
                      [&](const auto& row) { return users[row.user] < k || items[row.item] < k; });
    }
    return rows;
}

bool same(const std::vector<Interaction>& a, const std::vector<Interaction>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.user == y.user && x.item == y.item && x.rating == y.rating;
    });
}

}  // namespace

TEST_CASE("the k-core is that of the obvious way") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        const auto rows = random_rows(seed, 40, 30, 60 + 8 * seed);
        for (std::uint32_t k : {1U, 2U, 3U, 5U, 8U}) {
            CAPTURE(k);
            auto fast = rows;
            keep_k_core(fast, 40, 30, k);
            CHECK(same(fast, slow_core(rows, k)));
        }
    }
}

TEST_CASE("the k-core of a long chain takes no longer than its length") {
    std::vector<Interaction> rows;
    constexpr std::uint32_t length = 200'000;
    for (std::uint32_t i = 0; i < length; ++i) {
        rows.push_back({i, i, 1, no_time});
        if (i + 1 < length) rows.push_back({i, i + 1, 1, no_time});
    }
    keep_k_core(rows, length, length, 2);
    CHECK(rows.empty());
}

TEST_CASE("the threshold keeps ratings at and above it, and values keep the whole scale") {
    const test::Folder folder;
    folder.write(
        "ratings.dat",
        "1::1::1\n1::2::4\n1::3::5\n1::4::3\n1::5::4\n2::1::2\n2::2::5\n2::3::4\n2::4::4\n");
    DataSettings settings = folder.settings();
    settings.threshold = 4;
    const Prepared data = prepare(settings);
    CHECK(data.users.size() == 2);
    CHECK(data.item_names == std::vector<std::string>{"2", "3", "4", "5"});
    for (const auto& user : data.users)
        for (const auto& rating : user.train)
            CHECK((rating.value == 0.75F || rating.value == 1.0F));
    CHECK(
        test::contains(test::joined(data.notices), "data.threshold=4 dropped 3 of 9 interactions"));
}

TEST_CASE("caps keep the most popular items and the first users, before the k-core") {
    std::vector<Interaction> rows{{0, 0, 1, no_time}, {0, 2, 1, no_time}, {1, 2, 1, no_time},
                                  {1, 3, 1, no_time}, {2, 1, 1, no_time}, {2, 2, 1, no_time},
                                  {2, 3, 1, no_time}};
    std::vector<std::string> notices;
    DataSettings settings;
    settings.max_items = 3;  // 2 (three rows), 3 (two), and 0 before 1 on a tie
    auto capped = rows;
    const Kept items = apply_filters(capped, 3, 4, settings, notices);
    CHECK(items.items == std::vector<std::uint32_t>{0, 2, 3});
    CHECK(capped.size() == 6);

    settings.max_users = 2;
    settings.k_core = 2;  // of the first two users only item 2 is shared, so nothing stays
    CHECK_THROWS_AS(apply_filters(capped = rows, 3, 4, settings, notices), DataError);
    settings.k_core = 0;
    const Kept users = apply_filters(capped = rows, 3, 4, settings, notices);
    CHECK(users.users == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("without a filter users without interactions stay, with one numbers have no gaps") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        auto rows = random_rows(seed, 50, 40, 100);
        std::vector<std::string> notices;
        DataSettings settings;
        auto untouched = rows;
        CHECK(apply_filters(untouched, 50, 40, settings, notices).users.size() == 50);
        settings.threshold = 4;
        const Kept kept = apply_filters(rows, 50, 40, settings, notices);
        std::vector<bool> users(kept.users.size()), items(kept.items.size());
        for (const auto& row : rows) users.at(row.user) = true, items.at(row.item) = true;
        CHECK(std::find(users.begin(), users.end(), false) == users.end());
        CHECK(std::find(items.begin(), items.end(), false) == items.end());
    }
}
