#include "server/margins.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "common/fixed_point.hpp"
#include "common/quadratic.hpp"
#include "common/uplink.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/used_sums.hpp"

namespace fedhash::server {

namespace {

/// The rule sets a bit to the sign of `field`, to which one more upload adds at most `strength`; at
/// 0 it leaves the bit as it is, or (`up`) sets it to +1.
struct Pull {
    std::int64_t field = 0, strength = 1;
    bool up = false;
};

std::uint32_t uploads_to_turn(const Pull& pull, int bit) {
    const std::int64_t against = std::max<std::int64_t>(0, pull.field * bit);
    const std::int64_t beyond =
        pull.up && bit < 0 ? std::max<std::int64_t>(1, against) : against + 1;
    return static_cast<std::uint32_t>(std::min<std::int64_t>(
        (beyond + pull.strength - 1) / pull.strength, std::numeric_limits<std::uint32_t>::max()));
}

bool counts_votes_alone(const Variant& v) {
    return v.item_rule == "majority" || v.item_rule == "majority-up";
}

/// The most that one upload can say of an item: its pull, against the code that the item has, and
/// the curvature that comes with it.
struct Lie {
    std::int64_t pull = 1, weight = 0;
};

Lie strongest_lie(const Variant& v) {
    if (v.uplink == "votes") return {};
    const std::int64_t w = v.weight;
    switch (residual_form(v)) {
        case ResidualForm::one_target:  // of a code that is the opposite of the item's
            return {w * (max_target(v) + unit * v.bits), unit * w};
        case ResidualForm::one_pull:
            return {max_target(v), 0};
        case ResidualForm::each:
            break;
    }
    return {max_pull(v), 0};
}

/// What an item's sums and H come to on each of its bits: item_steps/majority.cpp, curvature.cpp.
class Pulls {
  public:
    Pulls(const Variant& variant, const Codes& before, const Codes& after, const Aggregate& sums,
          Progress progress)
        : variant_(variant),
          before_(before),
          after_(after),
          sums_(sums),
          H_(sums.gram.begin(), sums.gram.end()),
          rho_(own_bit(variant, progress)) {}

    void of_item(std::size_t i, std::vector<Pull>& pulls) const {
        const std::uint32_t k = after_.bits;
        const std::int64_t* rows = &sums_.rows[i * k];
        pulls.resize(k);
        if (counts_votes_alone(variant_)) {
            for (std::uint32_t a = 0; a < k; ++a)
                pulls[a] = {rows[a], 1, variant_.item_rule == "majority-up"};
            return;
        }
        std::vector<std::int32_t> now(k), then(k);
        product(H_, after_.row(i), k, now);
        product(H_, before_.row(i), k, then);
        const bool votes = variant_.item_rule == "votes-gram";
        const auto users = static_cast<std::int64_t>(sums_.users);
        const std::int64_t weight = votes ? 0 : sums_.weights[i];
        const std::int64_t alpha =
            unit * std::int64_t{variant_.interaction} * (votes ? 1 : users) + weight;
        const std::int64_t of_row =
            votes ? times_q16(unit * std::int64_t{k}, variant_.target_q16) : users;
        const Lie lie = strongest_lie(variant_);
        for (std::uint32_t a = 0; a < k; ++a) {
            const std::int64_t c = of_row * rows[a] + weight * then[a];
            const int bit = sign(after_.row(i), a);
            const std::int64_t own = rho_ * H_[std::size_t{a} * k + a] * bit;
            // The curvature of a lie holds on to the code that was published.
            const std::int64_t held =
                lie.weight * (bit * (own_bit_unit * (then[a] - now[a]) + own));
            pulls[a] = {own_bit_unit * c - alpha * (own_bit_unit * now[a] - own),
                        std::max<std::int64_t>(1, own_bit_unit * of_row * lie.pull - held), false};
        }
    }

  private:
    const Variant& variant_;
    const Codes& before_;
    const Codes& after_;
    const Aggregate& sums_;
    std::vector<std::int32_t> H_;
    std::int64_t rho_;
};

}  // namespace

bool has_margins(const Variant& v) {
    if (counts_votes_alone(v) || v.item_rule == "votes-gram") return v.uplink == "votes";
    return v.item_rule == "curvature" && v.uplink == "residual" && v.similarity == "hamming" &&
           v.bit_weight_bits == 0 && v.regulariser == "none" && v.privacy.items == "exact" &&
           v.memory_256 == 0;
}

std::vector<std::uint32_t> margins(const Variant& variant, const Codes& before, const Codes& after,
                                   const Aggregate& sums, Progress progress) {
    const std::uint32_t k = after.bits;
    Aggregate used = sums;
    Tables tables;
    tables.codes = before;
    make_usable(variant, tables, used);
    const Pulls pulls(variant, before, after, used, progress);
    std::vector<std::uint32_t> result;
    std::vector<Pull> of_item;
    for (std::size_t i = 0; i < after.rows; ++i) {
        pulls.of_item(i, of_item);
        const std::int64_t missing =
            std::int64_t{variant.privacy.contributors} - std::int64_t(sums.counts[i]);
        for (std::uint32_t a = 0; a < k; ++a)
            result.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(
                missing, uploads_to_turn(of_item[a], sign(after.row(i), a)))));
    }
    return result;
}

}  // namespace fedhash::server
