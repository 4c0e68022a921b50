#include "scenarios/exposure/poisoning.hpp"

#include <algorithm>
#include <array>

#include "client/adversary.hpp"
#include "common/exchange.hpp"
#include "server/margins.hpp"

namespace fedhash::scenarios {

namespace {

constexpr std::uint32_t list_length = 10;

constexpr std::array poisonings{
    PoisoningId{"A13", "promoting an item"},
    PoisoningId{"A13m", "liars that it takes"},
    PoisoningId{"A14", "spoiling the model"},
    PoisoningId{"A15", "finding who lies"},
};

struct Poisoned {
    const attacks::Sight& sight;
    const Truth& truth;
    const Codes& after;
    std::uint32_t rounds = 0;
    std::vector<UserId> liars;

    bool lies(UserId user) const { return std::ranges::binary_search(liars, user); }
};

bool knows(const client::UserData& user, ItemId item) {
    const auto listed = [item](const client::Rating& rating) { return rating.item == item; };
    return std::ranges::any_of(user.train, listed) ||
           std::ranges::binary_search(user.valid.items, item) ||
           std::ranges::binary_search(user.test.items, item);
}

/// That the target is among the first ten by Hamming distance, the user's own items left out, ties
/// in expectation.
double exposure_to(const client::UserData& user, CodeView code, ItemId target, const Codes& items) {
    std::vector<bool> left_out(items.rows);
    for (const client::Rating& rating : user.train) left_out[index(rating.item)] = true;
    const std::int64_t wanted = dot(code, items.row(index(target)), items.bits);
    std::size_t nearer = 0, as_near = 0;
    for (std::size_t i = 0; i < items.rows; ++i) {
        if (left_out[i]) continue;
        const std::int64_t one = dot(code, items.row(i), items.bits);
        nearer += one > wanted ? 1 : 0;
        as_near += one == wanted ? 1 : 0;
    }
    if (nearer >= list_length) return 0;
    return std::min(1.0, static_cast<double>(list_length - nearer) / static_cast<double>(as_near));
}

Exposure mean_of(const char* figure, double sum, double guesses, std::size_t users) {
    const double value = sum / double(users);
    return {.figure = figure,
            .value = value,
            .chance = guesses / double(users),
            .interval = mean_interval(value, double(users)),
            .trials = users,
            .of = "users"};
}

std::vector<Exposure> promoted(const Poisoned& run) {
    const Variant& variant = run.sight.variant;
    if (variant.user_bits > 1)
        return {{.refused = "a list by Hamming distance is of codes of one bit an entry"}};
    const ItemId target{variant.adversary.target};
    double sum = 0, guess = 0;
    std::size_t users = 0;
    for (const client::UserData& user : run.truth.data->users) {
        const auto& code = run.truth.codes[index(user.user)];
        if (code.empty() || run.lies(user.user) || knows(user, target)) continue;
        ++users;
        sum += exposure_to(user, code, target, run.after);
        guess += std::min(1.0, double(list_length) / double(run.after.rows - user.train.size()));
    }
    if (users == 0) return {{.refused = "every honest user has the item"}};
    return {mean_of("honest users with the target among their 10", sum, guess, users)};
}

double quantile(std::vector<std::uint32_t> values, double share) {
    const auto place = static_cast<std::ptrdiff_t>(share * double(values.size() - 1));
    std::ranges::nth_element(values, values.begin() + place);
    return values[static_cast<std::size_t>(place)];
}

std::vector<Exposure> liars_needed(const Poisoned& run) {
    const Variant& variant = run.sight.variant;
    if (!server::has_margins(variant))
        return {{.refused = "method.item_rule = \"" + variant.item_rule + "\" of uplink " +
                            variant.uplink + " has no margins by the bit"}};
    const std::vector<std::uint32_t> all =
        server::margins(variant, run.sight.published(), run.after, run.sight.sum->sum,
                        {run.sight.round, run.rounds});
    const auto width = static_cast<std::ptrdiff_t>(variant.bits);
    const auto begin = all.begin() + width * std::ptrdiff_t{variant.adversary.target};
    const std::vector<std::uint32_t> target(begin, begin + width);
    const auto figure = [&](const char* what, const std::vector<std::uint32_t>& of, double share) {
        return Exposure{.figure = what,
                        .value = quantile(of, share),
                        .chance = 1,
                        .ceiling = double(run.sight.sum->sum.users),
                        .trials = of.size(),
                        .of = "bits"};
    };
    return {figure("to turn a bit of the target (median)", target, 0.5),
            figure("to turn a bit of the target (5th percentile)", target, 0.05),
            figure("to turn a bit of any item (median)", all, 0.5),
            figure("to turn a bit of any item (5th percentile)", all, 0.05)};
}

/// Share of the entries of an upload's rows whose sign is that of what the others add up to: by
/// this a coordinator that sees uploads may look for who lies.
double agreement(const server::Observation& upload, const Aggregate& sum) {
    const std::size_t width = sum.shape.width;
    std::size_t same = 0, both = 0;
    for (std::size_t j = 0; j < upload.items.size(); ++j)
        for (std::size_t a = 0; a < width; ++a) {
            const std::int64_t own = upload.rows[j * width + a];
            const std::int64_t others = sum.rows[index(upload.items[j]) * width + a] - own;
            if (own == 0 || others == 0) continue;
            ++both;
            same += (own > 0) == (others > 0) ? 1 : 0;
        }
    return both == 0 ? 0.5 : double(same) / double(both);
}

std::vector<Exposure> found(const Poisoned& run) {
    if (find_exchange(run.sight.variant.exchange).masked)
        return {{.refused = "under masks the coordinator sees nobody's upload, a liar's neither"}};
    std::vector<double> honest, lying;
    for (const server::Observation& upload : *run.sight.seen) {
        if (upload.round != run.sight.round) continue;
        (run.lies(upload.user) ? lying : honest).push_back(agreement(upload, run.sight.sum->sum));
    }
    if (lying.empty() || honest.empty()) return {{.refused = "nobody lied in this round"}};
    double ordered = 0;
    for (const double liar : lying)
        for (const double other : honest) ordered += liar < other ? 1 : liar == other ? 0.5 : 0;
    const double value = ordered / (double(lying.size()) * double(honest.size()));
    return {{.figure = "liars that agree less with the others",
             .value = value,
             .chance = 0.5,
             .interval = mean_interval(value, double(std::min(lying.size(), honest.size()))),
             .trials = lying.size(),
             .of = "liars"}};
}

/// What a user's held-out items are ranked against, themselves included.
std::vector<ItemId> ranked_for(const client::UserData& user, const client::Ranking& ranking) {
    const client::HeldOut& held = user.test;
    if (!ranking.full) {
        std::vector<ItemId> items = held.items;
        items.insert(items.end(), held.candidates.begin(), held.candidates.end());
        return items;
    }
    std::vector<ItemId> items;
    for (std::uint32_t i = 0; i < ranking.items; ++i)
        if (std::ranges::binary_search(held.items, ItemId{i}) || !knows(user, ItemId{i}))
            items.push_back(ItemId{i});
    return items;
}

/// The expected share of the held-out items among the first ten by Hamming distance.
double recalled(const client::UserData& user, CodeView code, std::span<const ItemId> ranked,
                const Codes& items) {
    double sum = 0;
    for (const ItemId wanted : user.test.items) {
        const std::int64_t own = dot(code, items.row(index(wanted)), items.bits);
        std::size_t nearer = 0, as_near = 0;
        for (const ItemId other : ranked) {
            const std::int64_t one = dot(code, items.row(index(other)), items.bits);
            nearer += one > own ? 1 : 0;
            as_near += one == own ? 1 : 0;
        }
        if (nearer < list_length)
            sum += std::min(1.0, double(list_length - nearer) / double(as_near));
    }
    return sum / double(user.test.items.size());
}

std::vector<Exposure> spoilt(const Poisoned& run) {
    if (run.sight.variant.user_bits > 1)
        return {{.refused = "a list by Hamming distance is of codes of one bit an entry"}};
    double sum = 0, guess = 0;
    std::size_t users = 0;
    for (const client::UserData& user : run.truth.data->users) {
        const auto& code = run.truth.codes[index(user.user)];
        if (code.empty() || run.lies(user.user) || user.test.items.empty()) continue;
        const std::vector<ItemId> ranked = ranked_for(user, run.truth.data->ranking);
        ++users;
        sum += recalled(user, code, ranked, run.after);
        guess += std::min(1.0, double(list_length) / double(ranked.size()));
    }
    if (users == 0) return {{.refused = "no honest user has held-out items"}};
    return {mean_of("held-out items still among the 10 of honest users", sum, guess, users)};
}

}  // namespace

std::span<const PoisoningId> poisoning_ids() { return poisonings; }

std::vector<Exposure> expose_poisoning(const attacks::Sight& sight, const Truth& truth,
                                       const Codes& after, const server::Options& options,
                                       const std::vector<std::string>& ids) {
    constexpr std::array figures_of{promoted, liars_needed, spoilt, found};
    const AdversaryVariant& adversary = sight.variant.adversary;
    if (adversary.clients == "none") return {};
    const Poisoned run{sight, truth, after, options.rounds,
                       client::liars(adversary, options.seed, options.users)};
    std::vector<Exposure> all;
    for (std::size_t p = 0; p < poisonings.size(); ++p) {
        if (!ids.empty() && std::ranges::find(ids, poisonings[p].id) == ids.end()) continue;
        std::vector<Exposure> figures = figures_of[p](run);
        figures.front().headline = figures.front().refused.empty();
        for (Exposure& figure : figures) {
            figure.attack = poisonings[p].id;
            figure.name = poisonings[p].name;
            all.push_back(std::move(figure));
        }
    }
    return all;
}

}  // namespace fedhash::scenarios
