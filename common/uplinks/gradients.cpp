// `gradients`: the intermediate gradients of LightFR (Zhang et al., TOIS 41(4), 2023): for every
// rated item a row of k numbers, 4 bytes each like the paper's reals,
//   g_uik = w_u ( (R_ui - s_{-k}) b_uk ) = w_u ( e_ui b_uk + d_ik ),   s_{-k} = b_u.d_i - b_uk d_ik
//   ,
// here integers in units of 1/256 (weight and residual in 1/16 each). The server only adds the
// rows: G_i += g_ui.
#include <algorithm>

#include "common/uplinks/uplinks.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

constexpr std::int64_t max_weight = 1024 * unit;

std::int64_t max_entry(std::uint32_t bits) {
    return max_weight * (max_target(bits) + (bits + 1) * unit);
}

class GradientUplink final : public Uplink {
  public:
    explicit GradientUplink(const Variant& variant) : bits_(variant.bits) {}

    void say(wire::ByteWriter& to, const Said& said, const Codes& items) const override {
        wire::write_item_set(to, said.items);
        const std::int64_t weight = std::min(said.weight, max_weight);
        std::vector<std::int32_t> row(bits_);
        for (std::size_t j = 0; j < said.items.size(); ++j) {
            const CodeView item = items.row(index(said.items[j]));
            const std::int64_t residual = said.targets[j] - unit * dot(said.code, item, bits_);
            for (std::uint32_t a = 0; a < bits_; ++a)
                row[a] = static_cast<std::int32_t>(
                    weight * (residual * sign(said.code, a) + unit * sign(item, a)));
            to.append(row.data(), row.size() * sizeof row[0]);
        }
    }

    void hear(wire::ByteReader& from, const Codes& items, Aggregate& sum) const override {
        std::vector<ItemId> rated;
        wire::read_item_set(from, static_cast<std::uint32_t>(items.rows), rated);
        const wire::View bytes = from.take(rated.size() * bits_ * sizeof(std::int32_t));
        from.finish();
        std::vector<std::int32_t> rows(rated.size() * bits_);
        if (!rows.empty()) std::memcpy(rows.data(), bytes.data(), bytes.size());
        for (std::int32_t entry : rows)
            if (entry > max_entry(bits_) || entry < -max_entry(bits_))
                throw wire::DecodeError("gradient out of range");

        for (std::size_t j = 0; j < rated.size(); ++j) {
            std::int64_t* to = &sum.rows[index(rated[j]) * bits_];
            for (std::uint32_t a = 0; a < bits_; ++a) to[a] += rows[j * bits_ + a];
            ++sum.counts[index(rated[j])];
        }
        ++sum.users;
    }

  private:
    std::uint32_t bits_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<GradientUplink>(variant);
}
std::size_t max_bytes(std::uint32_t bits, std::uint32_t items) {
    return wire::max_item_set_bytes(items) + std::size_t{items} * bits * sizeof(std::int32_t);
}

}  // namespace

const UplinkEntry gradient_uplink{
    "gradients", make,  max_bytes,
    false,       false, "LightFR's intermediate gradients: k numbers for every rated item"};

}  // namespace fedhash
