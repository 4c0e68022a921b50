// Real public sets, which are not ours to ship: FEDHASH_DATA names a folder that has them. Without
// it the cases say so and check nothing. The counts are those that the sets' own documentation
// gives.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "tests/scenarios/data/folder.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;
using test::contains;

namespace {

std::optional<DataSettings> set_named(const std::string& name) {
    const char* root = std::getenv("FEDHASH_DATA");
    if (root == nullptr || !std::filesystem::exists(std::filesystem::path(root) / name)) {
        MESSAGE("skipped: FEDHASH_DATA names no folder with " << name);
        return {};
    }
    DataSettings settings;
    settings.path = (std::filesystem::path(root) / name).string();
    return settings;
}

struct Totals {
    std::size_t train = 0, valid = 0, test = 0;
};

Totals totals(const Prepared& data) {
    Totals out;
    for (const auto& user : data.users) {
        out.train += user.train.size();
        out.valid += user.valid.items.size();
        out.test += user.test.items.size();
    }
    return out;
}

}  // namespace

TEST_CASE("MovieLens 1M has its published counts") {
    const auto settings = set_named("ml-1m");
    if (!settings) return;
    const Prepared data = prepare(*settings);
    CHECK(data.users.size() == 6040);
    CHECK(data.ranking.items == 3706);
    const Totals count = totals(data);
    CHECK(count.train + count.valid + count.test == 1'000'209);
    CHECK(count.test == 6040);
    CHECK(data.item_names.front() == "1");
    CHECK(data.item_titles.front() == "Toy Story (1995)");
    CHECK(data.item_names.back() == "3952");
    CHECK(data.user_attributes[0].values[0] == "F");
    std::size_t fives = 0, ones = 0;
    for (const auto& user : data.users)
        for (const auto& rating : user.train)
            fives += rating.value == 1.0F, ones += rating.value == 0.0F;
    CHECK(fives <= 226'310);
    CHECK(fives > 222'000);
    CHECK(ones <= 56'174);
    const std::string text = describe(*settings);
    CHECK(contains(text, "4.4684 %"));
    CHECK(contains(text, "226,310"));
    CHECK(contains(text, "titles        of 3,706 items"));
}

TEST_CASE("MovieLens 100K has its published counts and times") {
    const auto settings = set_named("ml-100k");
    if (!settings) return;
    const Prepared data = prepare(*settings);
    CHECK(data.users.size() == 943);
    CHECK(data.ranking.items == 1682);
    const Totals count = totals(data);
    CHECK(count.train + count.valid + count.test == 100'000);
    CHECK(contains(data.split_label, "the last by time"));
    CHECK(contains(describe(*settings), "1997-09-20 03:05 UTC to 1998-04-22 23:10 UTC"));
    const auto ascii_free = std::find_if(
        data.item_titles.begin(), data.item_titles.end(), [](const std::string& title) {
            return title.find("Mis\xC3\xA9rables") != std::string::npos;  // ISO-8859-1 in the file
        });
    CHECK(ascii_free != data.item_titles.end());
}

TEST_CASE("FilmTrust has 35,497 rows of which three repeat a pair") {
    const auto settings = set_named("filmtrust");
    if (!settings) return;
    const Prepared data = prepare(*settings);
    CHECK(data.users.size() == 1508);
    CHECK(data.ranking.items == 2071);
    const Totals count = totals(data);
    CHECK(count.train + count.valid + count.test == 35'494);
    CHECK(contains(test::joined(data.notices), "3 rows repeat a (user, item) pair"));
    CHECK(contains(describe(*settings), "ratings.txt: 35,497 rows"));
}

TEST_CASE("LightFR's split of FilmTrust is scored as published, blemishes and all") {
    auto settings = set_named("filmtrust/lightfr");
    if (!settings) return;
    Prepared data = prepare(*settings);
    CHECK(data.users.size() == 1002);
    CHECK(data.ranking.items == 2042);
    const Totals count = totals(data);
    CHECK(count.train == 31'365);  // 31,367 rows, two of which repeat a pair
    CHECK(count.valid == 1002);
    CHECK(count.test == 1002);
    for (const auto& user : data.users) {
        CHECK(user.valid.candidates.size() == 49);
        CHECK(user.test.candidates.size() == 49);
    }
    const std::string notices = test::joined(data.notices);
    CHECK(contains(notices,
                   "validation candidates: of 49,098, 779 (771 distinct) are in the user's "
                   "training set, 55 (54 distinct)"));
    CHECK(contains(notices,
                   "test candidates: of 49,098, 747 (742 distinct) are in the user's training set, "
                   "58 (57 distinct)"));
    settings->clean_candidates = true;
    const Prepared clean = prepare(*settings);
    std::size_t left = 0;
    for (const auto& user : clean.users) left += user.test.candidates.size();
    CHECK(left < 49'098 - 747);
    CHECK(clean.hash != data.hash);
}

TEST_CASE("HetRec's Last.fm has its published counts") {
    const auto settings = set_named("lastfm-2k");
    if (!settings) return;
    const Prepared data = prepare(*settings);
    CHECK(data.users.size() == 1892);
    CHECK(data.ranking.items == 17'632);
    const Totals count = totals(data);
    CHECK(count.train + count.valid + count.test == 92'834);
}

TEST_CASE("Gowalla keeps its published split") {
    const auto settings = set_named("gowalla");
    if (!settings) return;
    const Prepared data = prepare(*settings);
    CHECK(data.users.size() == 29'858);
    CHECK(data.ranking.items == 40'981);
    const Totals count = totals(data);
    CHECK(count.train == 810'128);
    CHECK(count.test == 217'242);
    CHECK_FALSE(data.has_validation);
    CHECK(data.ranking.full);
}
