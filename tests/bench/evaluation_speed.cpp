// How fast all users of MovieLens 1M are measured by their codes with every item ranked, on one
// core: from counts of distances, beside scores and tie groups, and beside the distances alone.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "client/evaluator.hpp"
#include "client/retrieval/scan_kernels.hpp"
#include "common/kernels/kernels.hpp"
#include "tests/bench/made_world.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

constexpr int passes = 15;  // the fastest counts: others on the machine only make it slower
const std::vector<std::uint32_t> cutoffs{5, 10, 20, 50};

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

double best_ms(const std::function<void()>& work) {
    double best = 1e9;
    for (int pass = 0; pass < passes; ++pass) {
        const double begin = cpu_ms();
        work();
        best = std::min(best, cpu_ms() - begin);
    }
    return best;
}

Codes random_codes(std::uint32_t bits, std::size_t rows, std::uint64_t seed) {
    Codes codes(bits, rows);
    Stream random(seed);
    for (std::size_t i = 0; i < rows; ++i) randomise(codes.row(i), bits, random);
    return codes;
}

/// Made users hold nothing out: their last training item, then.
void hold_out(scenarios::Prepared& data) {
    for (UserData& user : data.users) {
        if (!user.test.items.empty() || user.train.empty()) continue;
        user.test.items = {user.train.back().item};
        user.test.deciles = {0};
        user.train.pop_back();
    }
}

bool measure(const scenarios::Prepared& data, std::uint32_t bits) {
    const Codes items = random_codes(bits, data.ranking.items, 1);
    const Codes users = random_codes(bits, data.users.size(), 2);
    const MetricSums none(metric_specs(cutoffs).size(), cutoffs.size());
    MetricSums by_counts, by_scores;
    RankCounts counts(items, {});
    const double counting = best_ms([&] {
        by_counts = none;
        for (std::size_t u = 0; u < users.rows; ++u)
            evaluate_by_counts(data.users[u], Part::test, CodeScore{users.row(u)}, cutoffs, counts,
                               by_counts);
    });
    const double scoring = best_ms([&] {
        by_scores = none;
        for (std::size_t u = 0; u < users.rows; ++u)
            evaluate(
                data.users[u], Part::test, {data.ranking.items, true}, cutoffs,
                [&](std::span<const ItemId> wanted, std::span<double> out) {
                    for (std::size_t j = 0; j < wanted.size(); ++j)
                        out[j] = dot(users.row(u), items.row(index(wanted[j])), bits);
                },
                by_scores);
    });
    const BytePlanes planes = byte_planes(items);
    std::vector<ByteLine> distances(planes.blocks());
    const double alone = best_ms([&] {
        for (std::size_t u = 0; u < users.rows; ++u)
            scan_kernels().distances(planes.lines.front().bytes, planes.blocks(), planes.bytes(),
                                     reinterpret_cast<const std::uint8_t*>(users.row(u).data()),
                                     distances.front().bytes);
    });
    std::printf("%5u  %9.2f  %9.2f  %9.2f   x %.1f\n", bits, counting, scoring, alone,
                scoring / counting);
    return by_counts == by_scores;
}

}  // namespace

int main() {
    try {
        scenarios::Prepared data = bench::world();
        hold_out(data);
        std::printf(
            "%s: all %zu users, every item ranked, HR, NDCG, Recall, MRR and more at 4 cut-offs, "
            "ties in expectation; random codes; kernels %s; ms of CPU, best of %d passes\n"
            " bits     counts     scores  distances   counts against scores\n",
            data.label.c_str(), data.users.size(), kernels().name, passes);
        bool same = true;
        for (const std::uint32_t bits : {32u, 64u, 128u}) same = measure(data, bits) && same;
        if (!same) std::printf("COUNTS AND SCORES DIFFER\n");
        return same ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
