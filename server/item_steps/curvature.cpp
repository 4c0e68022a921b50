// One-shot coordinate descent with Gram curvature. The raters' own Gram matrix is not known to the
// server; the average user's, (W_i / m) H, stands in for it. Expanding the loss around the codes d0
// that the users saw, with pulls G_i = sum_u e_ui psi(b_u):
//
//   minimise  d' [ c0 H + (W_i/m) H ] d  -  2 [ G_i + (W_i/m) H d0 ]' d
//
// and, times m and in 1/16 so that all is integral:
//   alpha = 16 c0 m + W_i,  A = H,  c = m G_i + W_i H d0 .                         (our derivation)
//
// With regulariser `decorrelate`, c += m strength y_i, y_i the item's code whitened over the items.
// Planes that go with the codes (bit weights, bias, whitening of the users) are fitted on the same
// sums.
#include <algorithm>
#include <cmath>

#include "common/quadratic.hpp"
#include "common/similarity.hpp"
#include "server/bit_weights.hpp"
#include "server/item_bias.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/whitening.hpp"

namespace fedhash::server {

namespace {

class Curvature final : public ItemStep {
  public:
    explicit Curvature(const Variant& variant) : variant_(variant) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        const std::uint32_t k = tables.codes.bits;
        std::vector<std::int32_t> H(sums.gram.size());
        std::transform(sums.gram.begin(), sums.gram.end(), H.begin(),
                       [](std::int64_t entry) { return static_cast<std::int32_t>(entry); });
        const auto users = static_cast<std::int64_t>(sums.users);
        const DescentOptions options{variant_.sweeps, own_bit(variant_, progress)};
        const Tables next = with_planes(tables, sums);
        const bool whitens = variant_.regulariser == "decorrelate" && variant_.strength_units > 0;
        const Whitening own = whitens ? whiten(sums_of_items(tables.codes)) : Whitening{};
        std::uint64_t flips = 0;
        std::vector<std::int64_t> c(k);
        std::vector<std::int32_t> Hd(k);
        for (std::size_t i = 0; i < tables.codes.rows; ++i) {
            product(H, tables.codes.row(i), k, Hd);
            for (std::uint32_t a = 0; a < k; ++a)
                c[a] = users * sums.rows[i * k + a] + sums.weights[i] * Hd[a];
            if (whitens) decorrelate(own, tables.codes.row(i), users, c);
            const std::int64_t alpha = unit * variant_.interaction * users + sums.weights[i];
            if (alpha == 0) continue;  // nobody listed it, and nothing else moves it
            flips += descend({k, alpha, H, c}, tables.codes.row(i), options, Hd).flips;
        }
        tables.planes = next.planes;
        return flips;
    }

    // G_i -= (W_i / m) H (d_now - d_before). Where bit weights changed in between, the sums are
    // taken as if they had been said on the new ones.
    void follow(Aggregate& kept, const Tables& before, const Tables& now) const override {
        const std::uint32_t k = now.codes.bits;
        const auto users = static_cast<std::int64_t>(kept.users);
        for (std::size_t i = 0; i < now.codes.rows; ++i) {
            for (std::uint32_t a = 0; a < k; ++a) {
                std::int64_t moved = 0;
                for (std::uint32_t b = 0; b < k; ++b)
                    moved += kept.gram[a * k + b] *
                             (sign(now.codes.row(i), b) - sign(before.codes.row(i), b));
                kept.rows[i * k + a] -= kept.weights[i] * moved / users;
            }
        }
    }

  private:
    Tables with_planes(const Tables& tables, const Aggregate& sums) const {
        Tables next = tables;
        if (variant_.bit_weight_bits > 0)
            next.plane(PlaneId::bit_weights) = fit_bit_weights(variant_, tables, sums);
        if (variant_.bias_bits > 0) next.plane(PlaneId::bias) = fit_item_bias(variant_, sums);
        if (variant_.regulariser == "decorrelate")
            next.plane(PlaneId::whitening) = plane_of(whiten(sums_of_users(
                sums, find_similarity(variant_.similarity), tables.plane(PlaneId::bit_weights))));
        return next;
    }

    void decorrelate(const Whitening& own, CodeView code, std::int64_t users,
                     std::vector<std::int64_t>& c) const {
        Eigen::VectorXd d(own.mean.size());
        for (Eigen::Index a = 0; a < d.size(); ++a) d(a) = sign(code, std::uint32_t(a));
        const Eigen::VectorXd y = own.W * (d - own.mean);
        for (std::size_t a = 0; a < c.size(); ++a)
            c[a] += users * std::llround(variant_.strength_units * y(Eigen::Index(a)));
    }

    Variant variant_;
};

}  // namespace

std::int64_t own_bit(const Variant& variant, Progress progress) {
    const std::int64_t start = variant.own_bit_start, end = variant.own_bit_end;
    const std::int64_t climb = std::max<std::int64_t>(1, std::int64_t{progress.rounds} - 3);
    return std::min(end, start + (end - start) * (progress.round - 1) / climb);
}

std::unique_ptr<ItemStep> make_curvature(const Variant& variant, std::size_t) {
    return std::make_unique<Curvature>(variant);
}

}  // namespace fedhash::server
