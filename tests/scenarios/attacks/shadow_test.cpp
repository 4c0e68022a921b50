#include "scenarios/exposure/shadow.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/scenarios/attacks/made_sight.hpp"

using namespace fedhash;
using namespace fedhash::tests;
using scenarios::attacks::Claim;

namespace {

constexpr std::uint32_t rows = 100;

bool observed(std::uint32_t item) { return item % 5 == 0; }

/// A user whose upload has a row of every item, one in five of them observed.
MadeSight made_sight() {
    MadeSight made(64, rows, "residual");
    made.variant.feedback = "sampled";
    Stream random = stream(6, Purpose::user_code, 0);
    fill(made, random);
    server::Observation seen{1, UserId{3}, 10, {}, {}, {}};
    for (std::uint32_t i = 0; i < rows; ++i) {
        seen.items.push_back(ItemId{i});
        seen.weights.push_back(0);
    }
    made.seen.push_back(seen);
    return made;
}

std::vector<bool> truth() {
    std::vector<bool> labels;
    for (std::uint32_t i = 0; i < rows; ++i) labels.push_back(observed(i));
    return labels;
}

std::size_t right(const Claim& claim) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < rows; ++i) count += (claim.belief[i] > 0) == observed(i) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("labels whose shadow comes out like the upload are kept, the others guessed again") {
    MadeSight made = made_sight();
    for (std::uint32_t i = 0; i < rows; ++i)
        for (std::uint32_t k = 0; k < 64; ++k) made.seen[0].rows.push_back(observed(i) ? 9 : -9);
    auto sight = made.sight();
    // Rows that follow from their own labels alone.
    sight.shadow = [](std::uint32_t, std::span<const ItemId> items,
                      const std::vector<bool>& labels) {
        std::vector<std::int64_t> all;
        for (std::size_t j = 0; j < items.size(); ++j)
            all.insert(all.end(), 64, labels[j] ? 9 : -9);
        return all;
    };
    const Claim claim = scenarios::attacks::shadow_labels(sight).at(0);
    REQUIRE(claim.items.size() == rows);
    CHECK(right(claim) >= 68);  // of labels by lot that is the average
    const auto positives = std::ranges::count(claim.belief, 1.0);
    CHECK(positives >= 10);
    CHECK(positives <= 40);
    CHECK(scenarios::attacks::shadow_labels(sight).at(0).belief == claim.belief);
}

TEST_CASE("a shadow device uploads what a device with these items would, round by round") {
    MadeSight made = made_sight();
    auto sight = made.sight();
    sight.shadow = scenarios::shadow_device(sight.variant, *sight.tables);
    const auto same = sight.shadow(1, made.seen[0].items, truth());
    REQUIRE(same.size() == rows * 64);
    CHECK(sight.shadow(1, made.seen[0].items, truth()) == same);
    CHECK(sight.shadow(1, made.seen[0].items, std::vector<bool>(rows, false)) != same);
    // Each row is a residual times one code.
    for (std::uint32_t i = 0; i < rows; ++i)
        for (std::uint32_t k = 1; k < 64; ++k)
            CHECK(std::abs(same[i * 64 + k]) == std::abs(same[i * 64]));
    // Who guesses right has no distance left, and labels stay as they were guessed.
    made.seen[0].rows = same;
    auto attacked = made.sight();
    attacked.shadow = sight.shadow;
    CHECK(scenarios::attacks::shadow_labels(attacked).at(0).belief.size() == rows);
}

TEST_CASE("devices that list observed items alone leave nothing to label") {
    for (const auto& attack : scenarios::attacks::attacks()) {
        if (std::string(attack.id) != "A6s") continue;
        Variant variant;
        CHECK(attack.refusal(variant) != "");
        variant.feedback = "sampled";
        CHECK(attack.refusal(variant) == "");
        variant.similarity = "weighted";
        CHECK(attack.refusal(variant) != "");
    }
}
