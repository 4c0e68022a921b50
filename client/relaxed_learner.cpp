#include "client/relaxed_learner.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>

#include "client/error_feedback.hpp"
#include "client/relaxed_losses.hpp"
#include "client/ridge.hpp"
#include "common/portable.hpp"
#include "common/relaxed.hpp"

namespace fedhash::client {

namespace {

constexpr std::size_t batch = 8;             // groups between two steps of p
constexpr std::uint32_t patient_epochs = 4;  // beyond a round's, where a code is fitted
constexpr double distil_fade = 0.1;          // of a rank's weight

std::uint32_t stage_round(const Variant& variant, std::uint32_t round) {
    return round > variant.teacher.rounds ? round - variant.teacher.rounds : 1;
}

std::int32_t rounded(double value) {
    return static_cast<std::int32_t>(value + (value < 0 ? -0.5 : 0.5));
}

template <class T>
void shuffle(std::vector<T>& values, Stream& random) {
    for (std::size_t j = values.size(); j > 1; --j) {
        boost::random::uniform_int_distribution<std::size_t> pick(0, j - 1);
        std::swap(values[j - 1], values[pick(random)]);
    }
}

// Of listed items, by their places: those with a label, those without, and what the teacher ranked.
struct Roles {
    std::vector<std::uint32_t> labelled, others, ranked;
};

class RelaxedLearner final : public Learner {
  public:
    RelaxedLearner(const Variant& variant, std::uint64_t seed)
        : variant_(variant),
          feedback_(find_feedback(variant.feedback)),
          loss_(find_relaxed_loss(variant.objective)),
          relaxation_(relaxation_of(variant)),
          seed_(seed) {
        const bool plain_users =
            relaxation_ == Relaxation::real || relaxation_ == Relaxation::backward_real;
        plain_ = relaxation_ == Relaxation::real;
        bounded_ =
            !plain_users && relaxation_ != Relaxation::forward && variant.surrogate == "clip";
        const double slope =
            std::string_view(loss_.name) == "square" ? 1.0 : std::ldexp(variant.sharpness_q16, -16);
        alpha_ = plain_ ? 1.0 : slope / variant.bits;
    }

    // About normal, with standard deviation 0.1.
    void start(const UserData& user, Learnt& learnt) const override {
        Stream random = stream(seed_, Purpose::user_code, index(user.user));
        learnt.vector.resize(variant_.bits);
        for (std::int16_t& entry : learnt.vector)
            entry = static_cast<std::int16_t>(102 * (std::popcount(random()) - 32));
        sign_into(learnt);
    }

    Said learn(const UserData& user, const Shared& shared, std::uint32_t round, Learnt& learnt,
               Workspace& work) const override {
        const Roles roles = list(user, shared, round, learnt, work);
        const Relaxed phi(variant_, stage_round(variant_, round), false);
        Stream random = stream(seed_, Purpose::relaxed, index(user.user), round);
        std::vector<double> p = descend(phi, roles, variant_.epochs, random, learnt, work);
        learnt.vector = in_steps(p);
        learnt.learnt = true;
        sign_into(learnt);
        say(phi, roles, random, p, work);
        Said said;
        said.items = work.listed.items;
        said.gradients = work.gradients;
        if (leaves_out(variant_)) leave_out(variant_, said, learnt, work);
        return said;
    }

    void fit_code(const UserData& user, const Shared& shared, Learnt& learnt,
                  Workspace& work) const override {
        const Roles roles = list(user, shared, 0, learnt, work);
        const Relaxed phi(variant_, variant_.stage_rounds, false);
        Stream random = stream(seed_, Purpose::relaxed, index(user.user));
        learnt.vector =
            in_steps(descend(phi, roles, variant_.epochs + patient_epochs, random, learnt, work));
        sign_into(learnt);
    }

  private:
    static void sign_into(Learnt& learnt) {
        learnt.code = {};
        for (std::size_t a = 0; a < learnt.vector.size(); ++a)
            if (learnt.vector[a] > 0) flip(learnt.code, a);
    }

    // Lists the user's items and others, and unpacks what is published of them.
    Roles list(const UserData& user, const Shared& shared, std::uint32_t round,
               const Learnt& learnt, Workspace& work) const {
        const Tables& tables = shared.tables;
        const auto catalogue = static_cast<std::uint32_t>(
            std::max(tables.codes.rows, std::size_t{tables.plane(PlaneId::factors).rows}));
        work.listed.clear();
        feedback_.list(user, catalogue, variant_, 0,
                       stream(seed_, Purpose::user_negatives, index(user.user), round),
                       work.listed);
        if (!learnt.ranked.empty()) list_ranked(learnt, work.listed);
        Roles roles;
        for (std::uint32_t j = 0; j < work.listed.items.size(); ++j)
            if (work.listed.labels[j] >= 0)
                (work.listed.labels[j] > 0 ? roles.labelled : roles.others).push_back(j);
        for (std::uint32_t item : learnt.ranked)
            roles.ranked.push_back(static_cast<std::uint32_t>(
                std::ranges::lower_bound(work.listed.items, ItemId{item}) -
                work.listed.items.begin()));
        unpack(tables, work);
        return roles;
    }

