#include "client/feedback.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "client/unobserved.hpp"
#include "common/errors.hpp"
#include "common/similarity.hpp"

namespace fedhash::client {

namespace {

// A rating r in [0, 1] mapped to the range of a score:  R = 2 k r - k, and of a projected one,
// which lies in [-3k, k]:  R = 4 k r - 3 k.
class RatingGoal {
  public:
    explicit RatingGoal(const Variant& variant)
        : top_(variant.bits * static_cast<double>(unit * bit_weight_one(variant))),
          range_((variant.similarity == "projected" ? 4 : 2) * top_) {}

    // To the nearest, halves away from zero: exact, because a float times some thousands leaves
    // room for another half in a double.
    std::int32_t operator()(float value) const {
        const double goal = range_ * static_cast<double>(value) - range_ + top_;
        return static_cast<std::int32_t>(goal + std::copysign(0.5, goal));
    }

  private:
    double top_, range_;
};

void implicit(const UserData& user, std::uint32_t, const Variant&, std::int64_t target, Stream,
              Listed& listed) {
    listed.resize(user.train.size());
    for (std::size_t j = 0; j < user.train.size(); ++j) listed.items[j] = user.train[j].item;
    std::ranges::fill(listed.goals, static_cast<std::int32_t>(target));
    std::ranges::fill(listed.labels, 1.0f);
}

void explicit_ratings(const UserData& user, std::uint32_t, const Variant& variant, std::int64_t,
                      Stream, Listed& listed) {
    const RatingGoal goal(variant);
    listed.resize(user.train.size());
    for (std::size_t j = 0; j < user.train.size(); ++j) {
        const float value = user.train[j].value;
        listed.items[j] = user.train[j].item;
        listed.labels[j] = value;
        listed.goals[j] = goal(value);
    }
}

void liked(const UserData& user, std::uint32_t, const Variant& variant, std::int64_t, Stream,
           Listed& listed) {
    const RatingGoal goal(variant);
    listed.clear();
    for (const Rating& rating : user.train)
        if (rating.value > 0.5f) listed.add(rating.item, goal(rating.value), rating.value);
}

// Items that the user was shown: those rated above the middle it took, the others it did not.
void shown(const UserData& user, std::uint32_t, const Variant&, std::int64_t target, Stream,
           Listed& listed) {
    listed.clear();
    for (const Rating& rating : user.train) {
        const bool taken = rating.value > 0.5f;
        listed.add(rating.item, taken ? static_cast<std::int32_t>(target) : 0, taken ? 1.0f : 0.0f);
    }
}

// Every observed item beside items of the same device's own choice, which fair dice draw from what
// it has not observed: an upload then lists items that the user never touched.
void sampled(const UserData& user, std::uint32_t catalogue, const Variant& variant,
             std::int64_t target, Stream random, Listed& listed) {
    listed.clear();
    const std::vector<std::uint32_t> others =
        draw_unobserved(user, catalogue, variant.negatives * user.train.size(), random);
    auto other = others.begin();
    for (const Rating& rating : user.train) {
        for (; other != others.end() && *other < index(rating.item); ++other)
            listed.add(ItemId{*other}, 0, 0);
        listed.add(rating.item, static_cast<std::int32_t>(target), 1);
    }
    for (; other != others.end(); ++other) listed.add(ItemId{*other}, 0, 0);
}

constexpr std::array feedback_table{
    Feedback{"implicit", implicit, true,
             "observed items; that they were observed is all that counts"},
    Feedback{"explicit", explicit_ratings, false, "observed items with their ratings"},
    Feedback{"liked", liked, false, "observed items rated above the middle of the scale"},
    Feedback{"shown", shown, false,
             "items rated above the middle of the scale, and the others as items left untaken"},
    Feedback{"sampled", sampled, false,
             "observed items, and unobserved ones that the device draws"},
};

}  // namespace

void Listed::resize(std::size_t count) {
    items.resize(count);
    goals.resize(count);
    labels.resize(count);
}

void Listed::clear() {
    items.clear();
    goals.clear();
    labels.clear();
}

void Listed::add(ItemId item, std::int32_t goal, float label) {
    items.push_back(item);
    goals.push_back(goal);
    labels.push_back(label);
}

std::span<const Feedback> feedbacks() { return feedback_table; }

const Feedback& find_feedback(std::string_view name) {
    std::string known;
    for (const Feedback& entry : feedback_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.feedback: unknown feedback '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash::client
