// `gradients`: the intermediate gradients of LightFR (Zhang et al., TOIS 41(4), 2023): for every
// listed item a row of k numbers, 4 bytes each like the paper's reals,
//   g_uik = w_u ( (R_ui - s_{-k}) b_uk ) = w_u ( e_ui b_uk + d_ik ),   s_{-k} = b_u.d_i - b_uk d_ik
// for the square loss, and w_u ( e_ui b_uk + W_ui d_ik ) with the residual and curvature of any
// other; here integers in units of 1/256 (user weight and residual in 1/16 each). The server only
// adds the rows: G_i += g_ui.
#include <algorithm>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

/// w_u.
std::int64_t max_weight(const Variant& variant) { return (variant.weigh_users ? 1024 : 1) * unit; }

class GradientUplink final : public Uplink {
  public:
    explicit GradientUplink(const Variant& variant)
        : bits_(variant.bits),
          max_weight_(max_weight(variant)),
          max_entry_(max_gradient(variant)) {}

    AggregateShape shape(std::size_t items) const override { return {bits_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables& tables) const override {
        wire::write_item_set(to, said.items);
        const std::int64_t weight = std::min(said.user_weight, max_weight_);
        std::vector<std::int32_t> row(bits_);
        for (std::size_t j = 0; j < said.items.size(); ++j) {
            const CodeView item = tables.codes.row(index(said.items[j]));
            const std::int64_t own = said.weights[j];
            const auto entry = [&](std::int64_t code, std::int64_t of_item) {
                return static_cast<std::int32_t>(std::clamp(
                    weight * (said.pulls[j] * code + own * of_item), -max_entry_, max_entry_));
            };
            // By bit of the code and of the item.
            const std::int32_t entries[2][2] = {{entry(-1, -1), entry(-1, 1)},
                                                {entry(1, -1), entry(1, 1)}};
            for (std::uint32_t a = 0; a < bits_; ++a)
                row[a] = entries[bit(said.code, a)][bit(item, a)];
            to.append(row.data(), row.size() * sizeof row[0]);
        }
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        std::vector<ItemId> rated;
        wire::read_item_set(from, static_cast<std::uint32_t>(tables.codes.rows), rated);
        const auto rows = from.take_numbers<std::int32_t>(rated.size() * bits_);
        from.finish();
        // All of them before any is asked about, several at a time.
        const auto limit = static_cast<std::int32_t>(max_entry_);
        bool outside = false;
        for (const std::int32_t entry : rows) outside |= entry > limit || entry < -limit;
        if (outside) throw wire::DecodeError("gradient out of range");

        for (std::size_t j = 0; j < rated.size(); ++j) {
            kernels().add_scaled(&sum.rows[index(rated[j]) * bits_], &rows[j * bits_], 1, bits_);
            ++sum.counts[index(rated[j])];
        }
        ++sum.users;
    }

  private:
    std::uint32_t bits_;
    std::int64_t max_weight_, max_entry_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<GradientUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return wire::max_item_set_bytes(items) +
           std::size_t{std::min(items, most_rows(variant))} * variant.bits * sizeof(std::int32_t);
}

}  // namespace

std::int64_t max_gradient(const Variant& variant) {
    const std::int64_t weight = std::max(1u, variant.weight);
    return std::min<std::int64_t>(max_weight(variant) * weight * (5 * variant.bits + 1) * unit,
                                  2'000'000'000);
}

const UplinkEntry gradient_uplink{
    "gradients", make,  max_bytes,
    "code",      false, "LightFR's intermediate gradients: k numbers for every listed item"};

}  // namespace fedhash
