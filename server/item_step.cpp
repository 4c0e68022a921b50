#include "server/item_step.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/uplink.hpp"
#include "server/item_steps/item_steps.hpp"

namespace fedhash::server {

namespace {

constexpr std::array table{
    ItemRule{"curvature", make_curvature, "residual", true,
             "coordinate descent with the users' Gram matrix as curvature"},
    ItemRule{"gradient", make_gradient, "gradients", false,
             "sign of the summed gradients, less a balance term (LightFR)"},
    ItemRule{"box", make_box, "vector", true,
             "boxed real codes with a pull to +-1 that grows to the end"},
    ItemRule{"none", make_none, "filler", false, "changes nothing: for measuring the protocol"},
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
void ItemStep::follow(Aggregate&, const Tables&, const Tables&) const {}

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
    // A teacher has an uplink and a step of its own.
    if (variant.learner != "teacher" && !lists(rule.uplinks, uplink.name))
        throw UsageError("method.item_rule = \"" + variant.item_rule +
                         "\" does not understand what method.uplink = \"" + variant.uplink +
                         "\" brings; it takes " + rule.uplinks);
    // The largest numbers of a descent: 64 c, and 64 alpha k m. Residuals are below five times the
    // longest score.
    const double kept = variant.memory_256 / 256.0;  // running sums hold p / (1 - kept) populations
    const double m = users * std::max(1.0, participation / (1 - kept)), k = variant.bits,
                 w = variant.weight;
    const double v = most_bit_weight(variant), residual = double(max_pull(variant));
    // Curvatures of objective `mix` reach four times the weight.
    const double mixed = variant.mix.empty() ? w : 4 * w;
    const double c = 64 * (m * m * v * residual + 16 * mixed * m * m * k * v * v);
    const double curvature = 64 * 16 * (variant.interaction + mixed) * m * k * m * v * v;
    // A device keeps Ax in 32 bits: k entries of at most this.
    const double user_entry =
        16 * (variant.interaction * double(items) + mixed * items) * v * v + variant.balance_units;
    if (c + curvature > 9.0e18 || users > 2'000'000'000u || k * user_entry > 2.0e9)
        throw UsageError("the sums of " + std::to_string(users) + " users and " +
                         std::to_string(items) +
                         " items could overflow 63 bits; lower method.weight, method.interaction "
                         "or method.bits");
}

}  // namespace fedhash::server
