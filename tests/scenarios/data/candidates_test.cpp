#include "scenarios/data/candidates.hpp"

#include <algorithm>
#include <set>

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Prepared sampled(std::uint64_t seed, std::uint32_t negatives, std::uint32_t items = 150) {
    DataSettings settings;
    settings.format = "synthetic";
    settings.synthetic.users = 60;
    settings.synthetic.items = items;
    settings.seed = seed;
    settings.negatives = negatives;
    settings.negatives_set = true;
    return prepare(settings);
}

std::set<ItemId> own(const client::UserData& user) {
    std::set<ItemId> out;
    for (const auto& rating : user.train) out.insert(rating.item);
    for (const auto* part : {&user.valid, &user.test})
        out.insert(part->items.begin(), part->items.end());
    return out;
}

}  // namespace

TEST_CASE("sampled candidates are distinct items that the user has in no part") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        for (const std::uint32_t negatives : {1U, 40U, 70U}) {
            CAPTURE(seed);
            CAPTURE(negatives);
            const Prepared data = sampled(seed, negatives);
            CHECK_FALSE(data.ranking.full);
            for (const auto& user : data.users) {
                const auto seen = own(user);
                for (const auto* part : {&user.valid, &user.test}) {
                    CHECK(part->candidates.size() == negatives);
                    const std::set<ItemId> distinct(part->candidates.begin(),
                                                    part->candidates.end());
                    CHECK(distinct.size() == negatives);
                    for (ItemId item : distinct) CHECK_FALSE(seen.contains(item));
                }
            }
        }
}

TEST_CASE("samples repeat with the seed, differ between parts, and are labelled") {
    const Prepared a = sampled(3, 50), b = sampled(3, 50);
    CHECK(a.hash == b.hash);
    CHECK(a.users[0].test.candidates == b.users[0].test.candidates);
    CHECK(a.users[0].test.candidates != a.users[0].valid.candidates);
    CHECK(a.candidates_label == "50 sampled negatives (seed 3)");
    CHECK(sampled(3, 49).hash != a.hash);
}

TEST_CASE("a user with too few unseen items gets all of them") {
    const Prepared data = sampled(1, 1000, 60);
    CHECK(test::contains(test::joined(data.notices), "120 candidate lists are shorter than 1,000"));
    for (const auto& user : data.users) {
        const std::set<ItemId> distinct(user.test.candidates.begin(), user.test.candidates.end());
        CHECK(distinct.size() == user.test.candidates.size());
        CHECK(distinct.size() + own(user).size() == 60);
    }
}

TEST_CASE("every unseen item is drawn about equally often") {
    std::vector<client::UserData> users(3000);
    for (std::uint32_t u = 0; u < users.size(); ++u) {
        users[u].user = UserId{u};
        users[u].train = {{ItemId{0}, 1}};
        users[u].test.items = {ItemId{1}};
    }
    for (const std::uint32_t count :
         {3U, 9U}) {  // by blind draws, and from the list of what is unseen
        CAPTURE(count);
        std::vector<std::string> notices;
        sample_candidates(users, 14, count, 1, notices);
        std::vector<int> drawn(14, 0);
        for (const auto& user : users)
            for (ItemId item : user.test.candidates) ++drawn[index(item)];
        CHECK(drawn[0] == 0);
        CHECK(drawn[1] == 0);
        for (std::size_t i = 2; i < 14; ++i)
            CHECK(std::abs(drawn[i] - static_cast<int>(250 * count)) < 120);
        CHECK(users[0].valid.candidates.empty());
    }
}

TEST_CASE("without candidates asked for, all items are ranked") {
    const Prepared data = sampled(1, 0);
    CHECK(data.ranking.full);
    CHECK(data.candidates_label == "all items");
    CHECK(data.users[0].test.candidates.empty());
}