    // Ranked items join the list. They pull up: none of them, drawn or not, may push as an item
    // without a label, which the label -1 says.
    static void list_ranked(const Learnt& learnt, Listed& listed) {
        std::vector<std::uint32_t> ranked = learnt.ranked;
        std::ranges::sort(ranked);
        Listed merged;
        auto next = ranked.begin();
        for (std::size_t j = 0; j < listed.items.size(); ++j) {
            for (; next != ranked.end() && *next < index(listed.items[j]); ++next)
                merged.add(ItemId{*next}, 0, -1);
            const bool both = next != ranked.end() && *next == index(listed.items[j]);
            if (both) ++next;
            merged.add(listed.items[j], listed.goals[j], both ? -1 : listed.labels[j]);
        }
        for (; next != ranked.end(); ++next) merged.add(ItemId{*next}, 0, -1);
        listed = std::move(merged);
    }

    void unpack(const Tables& tables, Workspace& work) const {
        const std::size_t k = variant_.bits, count = work.listed.items.size();
        const Plane& factors = tables.plane(PlaneId::factors);
        const Plane& scales = tables.plane(PlaneId::scales);
        const double unit_of_y = factors.unit();
        work.item_rows.resize(count * k);
        work.item_scales.assign(count, 1.0);
        for (std::size_t j = 0; j < count; ++j) {
            const std::size_t i = index(work.listed.items[j]);
            double* row = &work.item_rows[j * k];
            if (factors.empty()) {
                const CodeView code = tables.codes.row(i);
                for (std::size_t a = 0; a < k; ++a)  // without a branch on a fair coin
                    row[a] = static_cast<int>(2 * ((code[a / 64] >> (a % 64)) & 1)) - 1;
            } else {
                for (std::size_t a = 0; a < k; ++a) row[a] = unit_of_y * factors.row(i)[a];
            }
            if (!scales.empty()) work.item_scales[j] = scales.at(i, 0);
        }
    }

    // The groups of a pass: every labelled item with its share of the others, in a new order.
    std::vector<std::uint32_t> order_groups(Roles& roles, Stream& random) const {
        shuffle(roles.labelled, random);
        shuffle(roles.others, random);
        std::vector<std::uint32_t> ends;  // in roles.others, of each labelled item's share
        const std::size_t count = roles.labelled.size();
        for (std::size_t j = 1; j <= count; ++j)
            ends.push_back(static_cast<std::uint32_t>(roles.others.size() * j / count));
        return ends;
    }

    // Calls take(place in the list, pull) for every member of groups [begin, end), at x = phi(p).
    template <class Take>
    void pull_groups(const Roles& roles, const std::vector<std::uint32_t>& ends, std::size_t begin,
                     std::size_t end, std::span<const double> x, const Workspace& work,
                     Take take) const {
        std::vector<std::uint32_t> places;
        std::vector<double> scores, pulls;
        for (std::size_t g = begin; g < end; ++g) {
            places.assign(1, roles.labelled[g]);
            places.insert(places.end(), roles.others.begin() + (g == 0 ? 0 : ends[g - 1]),
                          roles.others.begin() + ends[g]);
            if (loss_.compares && places.size() == 1) continue;
            scores.clear();
            for (std::uint32_t place : places) scores.push_back(score(x, place, work));
            pulls.resize(scores.size());
            loss_.pull(scores, static_cast<double>(work.listed.labels[places[0]]), alpha_, plain_,
                       pulls);
            for (std::size_t j = 0; j < places.size(); ++j) take(places[j], pulls[j]);
        }
    }

    template <class Take>
    void pull_ranked(const Roles& roles, std::span<const double> x, const Workspace& work,
                     Take take) const {
        double weight = static_cast<double>(variant_.strength_units) / static_cast<double>(unit);
        const double fade = portable::exp(-distil_fade);
        for (std::uint32_t place : roles.ranked) {
            take(place, weight / (1 + portable::exp(alpha_ * score(x, place, work))));
            weight *= fade;
        }
    }

