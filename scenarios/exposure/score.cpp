#include "scenarios/exposure/score.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "scenarios/exposure/score_answers.hpp"

namespace fedhash::scenarios {

namespace {

using attacks::Claim;
using Claims = std::vector<Claim>;

/// Ratings are stored as float, and a device rounds goals to 1/16 of a code unit.
constexpr double exact_within = 1e-3;

const std::vector<client::Rating>& train_of(const Truth& truth, UserId user) {
    return truth.data->users[index(user)].train;
}

const client::Rating* find_rating(const std::vector<client::Rating>& train, ItemId item) {
    const auto place = std::ranges::lower_bound(
        train, index(item), {}, [](const client::Rating& rating) { return index(rating.item); });
    return place != train.end() && place->item == item ? &*place : nullptr;
}

std::size_t hits(const std::vector<client::Rating>& train, std::span<const ItemId> items) {
    return static_cast<std::size_t>(std::ranges::count_if(
        items, [&](ItemId item) { return find_rating(train, item) != nullptr; }));
}

double f1(std::size_t right, std::size_t claimed, std::size_t wanted) {
    return claimed + wanted == 0
               ? 0
               : 2 * static_cast<double>(right) / static_cast<double>(claimed + wanted);
}

double mean(const std::vector<double>& values) {
    return values.empty() ? 0
                          : std::accumulate(values.begin(), values.end(), 0.0) /
                                static_cast<double>(values.size());
}

Exposure of_mean(std::string figure, const std::vector<double>& values, double chance) {
    const double value = mean(values);
    return {.figure = std::move(figure),
            .value = value,
            .chance = chance,
            .interval = mean_interval(value, static_cast<double>(values.size())),
            .trials = values.size(),
            .of = "users"};
}

// Chance: the most popular items, as many as the user has.
std::vector<Exposure> score_items(const Claims& claims, const Truth& truth) {
    std::vector<ItemId> popular(truth.data->item_counts.size());
    for (std::size_t i = 0; i < popular.size(); ++i)
        popular[i] = ItemId{static_cast<std::uint32_t>(i)};
    std::ranges::stable_sort(popular, std::greater{},
                             [&](ItemId item) { return truth.data->item_counts[index(item)]; });
    std::vector<double> values, guesses;
    std::size_t exact = 0;
    for (const Claim& claim : claims) {
        const auto& train = train_of(truth, claim.user);
        if (train.empty()) continue;
        values.push_back(f1(hits(train, claim.items), claim.items.size(), train.size()));
        guesses.push_back(
            f1(hits(train, std::span(popular).first(train.size())), train.size(), train.size()));
        exact += values.back() == 1 ? 1 : 0;
    }
    return {of_mean("F1 of the item set", values, mean(guesses)),
            share_of("item set exact", exact, values.size(), 0)};
}

// Of a mean over pairs n / 2 independent ones are sure (Hoeffding, section 5).
std::vector<Exposure> score_size(const Claims& claims, const Truth& truth) {
    std::vector<std::pair<double, std::size_t>> users;
    for (const Claim& claim : claims)
        users.emplace_back(claim.size, train_of(truth, claim.user).size());
    double right = 0, pairs = 0;
    for (std::size_t a = 0; a < users.size(); ++a)
        for (std::size_t b = a + 1; b < users.size(); ++b) {
            if (users[a].second == users[b].second) continue;
            ++pairs;
            if (users[a].first == users[b].first)
                right += 0.5;
            else if ((users[a].first > users[b].first) == (users[a].second > users[b].second))
                ++right;
        }
    const double value = pairs == 0 ? 0.5 : right / pairs;
    return {{.figure = "pairs of users in order",
             .value = value,
             .chance = 0.5,
             .interval = mean_interval(value, static_cast<double>(users.size() / 2)),
             .trials = users.size(),
             .of = "users"}};
}

double right_bits(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                  std::uint32_t bits) {
    return (static_cast<double>(dot(a, b, bits)) + bits) / (2.0 * bits);
}

/// E max(x, 1 - x) of the share x of right bits of a random code.
double chance_up_to_sign(std::uint32_t bits) {
    // E|S| = k C(k - 1, floor((k - 1) / 2)) / 2^(k - 1) of a walk of k steps.
    const double k = bits, m = std::floor((k - 1) / 2);
    const double log_choose = std::lgamma(k) - std::lgamma(m + 1) - std::lgamma(k - m);
    return 0.5 + 0.5 * std::exp(log_choose - (k - 1) * std::log(2.0));
}

// A user without a claim is guessed: half of its bits.
std::vector<Exposure> score_code(const Claims& claims, const Truth& truth, std::uint32_t bits,
                                 bool up_to_sign) {
    const double chance = up_to_sign ? chance_up_to_sign(bits) : 0.5;
    std::vector<double> values;
    std::size_t exact = 0, claimed = 0;
    for (const Claim& claim : claims) {
        const auto& code = truth.codes[index(claim.user)];
        if (code.empty()) continue;
        double right = chance;
        if (!claim.code.empty()) {
            ++claimed;
            right = right_bits(claim.code, code, bits);
            if (up_to_sign) right = std::max(right, 1 - right);
        }
        values.push_back(right);
        exact += right == 1 ? 1 : 0;
    }
    const std::string sign = up_to_sign ? ", up to one sign" : "";
    const double guess = std::exp2((up_to_sign ? 1.0 : 0.0) - bits);
    return {share_of("code exact" + sign, exact, values.size(), guess),
            share_of("code exact" + sign + ", where a row tells", exact, claimed, guess),
            of_mean("bits right" + sign, values, chance)};
}

/// AUC of the beliefs, ties counted half.
double auc(const Claim& claim, const std::vector<client::Rating>& train) {
    std::vector<std::pair<double, bool>> rows;
    for (std::size_t j = 0; j < claim.items.size(); ++j)
        rows.emplace_back(claim.belief[j], find_rating(train, claim.items[j]) != nullptr);
    std::ranges::sort(rows);
    double below = 0, sum = 0, positives = 0;
    for (std::size_t from = 0; from < rows.size();) {
        std::size_t to = from;
        double negative = 0, positive = 0;
        for (; to < rows.size() && rows[to].first == rows[from].first; ++to)
            (rows[to].second ? positive : negative) += 1;
        sum += positive * (below + negative / 2);
        below += negative;
        positives += positive;
        from = to;
    }
    return positives == 0 || below == 0 ? 0.5 : sum / (positives * below);
}

std::vector<Exposure> score_labels(const Claims& claims, const Truth& truth) {
    std::vector<double> values, f1s, shares;
    for (const Claim& claim : claims) {
        if (claim.items.empty()) continue;
        const auto& train = train_of(truth, claim.user);
        values.push_back(auc(claim, train));
        std::vector<ItemId> observed;
        for (std::size_t j = 0; j < claim.items.size(); ++j)
            if (claim.belief[j] > 0) observed.push_back(claim.items[j]);
        const std::size_t wanted = hits(train, claim.items);
        f1s.push_back(f1(hits(train, observed), observed.size(), wanted));
        shares.push_back(static_cast<double>(wanted) / static_cast<double>(claim.items.size()));
    }
    // Chance: so many of the rows as are observed, by lot.
    return {of_mean("AUC of observed rows", values, 0.5),
            of_mean("F1 of observed rows", f1s, mean(shares))};
}

/// How often the most frequent rating is right, and the standard deviation of ratings.
std::pair<double, double> guessed_ratings(const Truth& truth) {
    std::map<float, std::size_t> histogram;
    double count = 0, sum = 0, squares = 0;
    std::size_t most = 0;
    for (const client::UserData& user : truth.data->users)
        for (const client::Rating& rating : user.train) {
            most = std::max(most, ++histogram[rating.value]);
            ++count;
            sum += static_cast<double>(rating.value);
            squares += static_cast<double>(rating.value) * static_cast<double>(rating.value);
        }
    return {static_cast<double>(most) / count,
            std::sqrt(squares / count - sum * sum / (count * count))};
}

// Users without a claimed rating are no trials: their rows say nothing, or there are none.
std::vector<Exposure> score_ratings(const Claims& claims, const Truth& truth) {
    const auto [most, deviation] = guessed_ratings(truth);
    std::vector<double> exact, squares;
    std::size_t rows = 0;
    double square = 0;
    for (const Claim& claim : claims) {
        if (claim.ratings.empty()) continue;
        std::size_t right = 0;
        double error = 0;
        for (std::size_t j = 0; j < claim.items.size(); ++j) {
            const client::Rating* rating = find_rating(train_of(truth, claim.user), claim.items[j]);
            const double off =
                rating == nullptr ? 1 : claim.ratings[j] - static_cast<double>(rating->value);
            right += std::abs(off) < exact_within ? 1 : 0;
            error += off * off;
        }
        const auto count = static_cast<double>(claim.items.size());
        exact.push_back(static_cast<double>(right) / count);
        squares.push_back(error / count);
        rows += claim.items.size();
        square += error;
    }
    Exposure error{.figure = "RMSE of ratings, scale 0 to 1",
                   .value = rows == 0 ? 0 : std::sqrt(square / static_cast<double>(rows)),
                   .chance = deviation,
                   .ceiling = 0,
                   .trials = rows,
                   .of = "rows"};
    return {of_mean("ratings exact, of a user's rows", exact, most), error};
}

// Chance: a random code, up to one sign.
std::vector<Exposure> score_small_sums(const Claims& claims, const Truth& truth,
                                       std::uint32_t bits) {
    std::vector<const std::vector<std::uint64_t>*> code(truth.data->ranking.items);
    for (const client::UserData& user : truth.data->users) {
        const auto& own = truth.codes[index(user.user)];
        if (own.empty()) continue;
        for (const client::Rating& rating : user.train) code[index(rating.item)] = &own;
    }
    std::size_t right = 0;
    for (const Claim& claim : claims) {
        const auto* own = code[index(claim.items.at(0))];
        if (own == nullptr || claim.code.empty()) continue;
        const double share = right_bits(claim.code, *own, bits);
        right += share == 1 || share == 0 ? 1 : 0;
    }
    Exposure figure = share_of("rows of one contributor that are its code", right, claims.size(),
                               std::exp2(1.0 - bits));
    figure.of = "items";
    return {figure};
}

UserId owner(const std::map<UserId, UserId>& owners, UserId name) {
    const auto found = owners.find(name);
    return found == owners.end() ? name : found->second;
}

std::vector<Exposure> score_identity(const Claims& claims, const Truth& truth) {
    std::vector<double> values;
    for (const Claim& claim : claims) {
        if (claim.suspects.empty()) continue;
        const bool found = std::ranges::any_of(claim.suspects, [&](UserId suspect) {
            return owner(truth.before, suspect) == owner(truth.now, claim.user);
        });
        values.push_back(found ? 1.0 / static_cast<double>(claim.suspects.size()) : 0);
    }
    return {of_mean("uploads linked to the round before", values,
                    1.0 / static_cast<double>(std::max<std::size_t>(1, truth.data->users.size())))};
}

}  // namespace

Exposure share_of(std::string figure, std::size_t successes, std::size_t trials, double chance) {
    return {.figure = std::move(figure),
            .value = trials == 0 ? 0 : static_cast<double>(successes) / static_cast<double>(trials),
            .chance = chance,
            .interval = proportion_interval(successes, trials),
            .trials = trials,
            .of = "users"};
}

std::vector<Exposure> score(const attacks::Attack& attack, const Claims& claims, const Truth& truth,
                            std::uint32_t bits) {
    using attacks::About;
    switch (attack.about) {
        case About::items:
            return score_items(claims, truth);
        case About::size:
            return score_size(claims, truth);
        case About::code:
        case About::code_up_to_sign:
            return score_code(claims, truth, bits, attack.about == About::code_up_to_sign);
        case About::some_bits:
            return score_bits(claims, truth);
        case About::labels:
            return score_labels(claims, truth);
        case About::ratings:
            return score_ratings(claims, truth);
        case About::membership:
            return score_membership(claims);
        case About::pairs:
            return score_pairs(claims);
        case About::presence:
            return score_presence(claims, truth);
        case About::small_sums:
            return score_small_sums(claims, truth, bits);
        case About::identity:
            return score_identity(claims, truth);
        case About::trait:  // score_trait(), once for each of them
            break;
    }
    return {};
}

}  // namespace fedhash::scenarios
