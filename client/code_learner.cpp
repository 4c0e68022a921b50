#include "client/code_learner.hpp"

#include <algorithm>
#include <numeric>

#include "client/objective.hpp"
#include "client/plain_problem.hpp"
#include "client/protection.hpp"
#include "client/regulariser.hpp"
#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"
#include "common/quadratic.hpp"
#include "common/similarity.hpp"
#include "common/solver.hpp"

namespace fedhash::client {

namespace {

constexpr std::uint32_t patient_sweeps = 8, patient_passes = 3;

class CodeLearner final : public Learner {
  public:
    CodeLearner(const Variant& variant, std::uint64_t seed)
        : variant_(variant),
          feedback_(find_feedback(variant.feedback)),
          objective_(find_objective(variant.objective)),
          regulariser_(find_regulariser(variant.regulariser)),
          solver_(find_solver(variant.solver)),
          similarity_(find_similarity(variant.similarity)),
          seed_(seed),
          one_target_(objective_.exact && feedback_.one_goal),
          plain_score_(similarity_.lift_user == 0 && similarity_.lift_item == 0 &&
                       !similarity_.bit_weights),
          // A relaxation in reals may round another scale of the problem another way; descent is
          // integers.
          plain_(objective_.exact && plain_score_ && variant.regulariser == "none" &&
                 variant.solver == "dcd") {
        if (variant.objective == "mix" || !variant.mix.empty()) check_mix(variant.mix);
    }

    void start(const UserData& user, Learnt& learnt) const override {
        Stream random = stream(seed_, Purpose::user_code, index(user.user));
        randomise(std::span(learnt.code).first(words_for(variant_.bits)), variant_.bits, random);
        learnt.target = initial_target(variant_, user.train.size());
    }

    Said learn(const UserData& user, const Shared& shared, std::uint32_t round, Learnt& learnt,
               Workspace& work) const override {
        const std::int64_t target_before = learnt.target;
        solve(user, shared, round, variant_.sweeps, variant_.passes, learnt, work);
        Said said;
        said.code = said_code(variant_, seed_, user.user, round,
                              CodeView(learnt.code).first(words_for(variant_.bits)), work);
        said.target = learnt.target;
        said.items = work.listed.items;
        // Where a code and one target say it all, the uplink need not be told more.
        const bool implied =
            variant_.uplink == "residual" && residual_form(variant_) != ResidualForm::each;
        if (!implied && objective_.respond != nullptr) {
            // The goals may have moved with the target, and the code has.
            if (learnt.target != target_before) list(user, shared, round, learnt, work);
            // To the code that is said: residuals would tell the other one.
            respond(shared, said.code, work);
            said.items = work.listed.items;
            said.pulls = work.pulls;
        }
        if (!implied || objective_.pulls_only) said.weights = work.weights;
        if (variant_.weigh_users && variant_.mean_count_q8 > 0)
            said.user_weight = std::max<std::int64_t>(
                1,
                unit * 256 * static_cast<std::int64_t>(user.train.size()) / variant_.mean_count_q8);
        return said;
    }

    void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                  Workspace& work) const override {
        solve(user, shared, 0, patient_sweeps, std::max(variant_.passes, patient_passes), learnt,
              work);
    }

  private:
    void list(const UserData& user, const Shared& shared, std::uint32_t round, const Learnt& learnt,
              Workspace& work) const {
        feedback_.list(
            user, static_cast<std::uint32_t>(shared.tables.codes.rows), variant_, learnt.target,
            stream(seed_, Purpose::user_negatives, index(user.user), round), work.listed);
        work.pulls.assign(work.listed.items.size(), 0);
        work.weights.assign(work.listed.items.size(), 0);
    }

