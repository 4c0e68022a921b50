#include "scenarios/exposure/expose.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <iterator>
#include <optional>

#include "common/random.hpp"

namespace fedhash::scenarios {

namespace {

bool has(const client::UserData& user, ItemId item) {
    return std::ranges::any_of(
        user.train, [item](const client::Rating& rating) { return rating.item == item; });
}

}  // namespace

std::vector<std::pair<UserId, ItemId>> asked_pairs(const Truth& truth, std::size_t most_users) {
    const Prepared& data = *truth.data;
    std::vector<ItemId> all;  // an item as often as users have it: by popularity
    for (const client::UserData& user : data.users)
        for (const client::Rating& rating : user.train) all.push_back(rating.item);
    Stream random = stream(0, Purpose::audit);
    std::vector<std::pair<UserId, ItemId>> pairs;
    const std::size_t stride = std::max<std::size_t>(1, data.users.size() / most_users);
    for (std::size_t u = 0; u < data.users.size(); u += stride) {
        const client::UserData& user = data.users[u];
        if (truth.codes[u].empty()) continue;  // not asked in this round
        if (user.train.empty() || user.train.size() >= data.ranking.items) continue;
        constexpr int tries = 1000;  // a user may have nearly all that is popular
        for (int t = 0; t < tries; ++t) {
            const ItemId other = all[random() % all.size()];
            if (has(user, other)) continue;
            pairs.emplace_back(user.user, user.train[random() % user.train.size()].item);
            pairs.emplace_back(user.user, other);
            break;
        }
    }
    return pairs;
}

namespace {

constexpr std::size_t folds = 5;
constexpr std::size_t most_classes = 32;

/// What the data say of users, as a trait; nothing where it is a free text.
std::optional<attacks::Trait> trait_of(const Attribute& attribute) {
    attacks::Trait trait{attribute.name, {}, {}};
    for (const std::string& value : attribute.values) {
        auto place = std::ranges::find(trait.names, value);
        if (value.empty()) {
            trait.known.push_back(-1);
            continue;
        }
        if (place == trait.names.end()) place = trait.names.insert(place, value);
        trait.known.push_back(static_cast<int>(place - trait.names.begin()));
        if (trait.names.size() > most_classes) return std::nullopt;
    }
    if (trait.names.size() < 2) return std::nullopt;
    return trait;
}

/// Each user is guessed once, by who knows four fifths of the others.
std::vector<Exposure> expose_traits(const attacks::Attack& attack, attacks::Sight sight,
                                    const Truth& truth) {
    std::vector<Exposure> figures;
    for (const Attribute& attribute : truth.data->user_attributes) {
        const auto trait = trait_of(attribute);
        if (!trait) continue;
        std::size_t right = 0, trials = 0;
        std::vector<std::size_t> counts(trait->names.size());
        for (std::size_t fold = 0; fold < folds; ++fold) {
            attacks::Trait known = *trait;
            for (std::size_t u = 0; u < known.known.size(); ++u)
                if (Stream::mix(u) % folds == fold) known.known[u] = -1;
            sight.trait = &known;
            for (const attacks::Claim& claim : attack.run(sight)) {
                const int label = trait->known[index(claim.user)];
                if (label < 0) continue;
                ++trials;
                ++counts[static_cast<std::size_t>(label)];
                const auto best = std::ranges::max_element(claim.classes) - claim.classes.begin();
                right += best == label ? 1 : 0;
            }
        }
        if (trials == 0) continue;
        const double chance =
            static_cast<double>(*std::ranges::max_element(counts)) / static_cast<double>(trials);
        figures.push_back(share_of(trait->name + " right", right, trials, chance));
    }
    return figures;
}

/// Three items of each of some users of the round, as many as they have where that is fewer.
std::vector<attacks::Hint> drawn_hints(const Truth& truth, std::size_t most_users) {
    const Prepared& data = *truth.data;
    constexpr std::size_t known = 3;
    Stream random = stream(1, Purpose::audit);
    std::vector<attacks::Hint> hints;
    const std::size_t stride = std::max<std::size_t>(1, data.users.size() / most_users);
    for (std::size_t u = 0; u < data.users.size(); u += stride) {
        if (truth.codes[u].empty()) continue;  // not asked in this round
        std::vector<client::Rating> items = data.users[u].train;
        attacks::Hint hint{data.users[u].user, {}};
        for (std::size_t j = 0; j < known && j < items.size(); ++j) {
            std::swap(items[j], items[j + random() % (items.size() - j)]);
            hint.items.push_back(items[j].item);
        }
        if (!hint.items.empty()) hints.push_back(std::move(hint));
    }
    return hints;
}

/// All items of every user, ascending.
std::vector<attacks::Hint> item_sets(const Prepared& data) {
    std::vector<attacks::Hint> sets;
    for (const client::UserData& user : data.users) {
        attacks::Hint set{user.user, {}};
        for (const client::Rating& rating : user.train) set.items.push_back(rating.item);
        sets.push_back(std::move(set));
    }
    return sets;
}

/// Why no figure of an attack had anything to count.
std::string nothing_counted(attacks::About about) {
    using attacks::About;
    if (about == About::small_sums) return "no item had one contributor alone";
    if (about == About::identity) return "there was no upload to link with in the round before";
    if (about == About::ratings) return "no upload told a rating";
    return "no upload told anything of this";
}

/// Of a code, how much of it is known tells more than how often it is known whole.
void choose_headline(std::vector<Exposure>& figures) {
    const auto share = std::ranges::find_if(
        figures, [](const Exposure& figure) { return figure.figure.starts_with("bits right"); });
    (share == figures.end() ? figures.front() : *share).headline = true;
}

/// The figures of one attack, or why there are none.
std::vector<Exposure> expose_by(const attacks::Attack& attack, attacks::Sight sight,
                                const Truth& truth) {
    const auto left_out = [&](const std::string& reason) {
        return std::vector<Exposure>{{.attack = attack.id, .name = attack.name, .refused = reason}};
    };
    if (const std::string refused = attack.refusal(sight.variant); !refused.empty())
        return left_out(refused);
    std::vector<Exposure> figures;
    std::vector<attacks::Hint> sets;
    if (attack.about == attacks::About::some_bits) sets = item_sets(*truth.data);
    sight.sets = sets;
    if (attack.about == attacks::About::trait)
        figures = expose_traits(attack, sight, truth);
    else
        figures = score(attack, attack.run(sight), truth, sight.variant.bits);
    if (figures.empty()) return left_out("the data say nothing of users beside their ratings");
    if (std::ranges::all_of(figures, [](const Exposure& one) { return one.trials == 0; }))
        return left_out(nothing_counted(attack.about));
    choose_headline(figures);
    for (Exposure& figure : figures) {
        figure.attack = attack.id;
        figure.name = attack.name;
    }
    return figures;
}

}  // namespace

std::vector<Exposure> expose(attacks::Sight sight, const Truth& truth,
                             const std::vector<std::string>& ids) {
    constexpr std::size_t most_asked = 5000;
    const std::vector<std::pair<UserId, ItemId>> asked = asked_pairs(truth, most_asked);
    constexpr std::size_t most_hinted = 1000;
    const std::vector<attacks::Hint> hints = drawn_hints(truth, most_hinted);
    sight.asked = asked;
    sight.hints = hints;
    sight.popularity = truth.data->item_counts;
    // They read the same, and write nothing.
    std::vector<std::future<std::vector<Exposure>>> running;
    for (const attacks::Attack& attack : attacks::attacks())
        if (ids.empty() || std::ranges::find(ids, attack.id) != ids.end())
            running.push_back(std::async(std::launch::async, expose_by, std::cref(attack), sight,
                                         std::cref(truth)));
    std::vector<Exposure> all;
    for (std::future<std::vector<Exposure>>& one : running)
        std::ranges::move(one.get(), std::back_inserter(all));
    return all;
}

}  // namespace fedhash::scenarios
