// `vector`: the user's real vector x_u on published item factors y_i, in steps of 2^-12, and the
// items it observed; with a teacher t_u (also real) beside it where the method has a prior. What
// the gradient of the square loss needs follows from them, so the server adds, with o_u the weight
// of the user,
//   G_i += o_u (1 - x_u.y_i) x_u ,  n_i += 1 ,  W_i += o_u |x_u|^2   for observed i,
//   H += o_u x_u x_u' ,  K += o_u x_u t_u' ,  X += x_u ,
// all but X in units of 2^-(24 + 8): residuals are rounded to 2^-12 before they are multiplied, o_u
// is in 2^-8.
#include <algorithm>

#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash {

namespace {

std::vector<std::int16_t> take_vector(wire::ByteReader& from, std::uint32_t width) {
    std::vector<std::int16_t> vector = from.take_numbers<std::int16_t>(width);
    for (std::int16_t entry : vector)
        if (entry == -32768) throw wire::DecodeError("an entry of a vector is out of range");
    return vector;
}

class VectorUplink final : public Uplink {
  public:
    VectorUplink(const Variant& variant, bool teaching)
        : variant_(variant),
          width_(teaching ? variant.teacher.factors : variant.bits),
          cross_(!teaching && variant.teacher.rounds > 0 ? variant.teacher.factors : 0),
          weighted_(!teaching) {}

    AggregateShape shape(std::size_t items) const override {
        return {width_, items, cross_, false, 2 * vector_fraction + weight_fraction};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables&) const override {
        to.append(said.vector.data(), said.vector.size_bytes());
        to.append(said.teacher.data(), said.teacher.size_bytes());
        wire::write_item_set(to, said.items);
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const Plane& factors = tables.plane(PlaneId::factors);
        const std::vector<std::int16_t> x = take_vector(from, width_);
        const std::vector<std::int16_t> t = take_vector(from, cross_);
        std::vector<ItemId> observed;
        wire::read_item_set(from, factors.rows, observed);
        from.finish();

        const std::int64_t o = weighted_ ? user_weight_q8(variant_, observed.size()) : 256;
        std::vector<std::int32_t> ox(width_);
        std::int64_t norm = 0;
        for (std::uint32_t a = 0; a < width_; ++a) {
            ox[a] = static_cast<std::int32_t>(o * x[a]);
            norm += std::int64_t{ox[a]} * x[a];
        }
        const Kernels& kernel = kernels();
        const int shift = factors.fraction;
        const std::int64_t one = std::int64_t{1} << (vector_fraction + shift);
        for (ItemId item : observed) {
            const std::span<const std::int16_t> y = factors.row(index(item));
            const std::int64_t score = kernel.dot16(x.data(), y.data(), width_);
            const std::int64_t residual =
                (one - score + (std::int64_t{1} << (shift - 1))) >> shift;  // in 2^-12
            kernel.add_scaled(&sum.rows[index(item) * width_], ox.data(),
                              static_cast<std::int32_t>(residual), width_);
            ++sum.counts[index(item)];
            sum.weights[index(item)] += norm;
        }
        for (std::uint32_t a = 0; a < width_; ++a) {
            sum.vectors[a] += x[a];
            kernel.add_scaled(&sum.gram[std::size_t{a} * width_], ox.data(), x[a], width_);
            for (std::uint32_t b = 0; b < cross_; ++b)
                sum.cross[std::size_t{a} * cross_ + b] += std::int64_t{ox[a]} * t[b];
        }
        ++sum.users;
    }

  private:
    Variant variant_;
    std::uint32_t width_, cross_;
    bool weighted_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<VectorUplink>(variant, false);
}
std::unique_ptr<const Uplink> make_teaching(const Variant& variant) {
    return std::make_unique<VectorUplink>(variant, true);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    return 2 + 2 * (std::size_t{variant.bits} + variant.teacher.factors) +
           wire::max_item_set_bytes(items);
}

}  // namespace

// o_u = (n_u / mean)^-exponent, at most 8.
std::int64_t user_weight_q8(const Variant& variant, std::size_t observed) {
    const std::int64_t ratio = log2_fixed(std::max<std::size_t>(1, observed) * 256) -
                               log2_fixed(std::max<std::uint32_t>(1, variant.mean_count_q8));
    return static_cast<std::int64_t>(exp2_fixed(
        (std::int64_t{8} << log_fraction_bits) - times_q16(ratio, variant.user_exponent_q16),
        8 * 256));
}

const UplinkEntry vector_uplink{
    "vector", make, max_bytes,
    "vector", true, "the user's real vector and item set: determine every residual"};
const UplinkEntry teacher_uplink{"teacher", make_teaching, max_bytes,
                                 "vector",  true,          "as `vector`, on the teacher's factors"};

}  // namespace fedhash