    void respond(const Shared& shared, CodeView code, Workspace& work) const {
        const Codes& items = shared.tables.codes;
        work.scores.resize(work.listed.items.size());
        if (plain_score_) {
            gather(items, work.listed.items, work.chosen);
            kernels().dots(work.chosen.words.data(), work.chosen.rows, variant_.bits, code.data(),
                           work.scores.data());
        } else {
            for (std::size_t j = 0; j < work.scores.size(); ++j)
                work.scores[j] = score(similarity_, code, items.row(index(work.listed.items[j])),
                                       variant_.bits, bit_weights(shared));
        }
        objective_.respond(work.listed, work.scores, variant_, {work.pulls, work.weights});
    }

    static std::span<const std::int16_t> bit_weights(const Shared& shared) {
        return shared.tables.plane(PlaneId::bit_weights).values;
    }

    void solve(const UserData& user, const Shared& shared, std::uint32_t round,
               std::uint32_t sweeps, std::uint32_t passes, Learnt& learnt, Workspace& work) const {
        list(user, shared, round, learnt, work);
        if (objective_.respond == nullptr || work.listed.items.empty()) return;
        const std::span<std::uint64_t> code(learnt.code.data(), words_for(variant_.bits));
        SolveOptions options{sweeps, own_bit_unit, variant_.kicks,
                             stream(seed_, Purpose::solver, index(user.user), round)()};
        for (std::uint32_t pass = 0; pass < (objective_.exact ? 1 : passes); ++pass) {
            const Quadratic problem = pose(user, shared, learnt, work);
            if (variant_.inertia > 0) options.inertia = inertia(user, work);
            const Descent descent = solver_.solve(problem, code, options);
            if (one_target_ && !objective_.pulls_only && variant_.refit_target)
                refit_target(problem.alpha * descent.quadratic, shared, learnt, work);
        }
        learnt.learnt = true;
    }

    Quadratic pose(const UserData& user, const Shared& shared, const Learnt& learnt,
                   Workspace& work) const {
        if (plain_) {
            work.scores.assign(work.listed.items.size(), 0);
            objective_.respond(work.listed, work.scores, variant_, {work.pulls, work.weights});
            return plain_problem(shared, variant_.interaction, work);
        }
        respond(shared, CodeView(learnt.code).first(words_for(variant_.bits)), work);
        lower(user, shared, learnt, work);
        return {variant_.bits, 1, work.A, work.c};
    }

    // LightFR's code: a bit's own term counts 2 lambda (n_u + `inertia`) instead of the sum of W.
    std::int64_t inertia(const UserData& user, const Workspace& work) const {
        const auto count = static_cast<std::int64_t>(user.train.size()) + variant_.inertia;
        const std::int64_t own =
            std::accumulate(work.weights.begin(), work.weights.end(), std::int64_t{0});
        return times_q16(2 * unit * count, variant_.balance_q16) - own;
    }

    // In units of 1/16:  A = 16 c0 Phi + sum W phi phi' ,  c = sum z phi - 16 c0 sum over all items
    // of shift' phi ,  z = e + W (s0 - shift') ,  phi(d) = v (d + lift). All of it comes from sums
    // over plain codes, which are popcounts over bit planes.
    void lower(const UserData& user, const Shared& shared, const Learnt& learnt,
               Workspace& work) const {
        const std::uint32_t k = variant_.bits;
        const Codes& items = shared.tables.codes;
        const std::size_t count = work.listed.items.size();
        work.A.assign(std::size_t{k} * k, 0);
        work.c.assign(k, 0);
        work.wide.assign(k, 0);  // sum of W d, for the lift
        Sums sums;
        work.goals.resize(count);
        for (std::size_t j = 0; j < count; ++j) {
            const CodeView d = items.row(index(work.listed.items[j]));
            std::int64_t shift = 0;
            if (similarity_.lift_item != 0)
                for (std::uint32_t a = 0; a < k; ++a) shift += sign(d, a);
            work.goals[j] =
                work.pulls[j] + std::int64_t{work.weights[j]} * (work.scores[j] - shift);
            sums.goals += work.goals[j];
            sums.weights += work.weights[j];
        }
        add_groups(items, work);
        const auto c0 = static_cast<std::int32_t>(unit * variant_.interaction);
        kernels().add_row(work.A.data(), shared.code_gram.data(), c0, k * k);
        if (similarity_.lift_item != 0) lift(shared, sums, c0, work);
        if (similarity_.bit_weights) weigh(shared, work);
        regulariser_.add(variant_, user, shared, learnt, work);
    }

