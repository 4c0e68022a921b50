#include "client/plain_problem.hpp"

#include <algorithm>
#include <cassert>

#include "common/kernels/kernels.hpp"

namespace fedhash::client {

Quadratic plain_problem(const Shared& shared, std::uint32_t interaction, Workspace& work) {
    const Codes& items = shared.tables.codes;
    const std::uint32_t k = items.bits;
    const std::size_t count = work.listed.items.size();
    const std::int32_t weight = work.weights.front();
    assert(weight == work.weights.back());
    bit_planes(items.words.data(), k, work.listed.items, work.planes);

    work.wide.assign(k, 0);
    add_sums(work.planes, k, count, work.wide);
    // All pulls alike, as with one target for all items, are one factor.
    const std::int32_t pull = work.pulls.front();
    if (std::ranges::all_of(work.pulls, [&](std::int32_t p) { return p == pull; })) {
        work.c.resize(k);
        for (std::uint32_t a = 0; a < k; ++a) work.c[a] = pull * work.wide[a];
    } else {
        work.c.assign(k, 0);
        work.goals.assign(work.pulls.begin(), work.pulls.end());
        add_weighted_sums(work.planes, k, work.goals, work.c);
    }
    for (std::uint32_t a = 0; a < k; ++a) work.wide[a] *= weight;

    const auto c0 = static_cast<std::int32_t>(unit * interaction);
    // No entry of a Gram matrix of codes is larger than their number.
    const auto all = static_cast<std::int64_t>(items.rows), own = static_cast<std::int64_t>(count);
    if (weight == 0) {
        if (c0 > 0) return {k, c0, shared.code_gram, work.c, all};
        work.A.assign(std::size_t{k} * k, 0);
        return {k, 1, work.A, work.c};
    }
    work.gram.resize(std::size_t{k} * k);
    kernels().gram(work.planes.data(), (count + 63) / 64, k, static_cast<std::uint32_t>(count),
                   work.gram.data());
    if (c0 == 0) return {k, weight, work.gram, work.c, own};
    work.A.resize(work.gram.size());
    kernels().combine(work.A.data(), shared.code_gram.data(), c0, work.gram.data(), weight,
                      work.A.size());
    return {k, 1, work.A, work.c, c0 * all + weight * own};
}

}  // namespace fedhash::client
