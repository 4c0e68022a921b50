#include "client/retrieval/inner_product.hpp"

#include <doctest/doctest.h>

#include "tests/client/retrieval/made_codes.hpp"

using namespace fedhash;
using namespace fedhash::client;
using namespace fedhash::tests;

namespace {

std::vector<Scored> sorted(std::span<const float> scores, std::size_t wanted,
                           std::span<const ItemId> excluded) {
    std::vector<Scored> all;
    for (std::uint32_t i = 0; i < scores.size(); ++i)
        if (!std::ranges::binary_search(excluded, ItemId{i})) all.push_back({ItemId{i}, scores[i]});
    std::ranges::stable_sort(all, std::greater<>(), &Scored::score);
    all.resize(std::min(wanted, all.size()));
    return all;
}

}  // namespace

TEST_CASE("the largest scores are those that sorting everything finds, ties by id") {
    Stream random(1);
    std::size_t wrong = 0;
    TopScores top;
    for (const std::size_t items : {0u, 1u, 100u, 3000u})
        for (const std::uint64_t values : {1u, 3u, 1'000'000u})
            for (const unsigned share : {0u, 40u, 256u}) {
                std::vector<float> scores(items);
                for (float& score : scores)
                    score = static_cast<float>(static_cast<int>(random() % values) - 1);
                const std::vector<ItemId> excluded = some_items(items, share, random);
                for (const std::size_t wanted :
                     {std::size_t{0}, std::size_t{1}, std::size_t{10}, items + 5})
                    for (const std::size_t tile : {std::size_t{7}, std::size_t{64}, items + 1}) {
                        top.begin(wanted, excluded);
                        for (std::size_t at = 0; at < items; at += tile)
                            top.look_at(std::span<const float>(scores).subspan(
                                at, std::min(tile, items - at)));
                        wrong +=
                            !std::ranges::equal(top.finish(), sorted(scores, wanted, excluded));
                    }
            }
    CHECK(wrong == 0);
}

TEST_CASE("two steps find what one does where the candidates hold it") {
    Stream random(2);
    Factors items(300, 8);
    for (Eigen::Index i = 0; i < items.size(); ++i)
        items.data()[i] = static_cast<float>(static_cast<int>(random() % 21) - 10);
    std::vector<float> user(8);
    for (float& entry : user) entry = static_cast<float>(static_cast<int>(random() % 21) - 10);
    TopScores top;
    const auto one = best(items, user, 10, {}, top);
    const std::vector<Scored> expected(one.begin(), one.end());
    std::vector<ItemId> all;
    for (std::uint32_t i = 0; i < 300; ++i) all.push_back(ItemId{i});
    std::vector<Scored> scored;
    CHECK(std::ranges::equal(best_of(items, user, all, 10, scored), expected));
    const std::vector<ItemId> few{expected[3].item, expected[0].item};
    const auto two = best_of(items, user, few, 10, scored);
    REQUIRE(two.size() == 2);
    CHECK(two[0] == expected[0]);
    CHECK(two[1] == expected[3]);
}
