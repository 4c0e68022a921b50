// `neuralsort`: average precision at 10, smoothed by NeuralSort (Grover et al., ICLR 2019), as DLPR
// has it (Luo et al., IJCAI 2022). With z = theta s (theta stands for 1 / tau):
//
//   P_k = softmax over i of (L + 1 - 2k) z_i - sum_j |z_i - z_j| ,    l_k = sum_i P_ki y_i ,
//   L = -C (sum_k l_k c_k / k) / sum_k l_k ,   c_k = l_1 + ... + l_k ,   k = 1..10 .
//
// Rows beyond 10 are never needed and sum_j |z_i - z_j| follows from sorted sums, so the whole list
// is looked at, in O(10 L + L log L). |x| is taken to have slope 0 at 0.
//
// This loss has no useful quadratic above it (it is not convex and has kinks where scores tie), and
// the authors follow its gradient by vertices -sign(gradient), whose length does not count. So here
// C is chosen at the present scores: the largest pull is 2 w / theta and an item's curvature is w
// times its share of the largest pull. A proximal step, not a majoriser.
#include <array>
#include <map>
#include <vector>

#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

constexpr int cutoff = 10;

// Items of one score are sorted alike.
struct Tie {
    double z = 0, items = 0, labels = 0;
    double above = 0;     // sum_j sgn(z - z_j)
    double distance = 0;  // sum_j |z - z_j|
    std::array<double, cutoff> p{};
    double pushed = 0;  // of all its items: dL / d(-distance)
    double pushed_above = 0;
};

// dL/dl_k for C = 1; zeros when no relevant item is near the top.
std::array<double, cutoff> slopes(const std::array<double, cutoff>& l, int rows) {
    double sum = 0, weighted = 0, c = 0;
    std::array<double, cutoff> cumulated{}, slope{};
    for (int k = 0; k < rows; ++k) {
        c += l[k];
        cumulated[k] = c;
        sum += l[k];
        weighted += l[k] * c / (k + 1);
    }
    if (sum < 1e-9) return slope;
    double later = 0;
    for (int k = rows - 1; k >= 0; --k) {
        later += l[k] / (k + 1);
        slope[k] = (weighted - (cumulated[k] / (k + 1) + later) * sum) / (sum * sum);
    }
    return slope;
}

void sort_softly(std::vector<Tie>& ties, double count, int rows) {
    double below = 0, below_sum = 0, all_sum = 0;
    for (const Tie& tie : ties) all_sum += tie.items * tie.z;
    for (Tie& tie : ties) {
        const double over = count - below - tie.items;
        tie.above = below - over;
        tie.distance = (tie.z * below - below_sum) +
                       ((all_sum - below_sum - tie.items * tie.z) - tie.z * over);
        below += tie.items;
        below_sum += tie.items * tie.z;
    }
    for (int k = 0; k < rows; ++k) {
        const auto logit = [&](const Tie& tie) {
            return (count - 1 - 2 * k) * tie.z - tie.distance;
        };
        double highest = logit(ties.front()), sum = 0;
        for (const Tie& tie : ties) highest = std::max(highest, logit(tie));
        for (Tie& tie : ties) {
            tie.p[k] = portable::exp(logit(tie) - highest);
            sum += tie.items * tie.p[k];
        }
        for (Tie& tie : ties) tie.p[k] /= sum;
    }
}

// dL/dz of every item for C = 1.
std::vector<double> gradient(const Listed& listed, std::span<const std::int32_t> scores,
                             double theta) {
    std::map<std::int32_t, Tie> by_score;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        Tie& tie = by_score[scores[j]];
        tie.z = theta * scores[j];
        ++tie.items;
        tie.labels += static_cast<double>(listed.labels[j]);
    }
    std::vector<Tie> ties;
    for (const auto& [score, tie] : by_score) ties.push_back(tie);
    const auto count = static_cast<double>(scores.size());
    const int rows = static_cast<int>(std::min<std::size_t>(cutoff, scores.size()));
    sort_softly(ties, count, rows);
    std::array<double, cutoff> l{};
    for (int k = 0; k < rows; ++k)
        for (const Tie& tie : ties) l[k] += tie.p[k] * tie.labels;
    const std::array<double, cutoff> slope = slopes(l, rows);

    // u_ki = dL/dlogit_ki = slope_k P_ki (y_i - l_k); the distance enters every row with -1.
    double all = 0, below = 0;
    for (Tie& tie : ties) {
        for (int k = 0; k < rows; ++k)
            tie.pushed += slope[k] * tie.p[k] * (tie.labels - tie.items * l[k]);
        all += tie.pushed;
    }
    for (Tie& tie : ties) {
        tie.pushed_above = below - (all - below - tie.pushed);  // sum_i U_i sgn(z - z_i)
        below += tie.pushed;
    }
    std::vector<double> result(scores.size());
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const auto tie = std::lower_bound(ties.begin(), ties.end(), theta * scores[j],
                                          [](const Tie& t, double z) { return t.z < z; });
        const double label = static_cast<double>(listed.labels[j]);
        double sum = -tie->pushed_above;
        for (int k = 0; k < rows; ++k)
            sum += slope[k] * tie->p[k] * (label - l[k]) * (count - 1 - 2 * k - tie->above);
        result[j] = sum;
    }
    return result;
}

void neuralsort(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
                Response response) {
    if (scores.empty()) return;
    const Scale scale = scale_of(variant);
    const std::vector<double> slope = gradient(listed, scores, scale.theta);
    double largest = 0;
    for (double s : slope) largest = std::max(largest, s < 0 ? -s : s);
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double share = largest > 1e-9 ? -slope[j] / largest : 0;
        put(response, j, 2 * scale.weight / scale.theta * share,
            scale.weight * (share < 0 ? -share : share), variant);
    }
}

}  // namespace

const Objective neuralsort_objective{
    "neuralsort", neuralsort, false, false, true, false, "smoothed average precision at 10"};

}  // namespace fedhash::client
