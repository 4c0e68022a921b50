// Learners of a real private vector by an exact ridge solve: the teacher (federated implicit ALS),
// and users of boxed codes.
#include "client/ridge_learner.hpp"

#include <algorithm>
#include <cmath>

#include "client/ridge.hpp"
#include "client/scaled_code.hpp"

namespace fedhash::client {

namespace {

constexpr std::uint32_t patient_steps = 600;

class TeacherLearner final : public Learner {
  public:
    explicit TeacherLearner(const Variant& variant) : variant_(variant) {}

    void start(const UserData&, Learnt&) const override {}

    Said learn(const UserData& user, const Shared& shared, std::uint32_t, Learnt& learnt,
               Workspace& work) const override {
        lower_on_factors(user, shared, learnt, teacher_terms(variant_, user, shared), work);
        learnt.teacher = in_steps(solve_ridge(work));
        learnt.learnt = true;
        Said said;
        list_observed(user, work);
        if (variant_.distil > 0) rank(shared, learnt, work);
        said.items = work.listed.items;
        said.vector = learnt.teacher;
        return said;
    }

    // There are no codes while a teacher learns.
    void fit_code(const UserData&, const Shared&, Learnt&, Workspace&) const override {}

  private:
    // The teacher's factors are gone when the main stage begins, so its ranking is kept now.
    void rank(const Shared& shared, Learnt& learnt, Workspace& work) const {
        const Plane& factors = shared.tables.plane(PlaneId::factors);
        std::vector<std::pair<std::int64_t, std::uint32_t>> scored;  // ties by item
        auto seen = work.listed.items.begin();
        for (std::uint32_t i = 0; i < factors.rows; ++i) {
            if (seen != work.listed.items.end() && index(*seen) == i) {
                ++seen;
                continue;
            }
            std::int64_t score = 0;
            for (std::uint32_t a = 0; a < factors.cols; ++a)
                score += std::int64_t{factors.row(i)[a]} * learnt.teacher[a];
            scored.emplace_back(-score, i);
        }
        const std::size_t kept = std::min<std::size_t>(variant_.distil, scored.size());
        std::partial_sort(scored.begin(), scored.begin() + std::ptrdiff_t(kept), scored.end());
        learnt.ranked.clear();
        for (std::size_t r = 0; r < kept; ++r) learnt.ranked.push_back(scored[r].second);
    }

    Variant variant_;
};

class VectorLearner final : public Learner {
  public:
    explicit VectorLearner(const Variant& variant) : variant_(variant) {}

    void start(const UserData&, Learnt&) const override {}

    Said learn(const UserData& user, const Shared& shared, std::uint32_t, Learnt& learnt,
               Workspace& work) const override {
        const double a0 = variant_.box_interaction;
        const std::size_t items = shared.tables.plane(PlaneId::factors).rows;
        lower_on_factors(user, shared, learnt,
                         {a0, variant_.prior, code_ridge(user.train.size(), a0, items)}, work);
        learnt.vector = in_steps(solve_ridge(work));
        learnt.learnt = true;
        Said said;
        list_observed(user, work);
        said.items = work.listed.items;
        said.vector = learnt.vector;
        if (variant_.teacher.rounds > 0) {
            learnt.teacher.resize(variant_.teacher.factors);  // zeros: was not there for it
            said.teacher = learnt.teacher;
        }
        return said;
    }

    // A code for those who want to score with one: not what these item codes were learnt for.
    void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                  Workspace& work) const override {
        const double a0 = variant_.box_interaction;
        lower_on_codes(
            user, shared, learnt,
            {a0, variant_.prior, code_ridge(user.train.size(), a0, shared.tables.codes.rows)},
            false, work);
        fit_scaled_code(
            work, {variant_.bits, variant_.user_bits, patient_steps, true},
            stream(0, Purpose::solver, index(user.user)),
            std::span(learnt.code).first(variant_.user_bits * words_for(variant_.bits)));
    }

  private:
    Variant variant_;
};

}  // namespace

RidgeTerms teacher_terms(const Variant& variant, const UserData& user, const Shared& shared) {
    const double a0 = variant.teacher.interaction;
    return {a0, 0,
            variant.teacher.ridge *
                (static_cast<double>(user.train.size()) +
                 a0 * static_cast<double>(shared.tables.plane(PlaneId::factors).rows))};
}

void list_observed(const UserData& user, Workspace& work) {
    work.listed.clear();
    for (const Rating& rating : user.train) work.listed.add(rating.item, 0, 1);
}

std::unique_ptr<const Learner> make_teacher_learner(const Variant& variant, std::uint64_t) {
    return std::make_unique<TeacherLearner>(variant);
}
std::unique_ptr<const Learner> make_vector_learner(const Variant& variant, std::uint64_t) {
    return std::make_unique<VectorLearner>(variant);
}

}  // namespace fedhash::client
