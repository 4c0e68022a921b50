// The device learns a scaled code s b_u on binary items, and with an item bias two reals beside it:
// scores are  s b.d_i + beta_1 bias_i  (beta_0 moves all alike). Everything is fitted exactly but
// the code, which is searched for (scaled_code.hpp).
#include <algorithm>
#include <cmath>

#include "client/ridge_learner.hpp"
#include "client/scaled_code.hpp"

namespace fedhash::client {

namespace {

constexpr std::uint32_t patience = 10;  // a measured code is searched for so many times as long

class ScaledCodeLearner final : public Learner {
  public:
    ScaledCodeLearner(const Variant& variant, std::uint64_t seed)
        : variant_(variant), seed_(seed) {}

    void start(const UserData&, Learnt&) const override {}

    Said learn(const UserData& user, const Shared& shared, std::uint32_t round, Learnt& learnt,
               Workspace& work) const override {
        fit(user, shared, round, variant_.search_steps, learnt, work);
        Said said;
        list_observed(user, work);
        said.items = work.listed.items;
        said.code = CodeView(learnt.code).first(code_words());
        said.vector = learnt.vector;
        if (variant_.teacher.rounds > 0) {
            learnt.teacher.resize(variant_.teacher.factors);  // zeros: was not there for it
            said.teacher = learnt.teacher;
        }
        return said;
    }

    void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                  Workspace& work) const override {
        fit(user, shared, 0, patience * variant_.search_steps, learnt, work);
    }

  private:
    void fit(const UserData& user, const Shared& shared, std::uint32_t round, std::uint32_t steps,
             Learnt& learnt, Workspace& work) const {
        const double a0 = variant_.box_interaction;
        RidgeTerms terms{a0, variant_.prior, 0};
        if (shared.tables.codes.rows > 0) {
            terms.ridge = code_ridge(user.train.size(), a0, shared.tables.codes.rows);
            lower_on_codes(user, shared, learnt, terms, variant_.bias_bits > 0, work);
        } else {  // items that are not binary yet
            terms.ridge =
                code_ridge(user.train.size(), a0, shared.tables.plane(PlaneId::factors).rows);
            lower_on_factors(user, shared, learnt, terms, work);
        }
        const ScaledCode fitted =
            fit_scaled_code(work, {variant_.bits, variant_.user_bits, steps, !learnt.learnt},
                            stream(seed_, Purpose::solver, index(user.user), round),
                            std::span(learnt.code).first(code_words()));
        std::vector<double> reals{fitted.scale};
        reals.insert(reals.end(), fitted.beta.begin(), fitted.beta.end());
        learnt.vector = in_steps(reals, scale_fraction);
        learnt.vector[0] = std::min(learnt.vector[0], most_scale(variant_.user_bits));
        // What was learnt before items had a bias is no place to start from.
        learnt.learnt = variant_.bias_bits == 0 || !shared.tables.plane(PlaneId::bias).empty();
    }

    std::size_t code_words() const { return variant_.user_bits * words_for(variant_.bits); }

    Variant variant_;
    std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<const Learner> make_scaled_code_learner(const Variant& variant,
                                                        std::uint64_t seed) {
    return std::make_unique<ScaledCodeLearner>(variant, seed);
}

}  // namespace fedhash::client
