#include "server/item_step.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/quadratic.hpp"
#include "common/uplink.hpp"

namespace fedhash::server {

namespace {

// Own-bit factor rho in 64ths: from its start in round 1 linearly to 1 three rounds before the end.
// Below 1 codes keep moving that plain descent would freeze after a few rounds; the last rounds
// settle them.
std::int64_t own_bit(const Variant& variant, Progress progress) {
    const std::int64_t start = variant.own_bit_start;
    const std::int64_t climb = std::max<std::int64_t>(1, std::int64_t{progress.rounds} - 3);
    return std::min(own_bit_unit, start + (own_bit_unit - start) * (progress.round - 1) / climb);
}

// One-shot coordinate descent with Gram curvature. The raters' own Gram matrix is not known to the
// server; the average user's, (n_i / m) H, stands in for it. Expanding the square loss around the
// codes d0 that the users saw:
//
//   minimise  d' [ c0 H + w (n_i/m) H ] d  -  2 [ w G_i + w (n_i/m) H d0 ]' d
//
// and, times m and in 1/16 so that all is integral:
//   alpha = 16 (c0 m + w n_i),  A = H,  c = m w G_i + 16 w n_i H d0 .                       (our
//   derivation)
ItemStepResult curvature(const Codes& items, const Aggregate& sums, const Variant& variant,
                         Progress progress) {
    const std::uint32_t k = items.bits;
    std::vector<std::int32_t> H(sums.gram.size());
    std::transform(sums.gram.begin(), sums.gram.end(), H.begin(),
                   [](std::int64_t entry) { return static_cast<std::int32_t>(entry); });
    const auto users = static_cast<std::int64_t>(sums.users);
    const std::int64_t w = variant.weight;
    const DescentOptions options{variant.sweeps, own_bit(variant, progress)};

    ItemStepResult result{items, 0};
    std::vector<std::int64_t> c(k);
    std::vector<std::int32_t> Hd(k);
    for (std::size_t i = 0; i < items.rows; ++i) {
        const std::int64_t raters = sums.counts[i];
        product(H, items.row(i), k, Hd);
        for (std::uint32_t a = 0; a < k; ++a)
            c[a] = users * w * sums.rows[i * k + a] + unit * w * raters * Hd[a];
        const std::int64_t alpha = unit * (variant.interaction * users + w * raters);
        result.flips += descend({k, alpha, H, c}, result.items.row(i), options).flips;
    }
    return result;
}

// LightFR's gradient aggregation: all bits of an item at once from the summed gradients (own terms
// included), less the balance term over the other items, in a fixed order of items so that the
// running column sums stay exact:
//   d_ik <- sign( sum_u g_uik - 2 lambda sum_{j != i} d_jk ),  the old bit stays at 0.
ItemStepResult gradient(const Codes& items, const Aggregate& sums, const Variant& variant,
                        Progress) {
    const std::uint32_t k = items.bits;
    ItemStepResult result{items, 0};
    std::array<std::int64_t, max_bits> column{};
    for (std::size_t i = 0; i < items.rows; ++i)
        for (std::uint32_t a = 0; a < k; ++a) column[a] += sign(items.row(i), a);
    const std::int64_t balance =
        2 * unit * std::int64_t{variant.balance_units};  // gradients are in 1/256, lambda in 1/16
    for (std::size_t i = 0; i < items.rows; ++i) {
        const std::span<std::uint64_t> code = result.items.row(i);
        for (std::uint32_t a = 0; a < k; ++a) {
            const int old = sign(code, a);
            const std::int64_t argument = sums.rows[i * k + a] - balance * (column[a] - old);
            if (argument == 0 || (argument > 0) == (old > 0)) continue;
            flip(code, a);
            column[a] -= 2 * old;
            ++result.flips;
        }
    }
    return result;
}

// For measuring the protocol: the codes stay what they are.
ItemStepResult none(const Codes& items, const Aggregate&, const Variant&, Progress) {
    return {items, 0};
}

constexpr std::array table{
    ItemRule{"curvature", curvature, true,
             "coordinate descent with the users' Gram matrix as curvature"},
    ItemRule{"gradient", gradient, false,
             "sign of the summed gradients, less a balance term (LightFR)"},
    ItemRule{"none", none, false, "changes nothing: for measuring the protocol"},
};

}  // namespace

std::span<const ItemRule> item_rules() { return table; }

const ItemRule& find_item_rule(std::string_view name) {
    std::string known;
    for (const ItemRule& entry : table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.item_rule: unknown rule '" + std::string(name) + "'; known: " + known);
}

void check_variant(const Variant& variant, std::uint32_t users, std::uint32_t items,
                   double participation) {
    const ItemRule& rule = find_item_rule(variant.item_rule);
    const UplinkEntry& uplink = find_uplink(variant.uplink);
    if (rule.needs_gram && !uplink.brings_gram)
        throw UsageError("method.item_rule = \"" + variant.item_rule +
                         "\" needs the users' Gram matrix, which the uplink \"" + variant.uplink +
                         "\" does not bring; use uplink \"code\"");
    // The largest numbers of a descent: 64 c, and 64 alpha k m. Residuals are below five times the
    // longest score.
    const double kept = variant.memory_256 / 256.0;  // running sums hold p / (1 - kept) populations
    const double m = users * std::max(1.0, participation / (1 - kept)), k = variant.bits,
                 w = variant.weight;
    const double residual = 5.0 * k * static_cast<double>(unit);
    const double c = 64 * (m * w * m * residual + 16 * w * m * m * k);
    const double curvature = 64 * 16 * (variant.interaction + w) * m * k * m;
    // A device keeps Ax in 32 bits: k entries of at most this.
    const double user_entry =
        16 * (variant.interaction * double(items) + w * items) + variant.balance_units;
    if (c + curvature > 9.0e18 || users > 2'000'000'000u || k * user_entry > 2.0e9)
        throw UsageError("the sums of " + std::to_string(users) + " users and " +
                         std::to_string(items) +
                         " items could overflow 63 bits; lower method.weight, method.interaction "
                         "or method.bits");
}

void remember(Aggregate& kept, const Aggregate& fresh, const Codes& before, const Codes& now,
              const Variant& variant) {
    if (variant.memory_256 == 0 || kept.users == 0) {
        kept = fresh;
        return;
    }
    const std::uint32_t k = now.bits;
    const auto users = static_cast<std::int64_t>(kept.users);
    for (std::size_t i = 0; i < now.rows && !kept.gram.empty(); ++i) {
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int64_t moved = 0;
            for (std::uint32_t b = 0; b < k; ++b)
                moved += kept.gram[a * k + b] * (sign(now.row(i), b) - sign(before.row(i), b));
            kept.rows[i * k + a] -= unit * kept.counts[i] * moved / users;
        }
    }
    const auto fade = [&](std::vector<std::int64_t>& values) {
        for (std::int64_t& value : values) value = value * variant.memory_256 / 256;
    };
    fade(kept.rows);
    fade(kept.counts);
    fade(kept.gram);
    kept.users = kept.users * variant.memory_256 / 256;
    kept.merge(fresh);
}

}  // namespace fedhash::server
