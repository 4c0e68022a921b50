// `parameters`: the device improves a copy of every listed item's code by itself, by coordinate
// descent on its own loss in that item (its bits in order, `sweeps` times at most),
//   d_a <- sign( e psi_a + W psi_a^2 d_a ),   e kept up to date; the old bit stays at 0,
// and sends the code that it ends at. The server adds these as +-1 for each bit:  G_i += d_i^u ,
// n_i += 1 .  LightFR's second aggregation (TOIS 41(4), 2023): a majority of local codes.
//
//   item set | k bits an item
#include <algorithm>

#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/uplinks/votes.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class ParameterUplink final : public Uplink {
  public:
    explicit ParameterUplink(const Variant& variant)
        : variant_(variant), similarity_(find_similarity(variant.similarity)) {}

    AggregateShape shape(std::size_t items) const override {
        return {variant_.bits, items, 0, false};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables& tables) const override {
        const std::uint32_t k = variant_.bits;
        wire::write_item_set(to, said.items);
        const std::array<std::int32_t, max_bits> psi =
            psi_of(similarity_, said.code, k, tables.plane(PlaneId::bit_weights).values);
        wire::BitWriter bits(to);
        PackedCode own{};
        const std::span<std::uint64_t> code(own.data(), words_for(k));
        for (std::size_t j = 0; j < said.items.size(); ++j) {
            const CodeView published = tables.codes.row(index(said.items[j]));
            std::copy(published.begin(), published.end(), code.begin());
            improve(psi, said.pulls[j], said.weights[j], code);
            for (std::uint32_t a = 0; a < k; ++a) bits.put(bit(code, a) ? 1 : 0, 1);
        }
        bits.finish();
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const std::uint32_t k = variant_.bits;
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(tables.codes.rows), listed);
        const wire::View bytes = from.take((listed.size() * k + 7) / 8);
        from.finish();
        wire::BitReader bits(bytes);
        std::vector<std::int8_t> signs(listed.size() * k);
        for (std::int8_t& entry : signs) entry = bits.next() ? 1 : -1;
        bits.finish();
        for (std::size_t j = 0; j < listed.size(); ++j) {
            std::int64_t* to = &sum.rows[index(listed[j]) * k];
            for (std::uint32_t a = 0; a < k; ++a) to[a] += signs[j * k + a];
            ++sum.counts[index(listed[j])];
        }
        ++sum.users;
    }

  private:
    void improve(const std::array<std::int32_t, max_bits>& psi, std::int64_t e, std::int64_t weight,
                 std::span<std::uint64_t> code) const {
        for (std::uint32_t sweep = 0; sweep < variant_.sweeps; ++sweep) {
            bool flipped = false;
            for (std::uint32_t a = 0; a < variant_.bits; ++a) {
                const int old = sign(code, a);
                const std::int64_t argument = bit_pull(e, weight, psi[a], old);
                if (argument == 0 || (argument > 0) == (old > 0)) continue;
                flip(code, a);
                e += 2 * weight * psi[a] * old;
                flipped = true;
            }
            if (!flipped) break;
        }
    }

    Variant variant_;
    const Similarity& similarity_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<ParameterUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return wire::max_item_set_bytes(items) + (std::size_t{items} * variant.bits + 7) / 8;
}

}  // namespace

const UplinkEntry parameter_uplink{
    "parameters", make,  max_bytes,
    "code",       false, "the listed items' codes, as the device by itself would improve them"};

}  // namespace fedhash
