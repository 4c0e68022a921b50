// `real-gradient`: the gradient of the user's loss for the published vector of every listed item,
// as FCF (Ammad-ud-din et al., 2019) and FedMF (Chai et al., 2020) send it; here in fixed point, 16
// bits an entry in steps of 2^-12, clipped at +-8, so that what is summed are integers:
//   G_i += g_ui ,  n_i += 1 .
// All rows of a user are multiples of its own vector, so in clear one upload shows that vector up
// to a factor, and which items were listed. Only sums hide it.
#include <algorithm>

#include "common/uplinks/uplinks.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class RealGradientUplink final : public Uplink {
  public:
    explicit RealGradientUplink(const Variant& variant) : width_(variant.bits) {}

    AggregateShape shape(std::size_t items) const override { return {width_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        wire::write_item_set(to, said.items);
        std::vector<std::int16_t> rows(said.gradients.size());
        for (std::size_t j = 0; j < rows.size(); ++j)
            rows[j] = static_cast<std::int16_t>(std::clamp(said.gradients[j], -32767, 32767));
        to.append(rows.data(), rows.size() * sizeof rows[0]);
    }

    void hear(wire::ByteReader& from, const Tables&, Aggregate& sum) const override {
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(sum.shape.items), listed);
        const auto rows = from.take_numbers<std::int16_t>(listed.size() * width_);
        from.finish();
        for (std::int16_t entry : rows)
            if (entry == -32768) throw wire::DecodeError("gradient out of range");

        for (std::size_t j = 0; j < listed.size(); ++j) {
            std::int64_t* to = &sum.rows[index(listed[j]) * width_];
            for (std::uint32_t a = 0; a < width_; ++a) to[a] += rows[j * width_ + a];
            ++sum.counts[index(listed[j])];
        }
        ++sum.users;
    }

  private:
    std::uint32_t width_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<RealGradientUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return wire::max_item_set_bytes(items) +
           std::size_t{items} * variant.bits * sizeof(std::int16_t);
}

}  // namespace

const UplinkEntry real_gradient_uplink{
    "real-gradient",
    make,
    max_bytes,
    "gradients",
    false,
    "gradients of real item vectors: k numbers of 16 bits for every "
    "listed item (FCF, FedMF)"};

}  // namespace fedhash
