// `statistics`: sufficient statistics of the user's loss in every listed item's code, in clear.
// With the quadratic  sum_i W_ui (psi.d_i)^2 - 2 z_ui psi.d_i ,  z = e + W psi.d0  (square loss: z
// = w (t - shift), whatever d0 is), the user sends its code, its item set, the goals z and the
// weights W, and the server adds for every listed item
//   c_i += z psi ,  S_i += W psi psi' ,  W_i += W ,  n_i += 1 ,
// and once  H += psi psi' ,  K += shift(b) psi  (of similarities with a shift).
// Nothing of the loss is lost: the item step on these sums is the one that a server with all data
// would make (Discrete Collaborative Filtering, SIGIR 2016). In clear that is also what they tell.
//
//   flags u8 (1: one goal for all items; 2: one weight) | code | item set | goals (number_list.hpp)
//   | weights (varint)
#include <algorithm>

#include "common/kernels/kernels.hpp"
#include "common/uplinks/uplinks.hpp"
#include "common/uplinks/user_code.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/item_set.hpp"
#include "common/wire/number_list.hpp"

namespace fedhash {

namespace {

constexpr std::uint8_t one_goal = 1, one_weight = 2;

template <class Numbers>
bool all_equal(const Numbers& numbers) {
    return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) ==
           numbers.end();
}

class StatisticsUplink final : public Uplink {
  public:
    explicit StatisticsUplink(const Variant& variant)
        : variant_(variant), similarity_(find_similarity(variant.similarity)) {}

    AggregateShape shape(std::size_t items) const override {
        return {variant_.bits, items, similarity_.lift_user != 0 ? 1u : 0u, true};
    }

    void say(wire::ByteWriter& to, const Said& said, const Tables& tables) const override {
        const std::span<const std::int16_t> v = tables.plane(PlaneId::bit_weights).values;
        const std::int64_t shift = shift_of(similarity_, said.code, variant_.bits);
        std::vector<std::int64_t> goals(said.items.size());
        for (std::size_t j = 0; j < goals.size(); ++j) {
            const std::int64_t s = score(similarity_, said.code,
                                         tables.codes.row(index(said.items[j])), variant_.bits, v);
            goals[j] = said.pulls[j] + said.weights[j] * (s - shift);
        }
        const bool same_goal = all_equal(goals), same_weight = all_equal(said.weights);
        to(static_cast<std::uint8_t>((same_goal ? one_goal : 0) | (same_weight ? one_weight : 0)));
        write_code(to, said.code, variant_.bits);
        wire::write_item_set(to, said.items);
        wire::write_numbers(
            to, std::span(goals).first(same_goal ? std::min<std::size_t>(1, goals.size())
                                                 : goals.size()));
        for (std::size_t j = 0;
             j < (same_weight ? std::min<std::size_t>(1, goals.size()) : goals.size()); ++j)
            to(wire::varint(said.weights[j]));
    }

    void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const override {
        const std::uint32_t k = variant_.bits;
        const std::span<const std::int16_t> v = tables.plane(PlaneId::bit_weights).values;
        std::uint8_t flags = 0;
        from(flags);
        if (flags > (one_goal | one_weight))
            throw wire::DecodeError("an upload of an unknown form");
        const PackedCode packed = read_code(from, k);
        const CodeView code = CodeView(packed).first(words_for(k));
        std::vector<ItemId> listed;
        wire::read_item_set(from, static_cast<std::uint32_t>(tables.codes.rows), listed);
        std::vector<std::int32_t> goals, weights;
        read_goals(from, listed.size(), (flags & one_goal) != 0, v, goals);
        read_weights(from, listed.size(), (flags & one_weight) != 0, weights);
        from.finish();

        const std::array<std::int32_t, max_bits> psi = psi_of(similarity_, code, k, v);
        const std::int32_t shift = shift_of(similarity_, code, k);
        const Kernels& kernel = kernels();
        for (std::size_t j = 0; j < listed.size(); ++j) {
            const std::size_t i = index(listed[j]);
            kernel.add_scaled(&sum.rows[i * k], psi.data(), goals[j], k);
            ++sum.counts[i];
            sum.weights[i] += weights[j];
            if (weights[j] == 0) continue;
            std::int64_t* to = &sum.second[i * Aggregate::triangle(k)];
            for (std::uint32_t a = 0; a < k; to += k - a, ++a)
                kernel.add_scaled(to, psi.data() + a, weights[j] * psi[a], k - a);
        }
        for (std::uint32_t a = 0; a < k; ++a)
            kernel.add_scaled(&sum.gram[std::size_t{a} * k], psi.data(), psi[a], k);
        for (std::uint32_t a = 0; a < k && sum.shape.cross > 0; ++a)
            sum.cross[a] += std::int64_t{shift} * psi[a];
        ++sum.users;
    }

  private:
    void read_goals(wire::ByteReader& from, std::size_t count, bool once,
                    std::span<const std::int16_t> v, std::vector<std::int32_t>& goals) const {
        // |e| and W |psi.d0| of an honest device.
        const std::int64_t most =
            std::min<std::int64_t>(4 * std::int64_t{std::max(1u, variant_.weight)} *
                                       max_target(variant_) * largest_psi(similarity_, v),
                                   2'000'000'000);
        std::vector<std::int64_t> said(once ? std::min<std::size_t>(1, count) : count);
        wire::read_numbers(from, most, said);
        goals.resize(count);
        for (std::size_t j = 0; j < count; ++j)
            goals[j] = static_cast<std::int32_t>(said[once ? 0 : j]);
    }

    void read_weights(wire::ByteReader& from, std::size_t count, bool once,
                      std::vector<std::int32_t>& weights) const {
        weights.resize(count);
        for (std::size_t j = 0; j < count; ++j) {
            if (once && j > 0) {
                weights[j] = weights[0];
                continue;
            }
            from(wire::varint(weights[j]));
            if (weights[j] < 0 || weights[j] > max_curvature(variant_))
                throw wire::DecodeError("weight out of range");
        }
    }

    Variant variant_;
    const Similarity& similarity_;
};

std::unique_ptr<const Uplink> make(const Variant& variant) {
    return std::make_unique<StatisticsUplink>(variant);
}
std::size_t max_bytes(const Variant& variant, std::uint32_t items) {
    // A goal below 2^31 takes five bytes at most, and so does a weight.
    return 1 + bytes_for(variant.bits) + wire::max_item_set_bytes(items) +
           wire::max_numbers_bytes(items) + std::size_t{5} * items;
}

}  // namespace

const UplinkEntry statistics_uplink{
    "statistics", make, max_bytes,
    "code",       true, "code, item set, goals and weights: all that an exact item step needs"};

}  // namespace fedhash
