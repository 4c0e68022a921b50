#include "scenarios/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/errors.hpp"
#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

/// User u has u items.
std::vector<Interaction> staircase(std::uint32_t users) {
    std::vector<Interaction> rows;
    for (std::uint32_t u = 0; u < users; ++u)
        for (std::uint32_t i = 0; i < u; ++i)
            rows.push_back({u, i, 1, static_cast<double>((i * 7 + 3) % 11)});
    return rows;
}

struct Counts {
    std::size_t train = 0, valid = 0, test = 0;
};

std::vector<Counts> counts_of(const std::vector<Interaction>& rows, const Split& split,
                              std::size_t users) {
    std::vector<Counts> out(users);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        Counts& count = out[rows[r].user];
        ++(split.shares[r] == Share::train   ? count.train
           : split.shares[r] == Share::valid ? count.valid
                                             : count.test);
    }
    return out;
}

}  // namespace

TEST_CASE("leave-one-out holds out one each for validation and test, of users with three or more") {
    const auto rows = staircase(30);
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        for (const char* order : {"time", "random"}) {
            CAPTURE(seed);
            CAPTURE(order);
            DataSettings settings;
            settings.seed = seed;
            settings.order = order;
            const Split parts = split(rows, true, settings);
            CHECK(parts.users_not_scored == 2);  // a user without rows is not met
            const auto counts = counts_of(rows, parts, 30);
            for (std::size_t u = 0; u < 30; ++u) {
                CAPTURE(u);
                CHECK(counts[u].test == (u >= 3 ? 1 : 0));
                CHECK(counts[u].valid == (u >= 3 ? 1 : 0));
                CHECK(counts[u].train == (u >= 3 ? u - 2 : u));
            }
        }
}

TEST_CASE(
    "by time nothing is later than the test item, and only it is later than the validation item") {
    const auto rows = staircase(30);
    const Split parts = split(rows, true, DataSettings{});
    for (std::uint32_t u = 3; u < 30; ++u) {
        CAPTURE(u);
        std::pair<double, std::uint32_t> test, valid, latest{-1, 0};
        for (std::size_t r = 0; r < rows.size(); ++r) {
            if (rows[r].user != u) continue;
            const std::pair when{rows[r].time, rows[r].item};
            (parts.shares[r] == Share::test    ? test
             : parts.shares[r] == Share::valid ? valid
                                               : latest) =
                parts.shares[r] == Share::train ? std::max(latest, when) : when;
        }
        CHECK(test > valid);
        CHECK(valid > latest);
    }
}

TEST_CASE("a seeded draw repeats, differs between seeds, and favours no position") {
    std::vector<Interaction> rows;
    constexpr std::uint32_t users = 4000, items = 8;
    for (std::uint32_t u = 0; u < users; ++u)
        for (std::uint32_t i = 0; i < items; ++i) rows.push_back({u, i, 1, no_time});
    DataSettings settings;
    const Split first = split(rows, false, settings), again = split(rows, false, settings);
    CHECK(first.shares == again.shares);
    settings.seed = 2;
    CHECK(split(rows, false, settings).shares != first.shares);
    std::array<int, items> test{}, valid{};
    for (std::size_t r = 0; r < rows.size(); ++r) {
        test[rows[r].item] += first.shares[r] == Share::test ? 1 : 0;
        valid[rows[r].item] += first.shares[r] == Share::valid ? 1 : 0;
    }
    for (std::uint32_t i = 0; i < items; ++i) {  // 500 expected, standard deviation 21
        CHECK(std::abs(test[i] - 500) < 110);
        CHECK(std::abs(valid[i] - 500) < 110);
    }
}

TEST_CASE("a user's draw does not depend on the other users") {
    auto rows = staircase(12);
    DataSettings settings;
    const Split whole = split(rows, false, settings);
    std::vector<Share> expected;
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r].user == 9) expected.push_back(whole.shares[r]);
    std::erase_if(rows, [](const Interaction& row) { return row.user != 9; });
    CHECK(split(rows, false, settings).shares == expected);
}

TEST_CASE("a ratio split takes its shares of every user, at least one and never all") {
    const auto rows = staircase(60);
    for (const double test_ratio : {0.01, 0.2, 0.29, 0.5, 0.99})
        for (const double valid_ratio : {0.0, 0.1, 0.9}) {
            CAPTURE(test_ratio);
            CAPTURE(valid_ratio);
            DataSettings settings;
            settings.split = "ratio";
            settings.test_ratio = test_ratio;
            settings.valid_ratio = valid_ratio;
            const auto counts = counts_of(rows, split(rows, true, settings), 60);
            for (std::size_t u = 3; u < 60; ++u) {
                CAPTURE(u);
                CHECK(counts[u].train >= 1);
                CHECK(counts[u].test >= 1);
                CHECK((counts[u].valid >= 1) == (valid_ratio > 0));
                CHECK(counts[u].train + counts[u].valid + counts[u].test == u);
                if (const auto wanted = static_cast<std::size_t>(
                        std::floor(static_cast<double>(u) * test_ratio + 1e-9));
                    wanted >= 1 && wanted <= u - 2)
                    CHECK(counts[u].test == wanted);
            }
            CHECK(counts[2].train == 2);
        }
}

