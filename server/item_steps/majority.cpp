// Rules on votes: what users would have of every bit of an item, -1, 0 or +1 (common/uplinks/
// votes.hpp, parameters.cpp). With V_ia the sum of the votes on bit a of item i:
//
//   majority     d_ia <- sign(V_ia), the old bit stays at 0
//   majority-up  the same, but +1 at 0: FPHLF's code; so an item that nobody lists becomes all +1
//   votes-gram   minimise  c0 d'Hd - 2 T k V_i'd : votes on the observed pairs only, the term of
//                all pairs exact (our derivation: with targets of T k all alike, sum over raters of
//                t b_u is T k times their votes)
#include "common/fixed_point.hpp"
#include "common/quadratic.hpp"
#include "server/item_steps/item_steps.hpp"

namespace fedhash::server {

namespace {

class Majority final : public ItemStep {
  public:
    explicit Majority(bool up) : up_(up) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress) override {
        Codes& items = tables.codes;
        std::uint64_t flips = 0;
        for (std::size_t i = 0; i < items.rows; ++i)
            for (std::uint32_t a = 0; a < items.bits; ++a)
                flips += settle(items.row(i), a, sums.rows[i * items.bits + a]) ? 1 : 0;
        return flips;
    }

    std::vector<ItemId> settle_bit(Codes& items, std::uint32_t bit,
                                   std::span<const std::int64_t> sums, const Aggregate&,
                                   Progress) override {
        std::vector<ItemId> flipped;
        for (std::uint32_t i = 0; i < items.rows; ++i)
            if (settle(items.row(i), bit, sums[i])) flipped.push_back(ItemId{i});
        return flipped;
    }

  private:
    bool settle(std::span<std::uint64_t> code, std::uint32_t a, std::int64_t votes) const {
        if (votes == 0 && !up_) return false;
        if ((votes >= 0) == (sign(code, a) > 0)) return false;
        flip(code, a);
        return true;
    }

    bool up_;
};

class VotesGram final : public ItemStep {
  public:
    explicit VotesGram(const Variant& variant) : variant_(variant) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        const std::uint32_t k = tables.codes.bits;
        const std::vector<std::int32_t> H(sums.gram.begin(), sums.gram.end());
        const std::int64_t target = vote_worth();
        const DescentOptions options{variant_.sweeps, own_bit(variant_, progress)};
        std::uint64_t flips = 0;
        std::vector<std::int64_t> c(k);
        for (std::size_t i = 0; i < tables.codes.rows; ++i) {
            for (std::uint32_t a = 0; a < k; ++a) c[a] = target * sums.rows[i * k + a];
            flips += descend({k, unit * std::int64_t{variant_.interaction}, H, c},
                             tables.codes.row(i), options)
                         .flips;
        }
        return flips;
    }

    std::vector<ItemId> settle_bit(Codes& items, std::uint32_t bit,
                                   std::span<const std::int64_t> sums, const Aggregate& round,
                                   Progress progress) override {
        const std::uint32_t k = items.bits;
        const std::int64_t alpha = unit * std::int64_t{variant_.interaction};
        const std::int64_t* H = &round.gram[std::size_t{bit} * k];
        const std::int64_t rho = own_bit(variant_, progress);
        std::vector<ItemId> flipped;
        for (std::uint32_t i = 0; i < items.rows; ++i) {
            std::int64_t along = 0;
            for (std::uint32_t b = 0; b < k; ++b) along += H[b] * sign(items.row(i), b);
            const int old = sign(items.row(i), bit);
            const std::int64_t argument = own_bit_unit * vote_worth() * sums[i] -
                                          alpha * (own_bit_unit * along - rho * H[bit] * old);
            if (argument == 0 || (argument > 0) == (old > 0)) continue;
            flip(items.row(i), bit);
            flipped.push_back(ItemId{i});
        }
        return flipped;
    }

  private:
    // T k in 1/16.
    std::int64_t vote_worth() const {
        return times_q16(unit * std::int64_t{variant_.bits}, variant_.target_q16);
    }

    Variant variant_;
};

}  // namespace

std::unique_ptr<ItemStep> make_majority(const Variant&, std::size_t) {
    return std::make_unique<Majority>(false);
}
std::unique_ptr<ItemStep> make_majority_up(const Variant&, std::size_t) {
    return std::make_unique<Majority>(true);
}
std::unique_ptr<ItemStep> make_votes_gram(const Variant& variant, std::size_t) {
    return std::make_unique<VotesGram>(variant);
}

}  // namespace fedhash::server
