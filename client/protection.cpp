#include "client/protection.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "client/unobserved.hpp"
#include "common/bits.hpp"
#include "common/errors.hpp"

namespace fedhash::client {

namespace {

constexpr std::array kinds{
    DecoyKind{"none", false, false, false, "rows of the listed items alone"},
    DecoyKind{"resampled", true, true, false, "drawn anew in every round"},
    DecoyKind{"memoised", true, false, false, "drawn once"},
    DecoyKind{"popular", true, false, true, "drawn once, by popularity"},
};

bool happens(Stream& random, std::uint32_t chance_q32) { return (random() >> 32) < chance_q32; }

/// `items` with the rows of `said` at `from`, parallel to them.
void take_rows(Said& said, std::vector<ItemId> items, std::span<const std::size_t> from,
               Workspace& work) {
    const std::size_t width =
        said.gradients.empty() ? 0 : said.gradients.size() / said.items.size();
    std::vector<std::int32_t> pulls, weights, gradients;
    for (const std::size_t place : from) {
        if (!said.pulls.empty()) pulls.push_back(said.pulls[place]);
        if (!said.weights.empty()) weights.push_back(said.weights[place]);
        const auto row = said.gradients.subspan(place * width, width);
        gradients.insert(gradients.end(), row.begin(), row.end());
    }
    work.shown_items = std::move(items);
    work.shown_pulls = std::move(pulls);
    work.shown_weights = std::move(weights);
    work.shown_gradients = std::move(gradients);
    said.items = work.shown_items;
    if (!said.pulls.empty()) said.pulls = work.shown_pulls;
    if (!said.weights.empty()) said.weights = work.shown_weights;
    if (!said.gradients.empty()) said.gradients = work.shown_gradients;
}

/// Always the same ones of the user's items, so that nothing adds up over rounds.
void cap_rows(std::uint32_t cap, std::uint64_t seed, UserId user, Said& said, Workspace& work) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t j = 0; j < said.items.size(); ++j)
        order.emplace_back(stream(seed, Purpose::row_cap, index(user), index(said.items[j]))(), j);
    std::ranges::nth_element(order, order.begin() + cap);
    std::vector<std::size_t> from;
    for (std::size_t j = 0; j < cap; ++j) from.push_back(order[j].second);
    std::ranges::sort(from);
    std::vector<ItemId> items;
    for (const std::size_t place : from) items.push_back(said.items[place]);
    take_rows(said, std::move(items), from, work);
}

void add_decoys(const DecoyKind& kind, const Variant& variant, std::uint64_t seed,
                const UserData& user, const Ranking& ranking, std::uint32_t round, Said& said,
                Workspace& work) {
    Stream random = stream(seed, Purpose::decoys, index(user.user), kind.anew ? round : 0);
    const std::size_t wanted = (said.items.size() * variant.privacy.decoys_q8 + 128) / 256;
    const std::vector<std::uint32_t> decoys =
        kind.popular ? draw_popular(user, ranking, wanted, random)
                     : draw_unobserved(user, ranking.items, wanted, random);
    Stream copies = stream(seed, Purpose::decoys, index(user.user), round + (1ull << 32));
    std::vector<ItemId> items;
    std::vector<std::size_t> from;
    std::size_t own = 0;
    for (const std::uint32_t decoy : decoys) {
        for (; own < said.items.size() && index(said.items[own]) < decoy; ++own) {
            items.push_back(said.items[own]);
            from.push_back(own);
        }
        if (own < said.items.size() && index(said.items[own]) == decoy) continue;  // drawn before
        items.push_back(ItemId{decoy});
        from.push_back(copies() % said.items.size());
    }
    for (; own < said.items.size(); ++own) {
        items.push_back(said.items[own]);
        from.push_back(own);
    }
    take_rows(said, std::move(items), from, work);
}

void say_unary(const Variant& variant, std::uint64_t seed, const UserData& user,
               std::uint32_t catalogue, Said& said, Workspace& work) {
    constexpr std::uint32_t half = 1u << 31;
    Stream random = stream(seed, Purpose::item_noise, index(user.user));
    std::vector<ItemId> items;
    std::size_t own = 0;
    for (std::uint32_t i = 0; i < catalogue; ++i) {
        const bool has = own < said.items.size() && index(said.items[own]) == i;
        if (has) ++own;
        if (happens(random, has ? half : variant.privacy.items_lie_q32)) items.push_back(ItemId{i});
    }
    work.shown_items = std::move(items);
    said.items = work.shown_items;
}

