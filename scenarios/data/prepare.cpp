#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "common/errors.hpp"
#include "scenarios/data/candidates.hpp"
#include "scenarios/data/dataset.hpp"
#include "scenarios/data/filter.hpp"
#include "scenarios/data/fingerprint.hpp"
#include "scenarios/data/formats.hpp"
#include "scenarios/data/prepared.hpp"
#include "scenarios/data/split.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

using client::HeldOut;
using client::Rating;
using client::UserData;

/// Ratings as values in [0, 1].
class Scale {
  public:
    explicit Scale(const Dataset& data) {
        if (!data.has_ratings || data.train.empty()) return;
        const auto [least, most] =
            std::minmax_element(data.train.begin(), data.train.end(),
                                [](auto& a, auto& b) { return a.rating < b.rating; });
        low_ = least->rating;
        width_ = most->rating - least->rating;
    }
    float operator()(double rating) const {
        if (!(width_ > 0) || !std::isfinite(width_)) return 1.0F;
        return static_cast<float>(std::clamp((rating - low_) / width_, 0.0, 1.0));
    }

  private:
    double low_ = 0;
    double width_ = 0;
};

void check_settings(const Dataset& data, const DataSettings& settings) {
    if (settings.split != "leave-one-out" && settings.split != "ratio" && settings.split != "given")
        throw UsageError(
            fmt::format("data.split: unknown value {}; known: leave-one-out, ratio, given",
                        in_quotes(settings.split)));
    if (settings.threshold != 0 && !data.has_ratings)
        throw UsageError(
            "data.threshold: the data have no ratings; leave it out, or name the column in "
            "data.columns.rating");
    if (!data.given_test && settings.split == "given")
        throw UsageError("data.split=given: no test part was found; data.test names its file");
    if (settings.holdout_ratio > 0 && !data.given_test)
        throw UsageError(
            fmt::format("data.holdout_ratio (--holdout of a sweep): goes with a given split; "
                        "data.split={} has a "
                        "validation part of its own{}",
                        settings.split, settings.split == "ratio" ? ", data.valid_ratio" : ""));
    if (settings.holdout_ratio > 0 && data.given_valid)
        throw UsageError(
            "data.holdout_ratio (--holdout of a sweep): the data give a validation part, which is "
            "kept as published; "
            "leave it out");
    if (!data.given_test) return;
    const auto refuse = [](bool set, const char* setting) {
        if (set)
            throw UsageError(
                fmt::format("{}: does not go with a given split, whose parts are kept as "
                            "published; leave it out",
                            setting));
    };
    refuse(settings.k_core > 0, "data.k_core");
    refuse(settings.max_items > 0, "data.max_items");
    refuse(settings.threshold != 0 && data.held_out_raw, "data.threshold");
}

/// Drops held-out rows that are in training or repeat; returns the number of the former.
std::size_t drop_trained(std::vector<Interaction>& held_out, const std::vector<Interaction>& train,
                         std::size_t users) {
    keep_last_of_pairs(held_out, users);
    const auto before = [](const Interaction& a, const Interaction& b) {
        return a.user != b.user ? a.user < b.user : a.item < b.item;
    };
    return std::erase_if(held_out, [&](const Interaction& row) {
        return std::binary_search(train.begin(), train.end(), row, before);
    });
}

void filter_given(Dataset& data, const DataSettings& settings, std::vector<std::string>& notices) {
    for (auto* rows : {&data.train, &data.valid, &data.test}) {
        const std::size_t before = rows->size();
        std::erase_if(*rows, [&](const Interaction& row) {
            return (settings.threshold != 0 && row.rating < settings.threshold) ||
                   (settings.max_users > 0 && row.user >= settings.max_users);
        });
        if (rows->empty() && before > 0)
            throw DataError(fmt::format(
                "data.threshold={} and data.max_users={} leave none of {} given interactions",
                settings.threshold, settings.max_users, before));
    }
    for (auto& [rows, name] : {std::pair{&data.valid, "validation"}, std::pair{&data.test, "test"}})
        if (const auto dropped = drop_trained(*rows, data.train, data.users.size()); dropped > 0)
            notices.push_back(fmt::format(
                "{} given {} interactions are also in the user's training part and are not scored",
                grouped(dropped), name));
}