    double score(std::span<const double> x, std::uint32_t place, const Workspace& work) const {
        const double* row = &work.item_rows[place * x.size()];
        double even = 0, odd = 0;
        std::size_t a = 0;
        for (; a + 2 <= x.size(); a += 2) {
            even += x[a] * row[a];
            odd += x[a + 1] * row[a + 1];
        }
        if (a < x.size()) even += x[a] * row[a];
        return work.item_scales[place] * (even + odd);
    }

    std::vector<double> descend(const Relaxed& phi, Roles roles, std::uint32_t epochs,
                                Stream& random, const Learnt& learnt, const Workspace& work) const {
        const std::size_t k = variant_.bits;
        std::vector<double> p(k), x(k), pull(k);
        for (std::size_t a = 0; a < k; ++a)
            p[a] = std::ldexp(static_cast<double>(learnt.vector[a]), -vector_fraction);
        const auto add = [&](std::uint32_t place, double weight) {
            weight *= work.item_scales[place];
            const double* row = &work.item_rows[place * k];
            for (std::size_t a = 0; a < k; ++a) pull[a] += weight * row[a];
        };
        const auto move = [&](std::size_t groups) {
            double square = 0;
            for (double entry : p) square += entry * entry;
            const double decay = decay_factor(variant_, square) * static_cast<double>(groups);
            for (std::size_t a = 0; a < k; ++a) {
                p[a] += variant_.user_step * (pull[a] * phi.slope(p[a], x[a]) - decay * p[a]);
                p[a] = bounded_ ? std::clamp(p[a], -1.0, 1.0) : std::clamp(p[a], -7.9, 7.9);
            }
        };
        const auto look = [&] {
            for (std::size_t a = 0; a < k; ++a) x[a] = phi.value(p[a], random);
            std::ranges::fill(pull, 0.0);
        };
        for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
            const std::vector<std::uint32_t> ends = order_groups(roles, random);
            for (std::size_t begin = 0; begin < ends.size(); begin += batch) {
                const std::size_t end = std::min(begin + batch, ends.size());
                look();
                pull_groups(roles, ends, begin, end, x, work, add);
                move(end - begin);
            }
            if (roles.ranked.empty()) continue;
            look();
            pull_ranked(roles, x, work, add);
            move(1);
        }
        return p;
    }

    void say(const Relaxed& phi, Roles roles, Stream& random, std::span<const double> p,
             Workspace& work) const {
        std::vector<double> x(p.size());
        for (std::size_t a = 0; a < x.size(); ++a) x[a] = phi.value(p[a], random);
        work.pulls_real.assign(work.listed.items.size(), 0.0);
        const auto add = [&](std::uint32_t place, double pull) { work.pulls_real[place] += pull; };
        const std::vector<std::uint32_t> ends = order_groups(roles, random);
        pull_groups(roles, ends, 0, ends.size(), x, work, add);
        pull_ranked(roles, x, work, add);
        work.gradients.resize(work.listed.items.size() * x.size());
        double longest = 0;
        for (double entry : x) longest = std::max(longest, std::abs(entry));
        for (std::size_t j = 0; j < work.listed.items.size(); ++j) {
            const double pull =
                std::ldexp(work.item_scales[j] * work.pulls_real[j], vector_fraction);
            std::int32_t* row = &work.gradients[j * x.size()];
            if (std::abs(pull) * longest < 32767)  // nearly always: nothing to clip
                for (std::size_t a = 0; a < x.size(); ++a) row[a] = rounded(pull * x[a]);
            else
                for (std::size_t a = 0; a < x.size(); ++a)
                    row[a] = rounded(std::clamp(pull * x[a], -32767.0, 32767.0));
        }
    }

    Variant variant_;
    const Feedback& feedback_;
    const RelaxedLoss& loss_;
    Relaxation relaxation_;
    std::uint64_t seed_;
    double alpha_ = 1;
    bool plain_ = false;    // both sides are what they are: no map
    bool bounded_ = false;  // p stays where the surrogate has a slope
};

}  // namespace

std::vector<double> relaxed_vector(const Variant& variant, const Shared& shared,
                                   const Learnt& learnt) {
    const std::uint32_t round = shared.tables.version > 1 ? shared.tables.version - 1 : 1;
    const Relaxed phi(variant, stage_round(variant, round), false);
    Stream lots = stream(0, Purpose::relaxed);
    std::vector<double> x(learnt.vector.size());
    for (std::size_t a = 0; a < x.size(); ++a)
        x[a] = phi.value(std::ldexp(static_cast<double>(learnt.vector[a]), -vector_fraction), lots);
    return x;
}

std::unique_ptr<const Learner> make_relaxed_learner(const Variant& variant, std::uint64_t seed) {
    return std::make_unique<RelaxedLearner>(variant, seed);
}

}  // namespace fedhash::client