// Of catalogue and padding, which an honest device does not say: it is nobody's item.
void say_subset(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t catalogue,
                std::uint32_t round, Said& said, Workspace& work) {
    const PrivacyVariant& privacy = variant.privacy;
    if (said.items.size() > privacy.items_padded)
        cap_rows(privacy.items_padded, seed, user, said, work);
    Stream random = stream(seed, Purpose::item_noise, index(user), round);
    const std::uint64_t place = random() % privacy.items_padded;
    const std::uint64_t about =
        place < said.items.size() ? index(said.items[place]) : catalogue + place;
    const bool with = happens(random, privacy.items_true_q32);
    // The others one after the other, each with the chance that makes all sets as likely.
    std::uint64_t wanted = privacy.items_said - (with ? 1 : 0),
                  left = std::uint64_t{catalogue} + privacy.items_padded - 1;
    std::vector<ItemId> items;
    for (std::uint64_t i = 0; i < std::uint64_t{catalogue} + privacy.items_padded; ++i) {
        bool chosen = with;
        if (i != about) {
            chosen = random() % left-- < wanted;
            wanted -= chosen ? 1 : 0;
        }
        if (chosen && i < catalogue) items.push_back(ItemId{static_cast<std::uint32_t>(i)});
    }
    work.shown_items = std::move(items);
    said.items = work.shown_items;
}

}  // namespace

std::span<const DecoyKind> decoy_kinds() { return kinds; }

const DecoyKind& find_decoys(std::string_view name) {
    std::string known;
    for (const DecoyKind& kind : kinds) {
        if (name == kind.name) return kind;
        known += std::string(known.empty() ? "" : ", ") + kind.name;
    }
    throw UsageError("privacy.decoys: unknown decoys '" + std::string(name) + "'; known: " + known);
}

CodeView said_code(const Variant& variant, std::uint64_t seed, UserId user, std::uint32_t round,
                   CodeView code, Workspace& work) {
    if (variant.privacy.code == "exact") return code;
    const bool fresh = variant.privacy.code == "fresh";
    Stream random = stream(seed, Purpose::code_noise, index(user), fresh ? round : 0);
    work.said_code.assign(code.begin(), code.end());
    for (std::uint32_t a = 0; a < variant.bits; ++a) {
        const bool of_minus = happens(random, variant.privacy.code_lie_q32);
        const bool of_plus = happens(random, variant.privacy.code_lie_q32);
        if (sign(code, a) > 0 ? of_plus : of_minus) flip(work.said_code, a);
    }
    return work.said_code;
}

void protect(const Variant& variant, std::uint64_t seed, const UserData& user,
             const Ranking& ranking, std::uint32_t round, Said& said, Workspace& work) {
    const PrivacyVariant& privacy = variant.privacy;
    if (privacy.items == "unary") return say_unary(variant, seed, user, ranking.items, said, work);
    if (privacy.items == "subset")
        return say_subset(variant, seed, user.user, ranking.items, round, said, work);
    if (privacy.row_cap > 0 && said.items.size() > privacy.row_cap)
        cap_rows(privacy.row_cap, seed, user.user, said, work);
    const DecoyKind& kind = find_decoys(privacy.decoys);
    if (kind.drawn && !said.items.empty())
        add_decoys(kind, variant, seed, user, ranking, round, said, work);
}

void keep_decoys(const UserData& user, Said& said, Workspace& work) {
    std::vector<ItemId> items;
    std::vector<std::size_t> from;
    std::size_t own = 0;
    for (std::size_t j = 0; j < said.items.size(); ++j) {
        while (own < user.train.size() && user.train[own].item < said.items[j]) ++own;
        if (own < user.train.size() && user.train[own].item == said.items[j]) continue;
        items.push_back(said.items[j]);
        from.push_back(j);
    }
    take_rows(said, std::move(items), from, work);
}

}  // namespace fedhash::client
