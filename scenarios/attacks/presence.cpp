// A9, A10, A12: whether a user has one item, what sums of few give away, and whose upload this is.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "common/item_noise.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

/// A user's rows, one bit an item.
std::vector<std::uint64_t> bitmap(const server::Observation& seen, std::uint32_t items) {
    std::vector<std::uint64_t> bits((items + 63) / 64);
    for (const ItemId item : seen.items) bits[index(item) / 64] |= 1ull << (index(item) % 64);
    return bits;
}

/// log P(row | the user has the item) / P(row | it does not), of one upload.
double evidence(const Variant& variant, std::uint32_t items, std::size_t rows, bool row) {
    const PrivacyVariant& privacy = variant.privacy;
    constexpr double sure = 20;
    if (privacy.items != "exact") {
        const auto [p, q] = item_noise(privacy);
        return row ? std::log(p / q) : std::log((1 - p) / (1 - q));
    }
    if (!row) return privacy.row_cap > 0 ? -1 : -sure;
    if (privacy.decoys == "none" && variant.feedback != "sampled") return sure;
    // Others are there by chance.
    const double share = static_cast<double>(rows) / items;
    return std::log(1 / std::clamp(share, 1e-6, 1.0));
}

struct Known {
    std::vector<float> rows;          // by item: evidence, added up
    std::vector<std::uint64_t> code;  // of the round that is attacked
};

std::map<UserId, Known> what_is_known(const Sight& sight) {
    const PrivacyVariant& privacy = sight.variant.privacy;
    // What is drawn once says nothing new in later rounds.
    const bool anew = privacy.decoys == "resampled" || privacy.items == "subset" ||
                      sight.variant.feedback == "sampled";
    std::map<UserId, Known> users;
    for (const server::Observation& seen : *sight.seen) {
        if (!anew && seen.round != sight.round) continue;
        Known& user = users[seen.user];
        user.rows.resize(sight.items);
        std::vector<bool> has(sight.items);
        for (const ItemId item : seen.items) has[index(item)] = true;
        for (std::uint32_t i = 0; i < sight.items; ++i)
            user.rows[i] +=
                static_cast<float>(evidence(sight.variant, sight.items, seen.items.size(), has[i]));
        if (seen.round == sight.round && has_closed_form(sight.variant))
            user.code = code_in(sight, seen);
    }
    return users;
}

}  // namespace

// Rows first; and what a user has scores higher with its code than what it has not.
std::vector<Claim> membership(const Sight& sight) {
    const std::map<UserId, Known> users = what_is_known(sight);
    std::vector<Claim> claims;
    for (const auto& [user, item] : sight.asked) {
        Claim claim{.user = user, .items = {item}, .belief = {0}};
        if (const auto known = users.find(user); known != users.end()) {
            claim.belief[0] = static_cast<double>(known->second.rows[index(item)]);
            if (!known->second.code.empty()) {
                const double score =
                    dot(known->second.code, sight.published().row(index(item)), sight.variant.bits);
                claim.belief[0] += 2 * score / std::sqrt(sight.variant.bits);
            }
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

// A row of one contributor is its own, whoever that is: e b, and b up to one sign.
std::vector<Claim> small_sums(const Sight& sight) {
    std::vector<Claim> claims;
    const Aggregate& sum = sight.sum->sum;
    const std::uint32_t bits = sight.variant.bits;
    for (std::size_t i = 0; i < sum.shape.items; ++i) {
        if (sum.counts[i] != 1) continue;
        server::Observation alone{
            sight.round, {}, 0, {ItemId{static_cast<std::uint32_t>(i)}}, {}, {sum.weights[i]}};
        alone.rows.assign(sum.rows.begin() + static_cast<std::ptrdiff_t>(i * bits),
                          sum.rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * bits));
        claims.push_back({.items = alone.items, .code = code_in(sight, alone)});
    }
    return claims;
}

// Pseudonyms that change every round are of no use where rows or codes stay alike: for some of
// the round's uploads, the users of the round before whose uploads are most like it.
std::vector<Claim> linking(const Sight& sight) {
    constexpr std::size_t most = 300;
    struct One {
        UserId user{};
        std::vector<std::uint64_t> rows, code;
    };
    std::vector<One> now, before;
    const std::uint32_t last = sight.round - 1;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round && seen.round != last) continue;
        One one{seen.user, bitmap(seen, sight.items), {}};
        if (has_closed_form(sight.variant)) one.code = code_in(sight, seen);
        (seen.round == last ? before : now).push_back(std::move(one));
    }
    const auto likeness = [&](const One& a, const One& b) {
        double both = 0, either = 0;
        for (std::size_t w = 0; w < a.rows.size(); ++w) {
            both += std::popcount(a.rows[w] & b.rows[w]);
            either += std::popcount(a.rows[w] | b.rows[w]);
        }
        double like = either == 0 ? 0 : both / either;
        if (!a.code.empty() && !b.code.empty())
            like += std::abs(static_cast<double>(dot(a.code, b.code, sight.variant.bits))) /
                    sight.variant.bits;
        return like;
    };
    std::vector<Claim> claims;
    const std::size_t stride = std::max<std::size_t>(1, now.size() / most);
    for (std::size_t j = 0; j < now.size(); j += stride) {
        Claim claim{.user = now[j].user};
        double most_alike = -1;
        for (const One& one : before) {
            const double like = likeness(now[j], one);
            if (like < most_alike) continue;
            if (like > most_alike) claim.suspects.clear();
            most_alike = like;
            claim.suspects.push_back(one.user);
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

// A record without a name is its user's all the same where few others have the same items
// (Narayanan, Shmatikov, S&P 2008): of those with the most of the known ones, the shortest.
std::vector<Claim> known_items(const Sight& sight) {
    std::vector<const server::Observation*> records;
    std::vector<std::vector<std::uint64_t>> bitmaps;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        records.push_back(&seen);
        bitmaps.push_back(bitmap(seen, sight.items));
    }
    std::vector<Claim> claims;
    for (const Hint& hint : sight.hints) {
        const server::Observation* best = nullptr;
        std::size_t most = 0;
        for (std::size_t r = 0; r < records.size(); ++r) {
            const auto known =
                static_cast<std::size_t>(std::ranges::count_if(hint.items, [&](ItemId item) {
                    return (bitmaps[r][index(item) / 64] >> (index(item) % 64)) & 1;
                }));
            const bool better = best == nullptr || known > most ||
                                (known == most && records[r]->items.size() < best->items.size());
            if (!better) continue;
            best = records[r];
            most = known;
        }
        if (best != nullptr) claims.push_back({.user = hint.user, .items = best->items});
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
