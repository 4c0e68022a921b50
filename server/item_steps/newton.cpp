// The item side of federated implicit ALS: a quasi-Newton step for every item's real factors y_i.
//
//   y_i += [ (a0 + s_i / tr H) H + l_i I ]^-1 ( G_i - a0 H y_i - l_i y_i ),   l_i = lambda (n_i +
//   a0 m)
//
// The gradient is exact; only the raters' own Gram matrix is replaced by (s_i / tr H) H, so that
// all items share H's eigenvectors and the step costs q^2 an item. Six rounds reach the exact
// centralised solution (docs/results.md). Objective: Hu, Koren, Volinsky, ICDM 2008; the step is
// our own derivation.
#include <cmath>

#include "server/additive.hpp"
#include "server/item_steps/item_steps.hpp"
#include "server/real_sums.hpp"
#include "server/symmetric_eigen.hpp"

namespace fedhash::server {

namespace {

// Of the encoder, for codes that will be replaced after the next round.
constexpr std::uint32_t passing_iterations = 20;

class Newton final : public ItemStep {
  public:
    explicit Newton(const Variant& variant) : variant_(variant) {}

    std::uint64_t step(Tables& tables, const Aggregate& sums, Progress progress) override {
        Plane& plane = tables.plane(PlaneId::factors);
        const Eigen::MatrixXd H = gram(sums);
        const SymmetricEigen eigen = symmetric_eigen(H);
        const Eigen::MatrixXd& V = eigen.vectors;
        const Eigen::VectorXd& values = eigen.values;
        const double a0 = variant_.teacher.interaction, trace = std::max(H.trace(), 1e-12);
        std::vector<double> next(plane.values.size());
        for (std::size_t i = 0; i < plane.rows; ++i) {
            const Eigen::VectorXd y = row(plane, i);
            const double ridge = variant_.teacher.ridge * (static_cast<double>(sums.counts[i]) +
                                                           a0 * static_cast<double>(sums.users));
            const double weight = a0 + weight_of(sums, i) / trace;
            const Eigen::VectorXd left = G(sums, i) - a0 * (H * y) - ridge * y;
            Eigen::VectorXd turned = V.transpose() * left;
            for (Eigen::Index a = 0; a < turned.size(); ++a)
                turned(a) /= weight * std::max(values(a), 0.0) + ridge + 1e-12;
            const Eigen::VectorXd moved = y + V * turned;
            std::copy(moved.begin(), moved.end(), next.begin() + std::ptrdiff_t(i * plane.cols));
        }
        // The last factors go to whoever comes next; they are not published as they are.
        const bool coded = variant_.teacher.coded;
        const std::uint32_t width = coded ? 16 : variant_.teacher.factor_bits;
        plane = quantise(next, plane.rows, plane.cols, factor_fraction,
                         static_cast<std::uint8_t>(width), true);
        if (coded && progress.round < progress.rounds) publish_codes(H, sums, tables);
        return 0;
    }

    void follow(Aggregate& kept, const Tables& before, const Tables& now) const override {
        follow_factors(kept, before, now);
    }

  private:
    // Factors as codes and a codebook: a fraction of the bytes, and the next step starts from what
    // they decode to, so no error adds up.
    void publish_codes(const Eigen::MatrixXd& H, const Aggregate& sums, Tables& tables) {
        RealModel model{matrix(tables.plane(PlaneId::factors)),
                        H,
                        {sums.counts.begin(), sums.counts.end()},
                        {}};
        AdditiveOptions options;
        options.bits = variant_.bits;
        options.group_bits = variant_.group_bits;
        options.iterations = passing_iterations;
        options.entry_bits = variant_.teacher.factor_bits;
        // Anew each time: codes that start from the last ones end in a worse place.
        options.seed = stage_seed_++;
        Additive encoded = encode_additive(model, options);
        tables.codes = std::move(encoded.codes);
        tables.plane(PlaneId::factors) = decode(tables.codes, encoded.codebook, options.group_bits);
        tables.plane(PlaneId::codebook) = std::move(encoded.codebook);
    }

    Variant variant_;
    std::uint64_t stage_seed_ = 1;
};

}  // namespace

std::unique_ptr<ItemStep> make_newton(const Variant& variant, std::size_t) {
    return std::make_unique<Newton>(variant);
}

}  // namespace fedhash::server