    // Items of one weight share a Gram matrix; where their goals are equal, too, their part of c is
    // one more popcount. Few losses have more than two weights.
    void add_groups(const Codes& items, Workspace& work) const {
        const std::uint32_t k = variant_.bits;
        std::vector<std::uint32_t>& order = work.order;
        order.resize(work.listed.items.size());
        std::iota(order.begin(), order.end(), 0u);
        if (!objective_.exact)
            std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
                return work.weights[a] < work.weights[b];
            });
        std::array<std::int64_t, max_bits> h;
        for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
            const std::int32_t weight = work.weights[order[begin]];
            const std::int64_t goal = work.goals[order[begin]];
            bool one_goal = true;
            work.rows.clear();
            for (end = begin; end < order.size() && work.weights[order[end]] == weight; ++end) {
                one_goal = one_goal && work.goals[order[end]] == goal;
                work.rows.push_back(
                    static_cast<std::uint32_t>(index(work.listed.items[order[end]])));
            }
            bit_planes(items.words.data(), k, work.rows, work.planes);
            const std::size_t blocks = (work.rows.size() + 63) / 64;
            const auto count = static_cast<std::uint32_t>(work.rows.size());
            h.fill(0);
            add_sums(work.planes, k, count, h);
            for (std::uint32_t a = 0; a < k; ++a) work.wide[a] += weight * h[a];
            if (weight != 0) {
                work.gram.resize(work.A.size());
                kernels().gram(work.planes.data(), blocks, k, count, work.gram.data());
                kernels().add_row(work.A.data(), work.gram.data(), weight, k * k);
            }
            if (one_goal) {
                for (std::uint32_t a = 0; a < k; ++a) work.c[a] += goal * h[a];
            } else {
                work.group_goals.clear();
                for (std::size_t j = begin; j < end; ++j)
                    work.group_goals.push_back(work.goals[order[j]]);
                add_weighted_sums(work.planes, k, work.group_goals, work.c);
            }
        }
    }

    struct Sums {
        std::int64_t goals = 0, weights = 0;
    };

    // From d to d + l in every sum: with M = sum W d d', h = sum W d and S = sum W,
    //   M <- M + l (h 1' + 1 h') + l^2 S 11' ,   c <- c + l sum z ,
    // and the same for the all-pairs part, whose shift adds - c0 sum over items of shift' phi.
    void lift(const Shared& shared, const Sums& sums, std::int64_t c0, Workspace& work) const {
        const std::uint32_t k = variant_.bits;
        const std::int64_t l = similarity_.lift_item;
        const auto n = static_cast<std::int64_t>(shared.tables.codes.rows);
        std::int64_t total = 0;  // sum over items of sum_a d_a
        for (std::int64_t entry : shared.code_sum) total += entry;
        for (std::uint32_t a = 0; a < k; ++a) {
            // sum over items of shift' d_a = sum over b of Gram_ab.
            std::int64_t along = 0;
            for (std::uint32_t b = 0; b < k; ++b) {
                along += shared.code_gram[a * k + b];
                work.A[a * k + b] +=
                    static_cast<std::int32_t>(l * (work.wide[a] + work.wide[b] +
                                                   c0 * (shared.code_sum[a] + shared.code_sum[b])) +
                                              l * l * (sums.weights + c0 * n));
            }
            work.c[a] += l * sums.goals - c0 * (along + l * total);
        }
    }

    // From phi to v phi.
    void weigh(const Shared& shared, Workspace& work) const {
        const std::span<const std::int16_t> v = bit_weights(shared);
        for (std::size_t a = 0; a < v.size(); ++a) {
            work.c[a] *= v[a];
            work.wide[a] *= v[a];
            for (std::size_t b = 0; b < v.size(); ++b) work.A[a * v.size() + b] *= v[a] * v[b];
        }
    }

    // The target that suits the code best: minimise the loss over a scale s of b, t = 1/s, which
    // gives  t = b'Ab / (w h.b) , all of it known from the solve: c = w t0 h, h = sum of phi.
    void refit_target(std::int64_t quadratic, const Shared& shared, Learnt& learnt,
                      const Workspace& work) const {
        if (similarity_.lift_item != 0) return refit_lifted_target(shared, learnt, work);
        std::int64_t along = 0;
        for (std::uint32_t a = 0; a < variant_.bits; ++a)
            along += work.wide[a] / unit * sign(learnt.code, a);
        if (along > 0)
            learnt.target = std::clamp<std::int64_t>(quadratic / along, 1, max_target(variant_));
    }

    // The same where scores are not linear in b, over a scale of the scores themselves:
    //   t = (w sum over listed s^2 + c0 sum over all s^2) / (w sum over listed s) ,
    // s = psi.d + shift , so  sum over all s^2 = psi'G psi + 2 shift psi.D + n shift^2 .
    void refit_lifted_target(const Shared& shared, Learnt& learnt, const Workspace& work) const {
        const std::uint32_t k = variant_.bits;
        const CodeView code = CodeView(learnt.code).first(words_for(k));
        const Codes& items = shared.tables.codes;
        const std::int64_t w = variant_.weight, c0 = variant_.interaction;
        std::int64_t along = 0, square = 0;
        for (ItemId item : work.listed.items) {
            const std::int64_t s = score(similarity_, code, items.row(index(item)), k, {});
            along += w * s;
            square += w * s * s;
        }
        std::int64_t shift = 0, with_sum = 0, with_gram = 0;
        for (std::uint32_t a = 0; a < k; ++a) {
            const std::int64_t psi = sign(code, a) + similarity_.lift_user;
            shift -= sign(code, a);
            with_sum += psi * shared.code_sum[a];
            for (std::uint32_t b = 0; b < k; ++b)
                with_gram +=
                    psi * (sign(code, b) + similarity_.lift_user) * shared.code_gram[a * k + b];
        }
        square += c0 * (with_gram + 2 * shift * with_sum +
                        shift * shift * static_cast<std::int64_t>(items.rows));
        if (along > 0)
            learnt.target =
                std::clamp<std::int64_t>(unit * square / along, 1, max_target(variant_));
    }

    Variant variant_;
    const Feedback& feedback_;
    const Objective& objective_;
    const Regulariser& regulariser_;
    const SolverEntry& solver_;
    const Similarity& similarity_;
    std::uint64_t seed_;
    bool one_target_, plain_score_, plain_;
};

}  // namespace

std::int64_t initial_target(const Variant& variant, std::size_t count) {
    const std::int64_t scale =
        log2_fixed(std::max<std::uint64_t>(
            1, std::uint64_t{variant.target_q16} * variant.bits *
                   static_cast<std::uint64_t>(unit * bit_weight_one(variant)))) -
        (std::int64_t{16} << log_fraction_bits);
    const std::int64_t ratio = log2_fixed(std::max<std::size_t>(1, count) * 256) -
                               log2_fixed(std::max<std::uint32_t>(1, variant.mean_count_q8));
    return static_cast<std::int64_t>(exp2_fixed(scale - times_q16(ratio, variant.exponent_q16),
                                                static_cast<std::uint64_t>(max_target(variant))));
}

std::unique_ptr<const Learner> make_code_learner(const Variant& variant, std::uint64_t seed) {
    return std::make_unique<CodeLearner>(variant, seed);
}

}  // namespace fedhash::client
