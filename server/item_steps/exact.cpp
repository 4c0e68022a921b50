// The item step that a server with all data would make, on sufficient statistics: for every item
//
//   minimise  d' [ S_i + 16 c0 H ] d  -  2 [ c_i - 16 c0 K - 2 lambda sum_{j != i} d_j ]' d
//
// (1/16 units; S_i, c_i, H and K: common/uplinks/statistics.cpp; the balance term only with that
// regulariser, over the items in order, as in `gradient`). `exact` keeps to it (DCF, SIGIR 2016);
// `exact-inertia` counts a bit's own term as LightFR's code does: all m users heard instead of the
// n_i raters, so that bits of rare items stick (their program, not their paper).
//
// Asked bit by bit, the users' sums are  P_ia = c_ia - (S_i d)_a + S_i,aa d_a  at the present code,
// and the same arguments follow from them. Items do not couple but for the balance term, so that
// all items' bit a, then all items' bit a + 1, ends at the same codes as item after item (with
// balance: for a single sweep).
#include "common/quadratic.hpp"
#include "common/solver.hpp"
#include "server/item_steps/item_steps.hpp"

namespace fedhash::server {

namespace {

class Exact final : public ItemStep {
  public:
    Exact(const Variant& variant, bool inertia)
        : variant_(variant),
          solver_(find_solver(variant.solver)),
          inertia_(inertia),
          c0_(unit * std::int64_t{variant.interaction}),
          balance_(variant.regulariser == "balance" ? 2 * std::int64_t{variant.balance_units} : 0) {
    }

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        Codes& items = tables.codes;
        const std::uint32_t k = items.bits;
        std::vector<std::int64_t> column(k), c(k);
        for (std::uint32_t a = 0; a < k; ++a) column[a] = column_sum(items, a);
        std::vector<std::int32_t> A(std::size_t{k} * k);
        std::uint64_t flips = 0;
        for (std::size_t i = 0; i < items.rows; ++i) {
            const std::span<std::uint64_t> code = items.row(i);
            if (sums.counts[i] == 0 && c0_ == 0 && balance_ == 0) continue;  // nothing moves it
            curvature(sums, i, A);
            for (std::uint32_t a = 0; a < k; ++a) {
                column[a] -= sign(code, a);
                c[a] = sums.rows[i * k + a] - all_pairs_shift(sums, a) - balance_ * column[a];
            }
            const SolveOptions options{
                variant_.sweeps, own_bit(variant_, progress), variant_.kicks,
                std::uint64_t{progress.round} * items.rows + i,  // the server's own dice
                inertia_ ? unit * static_cast<std::int64_t>(sums.users) - sums.weights[i] : 0};
            flips += solver_.solve({k, 1, A, c}, code, options).flips;
            for (std::uint32_t a = 0; a < k; ++a) column[a] += sign(code, a);
        }
        return flips;
    }

    std::vector<ItemId> settle_bit(Codes& items, std::uint32_t bit,
                                   std::span<const std::int64_t> sums, const Aggregate& round,
                                   Progress progress) override {
        const std::uint32_t k = items.bits;
        const std::int64_t* H = &round.gram[std::size_t{bit} * k];
        const std::int64_t slack = own_bit_unit - own_bit(variant_, progress);
        const std::int64_t heard = static_cast<std::int64_t>(round.users);
        std::int64_t column = column_sum(items, bit);
        std::vector<ItemId> flipped;
        for (std::uint32_t i = 0; i < items.rows; ++i) {
            const int old = sign(items.row(i), bit);
            // S_i,aa of the square loss; asked for only where that is the objective (plan.cpp).
            const std::int64_t own = unit * std::int64_t{variant_.weight} * round.counts[i];
            std::int64_t along = -H[bit] * old;
            for (std::uint32_t b = 0; b < k && c0_ != 0; ++b) along += H[b] * sign(items.row(i), b);
            std::int64_t pull =
                sums[i] - c0_ * along - all_pairs_shift(round, bit) - balance_ * (column - old);
            if (inertia_) pull += (unit * heard - own) * old;
            const std::int64_t argument = own_bit_unit * pull - slack * (own + c0_ * H[bit]) * old;
            if (argument == 0 || (argument > 0) == (old > 0)) continue;
            flip(items.row(i), bit);
            column -= 2 * old;
            flipped.push_back(ItemId{i});
        }
        return flipped;
    }

  private:
    static std::int64_t column_sum(const Codes& items, std::uint32_t a) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < items.rows; ++i) sum += sign(items.row(i), a);
        return sum;
    }

    std::int64_t all_pairs_shift(const Aggregate& sums, std::uint32_t a) const {
        return sums.shape.cross > 0 ? c0_ * sums.cross[a] : 0;
    }

    void curvature(const Aggregate& sums, std::size_t i, std::vector<std::int32_t>& A) const {
        const std::uint32_t k = sums.shape.width;
        const std::int64_t* S = &sums.second[i * Aggregate::triangle(k)];
        for (std::uint32_t a = 0; a < k; ++a)
            for (std::uint32_t b = a; b < k; ++b, ++S)
                A[a * k + b] = A[b * k + a] =
                    static_cast<std::int32_t>(*S + c0_ * sums.gram[a * k + b]);
    }

    Variant variant_;
    const SolverEntry& solver_;
    bool inertia_;
    std::int64_t c0_, balance_;
};

}  // namespace

std::unique_ptr<ItemStep> make_exact(const Variant& variant, std::size_t) {
    return std::make_unique<Exact>(variant, false);
}
std::unique_ptr<ItemStep> make_exact_inertia(const Variant& variant, std::size_t) {
    return std::make_unique<Exact>(variant, true);
}

}  // namespace fedhash::server
