#include "client/learner.hpp"

#include <algorithm>

#include "common/fixed_point.hpp"
#include "common/kernels/kernels.hpp"
#include "common/quadratic.hpp"

namespace fedhash::client {

namespace {

constexpr std::uint32_t measured_sweeps = 8;

}  // namespace

void Shared::items_changed(std::uint32_t new_version) {
    version = new_version;
    derived = 0;
}

void Shared::derive() {
    if (derived == version) return;
    derived = version;
    bit_planes(items.words.data(), items.bits, items.rows, planes);
    gram.resize(std::size_t{items.bits} * items.bits);
    kernels().gram(planes.data(), (items.rows + 63) / 64, items.bits,
                   static_cast<std::uint32_t>(items.rows), gram.data());
}

Learner::Learner(const Variant& variant, std::uint64_t seed)
    : variant_(variant), objective_(&find_objective(variant.objective)), seed_(seed) {}

// t = 16 T k (n / mean)^-a, by logarithms in integer arithmetic.
std::int64_t Learner::initial_target(std::size_t count) const {
    const std::int64_t scale =
        log2_fixed(std::max<std::uint64_t>(
            1, std::uint64_t{variant_.target_q16} * variant_.bits * std::uint64_t{unit})) -
        (std::int64_t{16} << log_fraction_bits);
    const std::int64_t ratio = log2_fixed(std::max<std::size_t>(1, count) * 256) -
                               log2_fixed(std::max<std::uint32_t>(1, variant_.mean_count_q8));
    return static_cast<std::int64_t>(
        exp2_fixed(scale - times_q16(ratio, variant_.exponent_q16),
                   static_cast<std::uint64_t>(max_target(variant_.bits))));
}

UserState Learner::start(const UserData& user) const {
    Learnt learnt;
    Stream random = stream(seed_, Purpose::user_code, index(user.user));
    randomise(std::span(learnt.code).first(words_for(variant_.bits)), variant_.bits, random);
    learnt.target = initial_target(user.train.size());
    return {learnt, learnt};
}

// In units of 1/16:  A = 16 (c0 G + w M) + lambda 11',  c = w sum t_ui d_i,  M = sum over rated d_i
// d_i'.
Learnt Learner::solve(const UserData& user, const Shared& shared, const Learnt& from,
                      std::uint32_t sweeps, Workspace& work) const {
    if (objective_->targets == nullptr) return from;
    const std::uint32_t k = variant_.bits;
    const auto rated = static_cast<std::uint32_t>(user.train.size());
    const auto weight = static_cast<std::int32_t>(variant_.weight);
    const auto interaction = static_cast<std::int32_t>(variant_.interaction);
    work.rows.resize(rated);
    for (std::uint32_t j = 0; j < rated; ++j)
        work.rows[j] = static_cast<std::uint32_t>(index(user.train[j].item));
    bit_planes(shared.items.words.data(), k, work.rows, work.planes);
    const std::size_t blocks = (rated + 63) / 64;

    work.A.resize(std::size_t{k} * k);
    kernels().gram(work.planes.data(), blocks, k, rated, work.A.data());
    const auto balance = static_cast<std::int32_t>(variant_.balance_units);
    for (std::size_t j = 0; j < work.A.size(); ++j)
        work.A[j] =
            static_cast<std::int32_t>(unit) * (interaction * shared.gram[j] + weight * work.A[j]) +
            balance;

    // h_k = sum over rated items of d_ik, from the same planes; c = w t h when there is one target.
    std::array<std::int64_t, max_bits> h{};
    for (std::uint32_t a = 0; a < k; ++a) {
        std::int64_t ones = 0;
        for (std::size_t block = 0; block < blocks; ++block)
            ones += std::popcount(work.planes[block * k + a]);
        h[a] = 2 * ones - rated;
    }
    work.c.assign(k, 0);
    if (objective_->one_target) {
        for (std::uint32_t a = 0; a < k; ++a) work.c[a] = weight * from.target * h[a];
    } else {
        work.targets.resize(rated);
        objective_->targets(user, variant_, from.target, work.targets);
        for (std::uint32_t j = 0; j < rated; ++j)
            for (std::uint32_t a = 0; a < k; ++a)
                work.c[a] += std::int64_t{weight} * work.targets[j] *
                             sign(shared.items.row(work.rows[j]), a);
    }

    Learnt result = from;
    const std::span<std::uint64_t> code(result.code.data(), words_for(k));
    const Descent descent = descend({k, 1, work.A, work.c}, code, {sweeps, own_bit_unit});

    // The target that suits the code best: minimise the loss over a scale s of b, t = 1/s, which
    // gives
    //   t = b'(c0 G + w M) b / (w h.b)     (in 1/16: the factor is already in A).
    if (objective_->one_target && variant_.refit_target) {
        std::int64_t along = 0;
        for (std::uint32_t a = 0; a < k; ++a) along += weight * h[a] * sign(code, a);
        if (along > 0)
            result.target = std::clamp<std::int64_t>(descent.quadratic / along, 1, max_target(k));
    }
    return result;
}

Said Learner::learn(const UserData& user, const Shared& shared, UserState& state,
                    Workspace& work) const {
    state.newest = solve(user, shared, state.counted, variant_.sweeps, work);
    work.items.resize(user.train.size());
    std::transform(user.train.begin(), user.train.end(), work.items.begin(),
                   [](const Rating& r) { return r.item; });
    work.targets.assign(user.train.size(), 0);
    if (objective_->targets != nullptr)
        objective_->targets(user, variant_, state.newest.target, work.targets);
    Said said;
    said.code = CodeView(state.newest.code).first(words_for(variant_.bits));
    said.target = state.newest.target;
    said.items = work.items;
    said.targets = work.targets;
    if (variant_.weigh_users && variant_.mean_count_q8 > 0)
        said.weight = std::max<std::int64_t>(
            1, unit * 256 * static_cast<std::int64_t>(user.train.size()) / variant_.mean_count_q8);
    return said;
}

Learnt Learner::measured(const UserData& user, const Shared& shared, const UserState& state,
                         Workspace& work) const {
    return solve(user, shared, state.counted, measured_sweeps, work);
}

}  // namespace fedhash::client