void deal(const std::vector<Interaction>& rows, const Split& split, const Scale& scale,
          std::vector<UserData>& users) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
        UserData& user = users[rows[r].user];
        const ItemId item{rows[r].item};
        switch (split.shares[r]) {
            case Share::train:
                user.train.push_back({item, scale(rows[r].rating)});
                break;
            case Share::valid:
                user.valid.items.push_back(item);
                break;
            case Share::test:
                user.test.items.push_back(item);
                break;
        }
    }
}

/// The whole of one part.
Split all_to(Share share, const std::vector<Interaction>& rows) {
    return {std::vector<Share>(rows.size(), share), "", 0};
}

void count_items(Prepared& out) {
    out.item_counts.assign(out.ranking.items, 0);
    for (const UserData& user : out.users)
        for (const Rating& rating : user.train) ++out.item_counts[index(rating.item)];
    for (const std::uint32_t count : out.item_counts)
        out.ranking.popularity.push_back(static_cast<std::uint8_t>(std::bit_width(count)));

    std::vector<std::uint32_t> order(out.ranking.items);
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return out.item_counts[a] < out.item_counts[b]; });
    std::vector<std::uint8_t> decile(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank)
        decile[order[rank]] = static_cast<std::uint8_t>(10 * rank / order.size());
    for (UserData& user : out.users)
        for (HeldOut* part : {&user.valid, &user.test}) {
            part->deciles.clear();
            for (ItemId item : part->items) part->deciles.push_back(decile[index(item)]);
        }
}

void choose_candidates(Prepared& out, const Dataset& data, const DataSettings& settings) {
    if (data.given_candidates) {
        give_candidates(out.users, data, settings.clean_candidates, out.notices);
        out.ranking.full = false;
        out.candidates_label =
            settings.clean_candidates ? "given list, cleaned" : "given list, exactly as given";
        if (data.valid_candidates.empty() && out.has_validation)
            out.candidates_label += "; the same list for validation";
        if (settings.negatives_set && settings.negatives > 0)
            out.notices.push_back("eval.negatives is not used: the data give the candidates");
        return;
    }
    if (settings.clean_candidates)
        out.notices.push_back(
            "eval.clean_candidates has nothing to clean: no candidate list is given");
    if (settings.negatives == 0) {
        out.candidates_label = "all items";
        return;
    }
    sample_candidates(out.users, out.ranking.items, settings.negatives, settings.seed, out.notices);
    out.ranking.full = false;
    out.candidates_label =
        fmt::format("{} sampled negatives (seed {})", settings.negatives, settings.seed);
}

/// What becomes of the given training part, and the label of the whole split.
Split given_training(const Dataset& data, const DataSettings& settings) {
    if (settings.holdout_ratio > 0) return hold_out_training(data.train, settings);
    Split all = all_to(Share::train, data.train);
    all.label = data.given_valid ? "given (training, validation and test files)"
                                 : "given; no validation part: tuning and early stop are off";
    return all;
}

void split_given(Prepared& out, Dataset& data, const DataSettings& settings, const Scale& scale) {
    filter_given(data, settings, out.notices);
    const Split training = given_training(data, settings);
    deal(data.train, training, scale, out.users);
    deal(data.valid, all_to(Share::valid, data.valid), scale, out.users);
    deal(data.test, all_to(Share::test, data.test), scale, out.users);
    out.split_label = training.label;
    if (settings.split_set && settings.split != "given")
        out.notices.push_back(fmt::format(
            "data.split={} is not used: the data give their own split", settings.split));
    const auto untrained = std::count_if(out.users.begin(), out.users.end(),
                                         [](const UserData& user) { return user.train.empty(); });
    if (untrained > 0)
        out.notices.push_back(fmt::format("{} users have nothing to train on",
                                          grouped(static_cast<std::size_t>(untrained))));
    std::vector<bool> trained(out.ranking.items, false);
    for (const UserData& user : out.users)
        for (const Rating& rating : user.train) trained[index(rating.item)] = true;
    if (const auto unseen = std::count(trained.begin(), trained.end(), false); unseen > 0)
        out.notices.push_back(fmt::format(
            "{} of {} items occur only in held-out parts or candidates; the catalogue has them "
            "too, as published",
            grouped(static_cast<std::size_t>(unseen)), grouped(trained.size())));
}

