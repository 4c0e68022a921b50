// Learners of a real private vector by an exact ridge solve: the teacher (federated implicit ALS),
// and boxed codes, where the vector may be tied to a scaled code (box-binary).
#include "client/ridge_learner.hpp"

#include <algorithm>
#include <cmath>

#include "client/ridge.hpp"

namespace fedhash::client {

namespace {

constexpr std::uint32_t patient_sweeps = 8;

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

class BoxLearner final : public Learner {
  public:
    BoxLearner(const Variant& variant, std::uint64_t seed, bool binary)
        : variant_(variant), seed_(seed), binary_(binary) {}

    void start(const UserData& user, Learnt& learnt) const override {
        Stream random = stream(seed_, Purpose::user_code, index(user.user));
        randomise(std::span(learnt.code).first(words_for(variant_.bits)), variant_.bits, random);
    }

    Said learn(const UserData& user, const Shared& shared, std::uint32_t round, Learnt& learnt,
               Workspace& work) const override {
        RidgeTerms terms{variant_.box_interaction, variant_.prior, 0};
        terms.ridge = code_ridge(user.train.size(), terms.interaction,
                                 shared.tables.plane(PlaneId::factors).rows);
        lower_on_factors(user, shared, learnt, terms, work);
        Said said;
        if (binary_) {
            const std::span<std::uint64_t> code(learnt.code.data(), words_for(variant_.bits));
            const double scale =
                fit_scaled_code(work, variant_.bits, variant_.sweeps, variant_.kicks,
                                stream(seed_, Purpose::solver, index(user.user), round), code);
            learnt.target = std::lround(std::min(std::ldexp(scale, vector_fraction), 32767.0));
            said.code = code;
            said.target = learnt.target;
        } else {
            learnt.vector = in_steps(solve_ridge(work));
            said.vector = learnt.vector;
        }
        learnt.learnt = true;
        list_observed(user, work);
        said.items = work.listed.items;
        if (variant_.teacher.rounds > 0) {
            learnt.teacher.resize(
                variant_.teacher.factors);  // zeros: was not there for the teacher
            said.teacher = learnt.teacher;
        }
        return said;
    }

    void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                  Workspace& work) const override {
        RidgeTerms terms{variant_.box_interaction, variant_.prior, 0};
        terms.ridge = code_ridge(user.train.size(), terms.interaction, shared.tables.codes.rows);
        lower_on_codes(user, shared, learnt, terms, work);
        const std::span<std::uint64_t> code(learnt.code.data(), words_for(variant_.bits));
        fit_scaled_code(work, variant_.bits, patient_sweeps, variant_.kicks,
                        stream(seed_, Purpose::solver, index(user.user)), code);
    }

  private:
    Variant variant_;
    std::uint64_t seed_;
    bool binary_;
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
std::unique_ptr<const Learner> make_box_learner(const Variant& variant, std::uint64_t seed) {
    return std::make_unique<BoxLearner>(variant, seed, false);
}
std::unique_ptr<const Learner> make_box_binary_learner(const Variant& variant, std::uint64_t seed) {
    return std::make_unique<BoxLearner>(variant, seed, true);
}
}  // namespace fedhash::client
