// `real-gradient`: the gradient of the user's loss for the published vector of every listed item,
// as FCF (Ammad-ud-din et al., 2019) and FedMF (Chai et al., 2020) send it; here in fixed point, 16
// bits an entry in steps of 2^-12, clipped at +-8, so that what is summed are integers:
//   G_i += g_ui ,  n_i += 1 .
// With method.gradient_bits < 16 entries are multiples of 2^shift in so many bits, and a device
// says what is left in later rounds (client/error_feedback.hpp), like the rows that method.top_rows
// leaves out:
//   item set | shift u8 | entries, in bits, each multiple + 2^(bits - 1)
//
// All rows of a user are multiples of its own vector, so in clear one upload shows that vector up
// to a factor, and which items were listed. Only sums hide it.
#include <algorithm>

#include "common/uplinks/steps.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/bit_stream.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class RealGradientUplink final : public Uplink {
  public:
    explicit RealGradientUplink(const Variant& variant)
        : width_(variant.bits), entry_bits_(variant.gradient_bits) {}

    AggregateShape shape(std::size_t items) const override { return {width_, items, 0, false}; }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        wire::write_item_set(to, said.items);
        if (entry_bits_ < full_gradient_bits) return say_multiples(to, said.gradients);
        std::vector<std::int16_t> rows(said.gradients.size());
        for (std::size_t j = 0; j < rows.size(); ++j)
            rows[j] = static_cast<std::int16_t>(std::clamp(said.gradients[j], -32767, 32767));
        to.append(rows.data(), rows.size() * sizeof rows[0]);
    }

    void hear(wire::ByteReader& from, const Tables&, Aggregate& sum) const override {
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(sum.shape.items), listed);
        const std::vector<std::int16_t> rows =
            entry_bits_ < full_gradient_bits
                ? hear_multiples(from, listed.size() * width_)
                : from.take_numbers<std::int16_t>(listed.size() * width_);
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
    void say_multiples(wire::ByteWriter& to, std::span<const std::int32_t> entries) const {
        const Steps steps = steps_for(largest_of(entries), entry_bits_);
        to(static_cast<std::uint8_t>(steps.shift));
        wire::BitWriter bits(to);
        for (const std::int32_t entry : entries)
            bits.put(static_cast<std::uint64_t>(steps.multiple(entry) + steps.most + 1),
                     entry_bits_);
        bits.finish();
    }

    std::vector<std::int16_t> hear_multiples(wire::ByteReader& from, std::size_t count) const {
        std::uint8_t shift = 0;
        from(shift);
        if (shift + entry_bits_ > full_gradient_bits)
            throw wire::DecodeError("steps of a gradient out of range");
        const std::int32_t most = (1 << (entry_bits_ - 1)) - 1;
        const wire::View rest = from.peek();
        if (8 * rest.size() < std::uint64_t{count} * entry_bits_)
            throw wire::DecodeError("truncated body");
        std::vector<std::int16_t> entries(count);
        wire::BitReader bits(rest);
        bool largest_needs_steps = shift == 0;
        for (std::int16_t& entry : entries) {
            const auto multiple = static_cast<std::int32_t>(bits.take(entry_bits_)) - most - 1;
            if (multiple < -most) throw wire::DecodeError("gradient out of range");
            largest_needs_steps = largest_needs_steps || 2 * std::abs(multiple) > most;
            entry = static_cast<std::int16_t>(multiple * (1 << shift));
        }
        if (!largest_needs_steps) throw wire::DecodeError("steps coarser than needed");
        from.take(bits.finish());
        return entries;
    }

    std::uint32_t width_, entry_bits_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<RealGradientUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return wire::max_item_set_bytes(items) + 1 +
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
