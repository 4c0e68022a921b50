// `scaled-code`: a user whose vector on [d_i, 1, bias_i] is  x_u = [s l_u, beta_0, beta_1]: levels
// l_u = sum over planes p of 2^p b_p (one plane: a code), their scale, and with an item bias two
// reals beside them. Said with them is the item set; a
// teacher's vector t_u where the method has a prior. The server adds what it adds for `vector`:
//   e_ui = 1 - s l_u.d_i - beta_0 - beta_1 bias_i ,
//   G_i += o_u e_ui x_u ,  n_i += 1 ,  W_i += o_u s^2 |l_u|^2 ,  H += o_u x_u x_u' ,  K += o_u x_u
//   t_u' ,
// in units of 2^-(28 + 8). W_i counts the code alone: it bends the code's problem.
#include <algorithm>
#include <array>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

class ScaledCodeUplink final : public Uplink {
  public:
    explicit ScaledCodeUplink(const Variant& variant)
        : variant_(variant),
          width_(vector_width(variant)),
          cross_(variant.teacher.rounds > 0 ? variant.teacher.factors : 0) {}

    AggregateShape shape(std::size_t items) const override {
        return {width_, items, cross_, false, 2 * scale_fraction + weight_fraction};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        // said.vector is [s, beta_0, beta_1] where there is a bias, else [s].
        to.append(said.vector.data(), said.vector.size_bytes());
        const std::size_t words = words_for(variant_.bits);
        for (std::uint32_t p = 0; p < variant_.user_bits; ++p)
            write_code(to, said.code.subspan(p * words, words), variant_.bits);
        to.append(said.teacher.data(), said.teacher.size_bytes());
        wire::write_item_set(to, said.items);
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const std::uint32_t k = variant_.bits;
        std::array<std::int16_t, 3> reals{};
        for (std::uint32_t r = 0; r < 1 + width_ - k; ++r) from(reals[r]);
        if (reals[0] < 0 || reals[0] > most_scale(variant_.user_bits))
            throw wire::DecodeError("a scale is out of range");
        std::array<PackedCode, max_user_bits> code{};
        for (std::uint32_t p = 0; p < variant_.user_bits; ++p) code[p] = read_code(from, k);
        const auto teacher = from.take_numbers<std::int16_t>(cross_);
        std::vector<ItemId> observed;
        const Plane& factors = tables.plane(PlaneId::factors);  // items that are not binary yet
        const bool binary = tables.codes.rows > 0;
        wire::read_item_set(
            from, binary ? static_cast<std::uint32_t>(tables.codes.rows) : factors.rows, observed);
        from.finish();

        const std::int64_t o = user_weight_q8(variant_, observed.size());
        std::array<std::int32_t, max_bits + 2> x{}, ox{};
        std::array<std::int16_t, max_bits> x16{};
        std::int64_t norm = 0;
        for (std::uint32_t a = 0; a < k; ++a) {
            std::int32_t level = 0;
            for (std::uint32_t p = 0; p < variant_.user_bits; ++p)
                level += sign(code[p], a) * (1 << p);
            x[a] = reals[0] * level;
            x16[a] = static_cast<std::int16_t>(x[a]);
            norm += std::int64_t{x[a]} * x[a];
        }
        norm *= o;
        for (std::uint32_t r = 0; r < width_ - k; ++r) x[k + r] = reals[r + 1];
        for (std::uint32_t a = 0; a < width_; ++a) ox[a] = static_cast<std::int32_t>(o * x[a]);

        const Kernels& kernel = kernels();
        const Plane& bias = tables.plane(PlaneId::bias);
        const std::int64_t one = std::int64_t{1} << scale_fraction;
        for (ItemId item : observed) {
            const std::size_t i = index(item);
            std::int64_t residual = one - reals[1];
            if (binary)
                for (std::uint32_t p = 0; p < variant_.user_bits; ++p)
                    residual -= std::int64_t{reals[0]} * (1 << p) *
                                dot(CodeView(code[p]).first(words_for(k)), tables.codes.row(i), k);
            else
                residual -= kernel.dot16(x16.data(), factors.row(i).data(), k) >> factors.fraction;
            if (!bias.empty())
                residual -= (std::int64_t{reals[2]} * bias.values[i]) >> bias.fraction;
            kernel.add_scaled(&sum.rows[i * width_], ox.data(), static_cast<std::int32_t>(residual),
                              width_);
            ++sum.counts[i];
            sum.weights[i] += norm;
        }
        for (std::uint32_t a = 0; a < width_; ++a) {
            kernel.add_scaled(&sum.gram[std::size_t{a} * width_], ox.data(), x[a], width_);
            for (std::uint32_t b = 0; b < cross_; ++b)
                sum.cross[std::size_t{a} * cross_ + b] +=
                    std::int64_t{ox[a]} * teacher[b] * (1 << (scale_fraction - vector_fraction));
        }
        ++sum.users;
    }

  private:
    Variant variant_;
    std::uint32_t width_, cross_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<ScaledCodeUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return 6 + variant.user_bits * bytes_for(variant.bits) +
           2 * std::size_t{variant.teacher.factors} + wire::max_item_set_bytes(items);
}

}  // namespace

const UplinkEntry scaled_code_uplink{
    "scaled-code",
    make,
    max_bytes,
    "scaled code",
    true,
    "a code, its scale, up to two reals, and the item set: determine every residual"};

}  // namespace fedhash