/// Every item, and the users that data.max_users lets in.
Kept first_users(const FixedNames& names, const DataSettings& settings) {
    Kept kept;
    const std::size_t users = names.users.size();
    kept.users.resize(settings.max_users > 0 ? std::min<std::size_t>(settings.max_users, users)
                                             : users);
    kept.items.resize(names.items.size());
    std::iota(kept.users.begin(), kept.users.end(), 0U);
    std::iota(kept.items.begin(), kept.items.end(), 0U);
    return kept;
}

/// The catalogue of who and what remains, and a user to fill for each.
void take_kept(Prepared& out, const Dataset& data, const FixedNames& names, const Kept& kept) {
    out.user_names = selected(names.users, kept.users);
    out.item_names = selected(names.items, kept.items);
    out.item_titles = selected(data.item_titles, kept.items);
    for (const Attribute& attribute : data.user_attributes)
        out.user_attributes.push_back({attribute.name, selected(attribute.values, kept.users)});
    for (const Attribute& attribute : data.item_attributes)
        out.item_attributes.push_back({attribute.name, selected(attribute.values, kept.items)});
    if (data.planted) {
        const std::size_t words = (data.planted->bits + 63) / 64;
        out.planted =
            PlantedCodes{data.planted->bits, selected(data.planted->users, kept.users, words),
                         selected(data.planted->items, kept.items, words)};
    }
    out.ranking.items = static_cast<std::uint32_t>(kept.items.size());
    out.users.resize(kept.users.size());
    for (std::uint32_t u = 0; u < out.users.size(); ++u) out.users[u].user = UserId{u};
}

bool any_scored(const Prepared& data, HeldOut UserData::*part) {
    return std::any_of(data.users.begin(), data.users.end(),
                       [&](const UserData& user) { return !(user.*part).items.empty(); });
}

void split_own(Prepared& out, const Dataset& data, const DataSettings& settings,
               const Scale& scale) {
    const Split parts = split(data.train, data.has_times, settings);
    deal(data.train, parts, scale, out.users);
    out.split_label = parts.label;
    if (parts.users_not_scored > 0)
        out.notices.push_back(
            fmt::format("{} users have fewer than {} interactions: they train and are not scored",
                        grouped(parts.users_not_scored), least_to_hold_out));
}

}  // namespace

Prepared prepare(const DataSettings& settings) {
    if (settings.format == "synthetic" && !settings.path.empty())
        throw UsageError(
            "data.path is \"" + settings.path +
            "\", but data.format = \"synthetic\" generates its data and reads none; for the "
            "files there use --set data.format=auto");
    Dataset data = load(settings);
    check_settings(data, settings);
    const FixedNames names = put_in_fixed_order(data);
    Prepared out;
    out.label = data.label;
    out.notices = std::move(data.notices);
    if (const std::size_t repeats = keep_last_of_pairs(data.train, data.users.size()); repeats > 0)
        out.notices.push_back(fmt::format(
            "{} rows repeat a (user, item) pair; the last of each was kept", grouped(repeats)));
    const Scale scale(data);

    const Kept kept = data.given_test ? first_users(names, settings)
                                      : apply_filters(data.train, names.users.size(),
                                                      names.items.size(), settings, out.notices);
    take_kept(out, data, names, kept);
    if (data.given_test)
        split_given(out, data, settings, scale);
    else
        split_own(out, data, settings, scale);
    out.has_validation = any_scored(out, &UserData::valid);
    choose_candidates(out, data, settings);
    // Again: parts without any candidate were emptied.
    out.has_validation = any_scored(out, &UserData::valid);
    if (!any_scored(out, &UserData::test))
        throw DataError(
            fmt::format("{}: nothing is left to test with ({})", out.label, out.split_label));
    count_items(out);
    out.hash = fingerprint(out);
    return out;
}

}  // namespace fedhash::scenarios