TEST_CASE("prepared users are ascending, without repeats, and their parts do not meet") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
        for (const char* kind : {"leave-one-out", "ratio"}) {
            CAPTURE(seed);
            CAPTURE(kind);
            DataSettings settings;
            settings.format = "synthetic";
            settings.synthetic.users = 100;
            settings.synthetic.items = 150;
            settings.seed = seed;
            settings.split = kind;
            const Prepared data = prepare(settings);
            std::vector<std::uint32_t> counts(data.ranking.items, 0);
            for (std::size_t u = 0; u < data.users.size(); ++u) {
                const auto& user = data.users[u];
                REQUIRE(index(user.user) == u);
                std::set<ItemId> all;
                std::size_t total =
                    user.train.size() + user.valid.items.size() + user.test.items.size();
                CHECK(std::is_sorted(user.train.begin(), user.train.end(),
                                     [](auto& a, auto& b) { return a.item < b.item; }));
                for (const auto& rating : user.train)
                    all.insert(rating.item), ++counts[index(rating.item)];
                for (const auto* part : {&user.valid, &user.test}) {
                    CHECK(std::is_sorted(part->items.begin(), part->items.end()));
                    CHECK(part->deciles.size() == part->items.size());
                    all.insert(part->items.begin(), part->items.end());
                }
                CHECK(all.size() == total);
            }
            CHECK(counts == data.item_counts);
        }
}

TEST_CASE("deciles cut the items into ten equal parts by training count") {
    DataSettings settings;
    settings.format = "synthetic";
    settings.synthetic.users = 200;
    settings.synthetic.items = 200;
    settings.split = "ratio";
    settings.test_ratio = 0.5;
    const Prepared data = prepare(settings);
    std::array<std::set<ItemId>, 10> seen;
    std::array<std::uint32_t, 10> least, most{};
    least.fill(~0U);
    for (const auto& user : data.users)
        for (std::size_t i = 0; i < user.test.items.size(); ++i) {
            const std::size_t decile = user.test.deciles[i];
            REQUIRE(decile < 10);
            seen[decile].insert(user.test.items[i]);
            const std::uint32_t count = data.item_counts[index(user.test.items[i])];
            least[decile] = std::min(least[decile], count);
            most[decile] = std::max(most[decile], count);
        }
    for (std::size_t d = 0; d < 10; ++d) {
        CAPTURE(d);
        CHECK(seen[d].size() <= 20);
        if (d > 0) CHECK(most[d - 1] <= least[d]);
    }
}

TEST_CASE("a given part keeps training as published and drops what is trained on") {
    const test::Folder folder;
    folder.write("train.txt", "0 1 2 3\n1 1 2\n");
    folder.write("valid.txt", "0 5 2\n");
    folder.write("test.txt", "0 3 4\n1 3\n");
    DataSettings settings = folder.settings();
    Prepared data = prepare(settings);
    CHECK(test::dealt(data, 0) == "1 2 3 | 5 | 4");
    CHECK(data.split_label == "given (training, validation and test files)");
    settings.max_users = 1;
    data = prepare(settings);
    CHECK(data.users.size() == 1);
    CHECK(data.ranking.items == 5);
}

TEST_CASE("a hold-out takes a share of every user's training rows, at least one and never all") {
    const auto rows = staircase(60);
    for (const double ratio : {0.01, 0.1, 0.5, 0.99}) {
        CAPTURE(ratio);
        DataSettings settings;
        settings.holdout_ratio = ratio;
        const Split parts = hold_out_training(rows, settings);
        CHECK(parts.shares == hold_out_training(rows, settings).shares);
        const auto counts = counts_of(rows, parts, 60);
        for (std::size_t u = 0; u < 60; ++u) {
            CAPTURE(u);
            const auto share = static_cast<std::size_t>(std::floor(ratio * double(u) + 1e-9));
            CHECK(counts[u].test == 0);
            CHECK(counts[u].valid == (u < 2 ? 0 : std::clamp<std::size_t>(share, 1, u - 1)));
            CHECK(counts[u].train == u - counts[u].valid);
        }
        settings.seed = 2;
        CHECK(parts.shares != hold_out_training(rows, settings).shares);
    }
}

TEST_CASE("a given split holds out of its training part what it has no validation part for") {
    const test::Folder folder;
    folder.write("train.txt", "0 1 2 3\n1 1 2\n2 5\n");
    folder.write("test.txt", "0 4\n1 3\n2 4\n");
    DataSettings settings = folder.settings();
    settings.holdout_ratio = 0.1;
    const Prepared data = prepare(settings);
    CHECK(data.split_label == "given; validation: 0.1 of each user's training part (seed 1)");
    CHECK(data.has_validation);
    CHECK(data.users[0].train.size() == 2);
    CHECK(data.users[0].valid.items.size() == 1);
    CHECK(data.users[1].train.size() == 1);
    CHECK(test::dealt(data, 2) == "5 | | 4");  // a single one stays
    settings.holdout_ratio = 0;
    CHECK(prepare(settings).hash != data.hash);
}
