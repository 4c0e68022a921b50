// `image`: what the matrix R of observations makes of the published item factors, p_u = sum over
// observed y_i, and what it makes of that in turn:
//   G_i += p_u for observed i ,  n_i += 1 ,  H += p_u p_u' .
// With implicit feedback all of it follows from the item set, so that is all that is sent; under a
// secure sum a device would send the same terms. p_u is in steps of 16 of the factors' own, at most
// 2^20 of them.
#include <algorithm>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class ImageUplink final : public Uplink {
  public:
    explicit ImageUplink(const Variant& variant) : width_(variant.bits) {}

    AggregateShape shape(std::size_t items) const override { return {width_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        wire::write_item_set(to, said.items);
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        std::vector<ItemId> observed;
        wire::read_item_set(from, static_cast<std::uint32_t>(sum.shape.items), observed);
        from.finish();
        const std::vector<std::int32_t> p = image_of(tables.plane(PlaneId::factors), observed);
        for (ItemId item : observed) {
            kernels().add_scaled(&sum.rows[index(item) * width_], p.data(), 1, width_);
            ++sum.counts[index(item)];
        }
        for (std::uint32_t a = 0; a < width_; ++a)
            kernels().add_scaled(&sum.gram[std::size_t{a} * width_], p.data(), p[a], width_);
        ++sum.users;
    }

  private:
    std::uint32_t width_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<ImageUplink>(variant);
}
std::size_t max_bytes(const Variant&, std::uint32_t items) {
    return wire::max_item_set_bytes(items);
}

}  // namespace

std::vector<std::int32_t> image_of(const Plane& factors, std::span<const ItemId> observed) {
    std::vector<std::int64_t> wide(factors.cols);
    for (ItemId item : observed) {
        const std::span<const std::int16_t> y = factors.row(index(item));
        for (std::uint32_t a = 0; a < factors.cols; ++a) wide[a] += y[a];
    }
    constexpr std::int64_t half = 1 << (image_shift - 1), most = (1 << 20) - 1;
    std::vector<std::int32_t> p(factors.cols);
    for (std::uint32_t a = 0; a < factors.cols; ++a)
        p[a] = static_cast<std::int32_t>(std::clamp((wide[a] + half) >> image_shift, -most, most));
    return p;
}

const UplinkEntry image_uplink{
    "image", make, max_bytes,
    "image", true, "the item set: what R makes of the item factors follows from it"};

}  // namespace fedhash
