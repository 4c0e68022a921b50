#include "server/item_step.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <string>

#include "common/errors.hpp"
#include "common/item_noise.hpp"
#include "common/relaxed.hpp"
#include "common/similarity.hpp"
#include "common/uplink.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/real_model.hpp"

namespace fedhash::server {

namespace {

constexpr std::array rule_table{
    ItemRule{"curvature", make_curvature, "residual", true,
             "coordinate descent with the users' Gram matrix as curvature"},
    ItemRule{"exact", make_exact, "statistics", true,
             "coordinate descent on the raters' own statistics: as if all data were in one place"},
    ItemRule{"exact-inertia", make_exact_inertia, "statistics", true,
             "the same, bits stick by the number of users heard (LightFR's code)"},
    ItemRule{"majority", make_majority, "votes ballots parameters", true,
             "sign of the summed votes or codes, the old bit at 0"},
    ItemRule{"majority-up", make_majority_up, "votes ballots parameters", true,
             "sign of the summed votes, +1 at 0 (FPHLF's code)"},
    ItemRule{"votes-gram", make_votes_gram, "votes", true,
             "votes on observed pairs, the term of all pairs exact"},
    ItemRule{"gradient", make_gradient, "gradients", false,
             "sign of the summed gradients, less a balance term (LightFR)"},
    ItemRule{"binary", make_binary, "scaled-code", true,
             "coordinate descent beside scaled codes, with a bias of each item if there are bits "
             "for it"},
    ItemRule{"box", make_box, "vector scaled-code", true,
             "boxed real codes with a pull to +-1 that grows to the end"},
    ItemRule{"adam", make_adam, "real-gradient", false,
             "real rows on the server, moved along the users' gradients by Adam"},
    ItemRule{"sgd", make_sgd, "real-gradient", false, "the same by plain steps"},
    ItemRule{"polar", make_polar, "image", false,
             "polar factor of what the users' images bring (collaborative hashing)"},
    ItemRule{"counts", make_counts, "items", true, "how many users have an item (popularity)"},
    ItemRule{"none", make_none, "filler nothing", false,
             "changes nothing: items stay what they start from"},
};

bool lists(std::string_view names, std::string_view name) {
    while (!names.empty()) {
        const auto blank = std::min(names.find(' '), names.size());
        if (names.substr(0, blank) == name) return true;
        names.remove_prefix(std::min(blank + 1, names.size()));
    }
    return false;
}

}  // namespace

void ItemStep::begin(const RealModel&, Tables&) {}
std::vector<ItemId> ItemStep::settle_bit(Codes&, std::uint32_t, std::span<const std::int64_t>,
                                         const Aggregate&, Progress) {
    assert(!"not a rule of an interactive exchange");
    return {};
}
RealModel ItemStep::model() const { return {}; }
void ItemStep::follow(Aggregate&, const Tables&, const Tables&) const {}

std::span<const ItemRule> item_rules() { return rule_table; }

const ItemRule& find_item_rule(std::string_view name) {
    std::string known;
    for (const ItemRule& entry : rule_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.item_rule: unknown rule '" + std::string(name) + "'; known: " + known);
}

void check_variant(const Variant& variant, std::uint32_t users, std::uint32_t items,
                   double participation) {
    const ItemRule& rule = find_item_rule(variant.item_rule);
    const UplinkEntry& uplink = find_uplink(variant.uplink);
    // A teacher has an uplink and a step of its own.
    if (variant.learner != "teacher" && !lists(rule.uplinks, uplink.name)) {
        std::string others;
        for (const ItemRule& other : rule_table)
            if (lists(other.uplinks, uplink.name)) others += std::string(" ") + other.name;
        throw UsageError("method.item_rule = \"" + variant.item_rule +
                         "\" does not understand what method.uplink = \"" + variant.uplink +
                         "\" brings; it takes uplinks: " + rule.uplinks +
                         "; rules that take this uplink:" + others);
    }
    if (variant.residual_bits == 1)
        throw UsageError("method.residual_bits = 1: a residual has a sign and a size; at least 2");
    // Gradients, images and counts are bounded by themselves (common/uplinks): 2^40 users would
    // fit.
    if (is_relaxed(variant) || variant.learner == "polar" || variant.learner == "counts") return;
    // The largest numbers of a descent: 64 c, and 64 alpha k m. Pulls are below max_pull, entries
    // of psi and phi (common/similarity.hpp) are v at most.
    const double kept = variant.memory_256 / 256.0;  // running sums hold p / (1 - kept) populations
    // What noisy item sets come to, made unbiased, is larger than what was said (used_sums.hpp).
    const ReportNoise noise = report_noise(variant.privacy);
    const double larger = variant.privacy.items == "exact"
                              ? 1.0
                              : items_a_report(variant.privacy) * double(noise.about_q32) /
                                    (double(noise.about_q32) - noise.other_q32);
    const double m = users * std::max(1.0, participation / (1 - kept)) * larger, k = variant.bits;
    const double v = (1 + std::abs(find_similarity(variant.similarity).lift_user)) *
                     most_bit_weight(variant),
                 residual = double(max_pull(variant));
    const double mixed = double(max_curvature(variant)) / unit;
    const double c = 64 * (m * m * v * residual + 16 * mixed * m * m * k * v * v);
    const double curvature = 64 * 16 * (variant.interaction + mixed) * m * k * m * v * v;
    // A device keeps Ax in 32 bits: k entries of at most this.
    const double user_entry =
        16 * (variant.interaction * double(items) + mixed * items) * v * v + variant.balance_units;
    // So do item steps, over users: H d, and the raters' own sums.
    const double gram_entry = m * v * v;
    const double item_entry = 16 * (variant.interaction + mixed) * m * v * v;
    const bool exact = uplink.name == std::string_view("statistics");
    if ((exact && k * item_entry > 2.0e9) || c + curvature > 9.0e18 || users > 2'000'000'000u ||
        k * user_entry > 2.0e9 || k * gram_entry > 2.0e9)
        throw UsageError("the sums of " + std::to_string(users) + " users and " +
                         std::to_string(items) +
                         " items could overflow 63 bits; lower method.weight, method.interaction "
                         "or method.bits");
}

}  // namespace fedhash::server
