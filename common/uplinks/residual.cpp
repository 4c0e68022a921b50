// `residual`: the user's code, its listed items, and for each of them the residual
//   e_ui = -1/2 dL/ds_ui      (square loss: w (t_ui - s_ui)),   in 1/16,
// and the curvature W_ui of the loss. The server adds, for every listed item,
//   G_i += e_ui psi(b_u) ,  n_i += 1 ,  W_i += W_ui ,
// and once   H += psi(b_u) psi(b_u)' ,  T += psi(b_u) .
// In clear, a code, one target and the item set determine every residual of some methods
// (residual_form), so then nothing else is sent: about k/8 + 4 bytes and 6 bits an item. Of those
// no other form is heard: one target bounds what a liar can say of one item more than residuals
// of its own would. With method.residual_bits residuals are multiples
// of 2^shift (u8, before them) in so many bits at most. Of noisy item sets the server also adds
//   K += t_u psi(b_u) ,
// from which follows what all users would have said of an item (server/used_sums.hpp).
#include <array>

#include "common/kernels/kernels.hpp"
#include "common/similarity.hpp"
#include "common/uplinks/steps.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"

namespace fedhash {

namespace {

using Form = ResidualForm;

class ResidualUplink final : public Uplink {
  public:
    explicit ResidualUplink(const Variant& variant)
        : variant_(variant), similarity_(find_similarity(variant.similarity)) {}

    AggregateShape shape(std::size_t items) const override {
        return {variant_.bits, items, noisy() ? 1u : 0u, false};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        const Form form = residual_form(variant_);
        to(static_cast<std::uint8_t>(form));
        if (form != Form::each) to(wire::varint(said.target));
        write_code(to, said.code, variant_.bits);
        wire::write_item_set(to, said.items);
        if (form != Form::each) return;
        std::vector<std::int64_t> pulls(said.pulls.begin(), said.pulls.end());
        if (variant_.residual_bits > 0) {
            const Steps steps = steps_for(largest_of(said.pulls), variant_.residual_bits);
            to(static_cast<std::uint8_t>(steps.shift));
            for (std::int64_t& pull : pulls) pull = steps.multiple(pull);
        }
        wire::write_numbers(to, pulls);
        for (const std::int32_t weight : said.weights) to(wire::varint(weight));
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const std::uint32_t k = variant_.bits;
        std::uint8_t form_byte = 0;
        std::int64_t target = 0;
        from(form_byte);
        const Form form = residual_form(variant_);
        if (form_byte != static_cast<std::uint8_t>(form))
            throw wire::DecodeError("an upload in a form that this method's devices do not use");
        if (form != Form::each) {
            from(wire::varint(target));
            if (target <= 0 || target > max_target(variant_))
                throw wire::DecodeError("target out of range");
        }
        const PackedCode packed = read_code(from, k);
        const CodeView code = CodeView(packed).first(words_for(k));
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(tables.codes.rows), listed);
        std::vector<std::int64_t> pulls;
        std::vector<std::int32_t> weights;
        if (form == Form::each) read_each(from, listed.size(), pulls, weights);
        from.finish();

        const Plane& bit_weights = tables.plane(PlaneId::bit_weights);
        const std::array<std::int32_t, max_bits> psi =
            psi_of(similarity_, code, k, bit_weights.values);
        const std::int64_t w = unit * std::int64_t{variant_.weight};
        const Kernels& kernel = kernels();
        for (std::size_t j = 0; j < listed.size(); ++j) {
            const std::size_t i = index(listed[j]);
            std::int64_t pull = target, weight = 0;
            if (form == Form::one_target) {
                const std::int64_t s =
                    score(similarity_, code, tables.codes.row(i), k, bit_weights.values);
                pull = std::int64_t{variant_.weight} * (target - unit * s);
                weight = w;
            } else if (form == Form::each) {
                pull = pulls[j];
                weight = weights[j];
            }
            kernel.add_scaled(&sum.rows[i * k], psi.data(), static_cast<std::int32_t>(pull), k);
            ++sum.counts[i];
            sum.weights[i] += weight;
        }
        for (std::uint32_t a = 0; a < k; ++a) {
            kernel.add_scaled(&sum.gram[std::size_t{a} * k], psi.data(), psi[a], k);
            sum.vectors[a] += psi[a];
            if (noisy()) sum.cross[a] += target * psi[a];
        }
        ++sum.users;
    }

  private:
    bool noisy() const { return variant_.privacy.items != "exact"; }

    void read_each(wire::ByteReader& from, std::size_t count, std::vector<std::int64_t>& pulls,
                   std::vector<std::int32_t>& weights) const {
        pulls.resize(count);
        weights.resize(count);
        read_pulls(from, pulls);
        for (std::int32_t& weight : weights) {
            from(wire::varint(weight));
            if (weight < 0 || weight > max_curvature(variant_))
                throw wire::DecodeError("residual out of range");
        }
    }

    void read_pulls(wire::ByteReader& from, std::vector<std::int64_t>& pulls) const {
        if (variant_.residual_bits == 0) return wire::read_numbers(from, max_pull(variant_), pulls);
        std::uint8_t shift = 0;
        from(shift);
        const std::int64_t most = (std::int64_t{1} << (variant_.residual_bits - 1)) - 1;
        if (shift > steps_for(max_pull(variant_), variant_.residual_bits).shift)
            throw wire::DecodeError("steps of a residual out of range");
        wire::read_numbers(from, most, pulls);
        if (shift > 0 && 2 * largest_of(std::span<const std::int64_t>(pulls)) <= most)
            throw wire::DecodeError("steps coarser than needed");
        for (std::int64_t& pull : pulls)
            pull = std::clamp(pull * (std::int64_t{1} << shift), -max_pull(variant_),
                              max_pull(variant_));
    }

    Variant variant_;
    const Similarity& similarity_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<ResidualUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    const std::uint32_t rows =
        residual_form(variant) == Form::each ? std::min(items, most_rows(variant)) : 0;
    return 6 + bytes_for(variant.bits) + wire::max_item_set_bytes(items) +
           wire::max_numbers_bytes(rows) + std::size_t{5} * rows;
}

}  // namespace

const UplinkEntry residual_uplink{
    "residual", make,
    max_bytes,  "code",
    true,       "user code, item set and residuals (not sent where they follow from one target)"};

}  // namespace fedhash
