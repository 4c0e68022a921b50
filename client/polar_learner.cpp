#include "client/polar_learner.hpp"

#include <cmath>

#include "client/ridge.hpp"
#include "client/ridge_learner.hpp"
#include "common/uplinks/uplinks.hpp"

namespace fedhash::client {

namespace {

class PolarLearner final : public Learner {
  public:
    explicit PolarLearner(const Variant& variant) : variant_(variant) {}

    void start(const UserData&, Learnt&) const override {}

    Said learn(const UserData& user, const Shared& shared, std::uint32_t, Learnt& learnt,
               Workspace& work) const override {
        learnt.vector = in_steps(whitened_image(user, shared, work));
        learnt.learnt = true;
        Said said;
        said.items = work.listed.items;
        return said;
    }

    // The last round's x_u: its factors differ from the final ones by one step of an iteration that
    // has converged, and are gone when codes are published.
    void fit_code(const UserData&, const Shared&, Learnt& learnt, Workspace&) const override {
        learnt.code = {};
        for (std::size_t a = 0; a < learnt.vector.size(); ++a)
            if (learnt.vector[a] > 0) flip(learnt.code, a);
    }

  private:
    Variant variant_;
};

}  // namespace

std::vector<double> whitened_image(const UserData& user, const Shared& shared, Workspace& work) {
    list_observed(user, work);
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const Plane& whitening = shared.tables.plane(PlaneId::whitening);
    const std::vector<std::int32_t> p = image_of(factors, work.listed.items);
    const double unit_of_p = std::ldexp(1.0, image_shift - static_cast<int>(factors.fraction));
    std::vector<double> x(p.size());
    for (std::size_t a = 0; a < x.size(); ++a) {
        if (whitening.empty()) {
            x[a] = unit_of_p * p[a];
            continue;
        }
        std::int64_t sum = 0;
        for (std::size_t b = 0; b < p.size(); ++b) sum += std::int64_t{whitening.row(a)[b]} * p[b];
        x[a] =
            std::ldexp(unit_of_p * static_cast<double>(sum), -static_cast<int>(whitening.fraction));
    }
    return x;
}

std::unique_ptr<const Learner> make_polar_learner(const Variant& variant, std::uint64_t) {
    return std::make_unique<PolarLearner>(variant);
}

}  // namespace fedhash::client
