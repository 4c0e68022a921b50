// `auc`: squared distance of a pair's margin from what it should be, over all pairs of one list
// with different labels (Discrete Personalized Ranking, Zhang et al., AAAI 2017, whose margin is
// 2k; here it is the difference of the two goals, so a target of 2 gives theirs):
//
//   L = p sum_{i<j, y_i != y_j} ( (t_i - t_j) - (s_i - s_j) )^2 ,    p = w / (2 N) ,
//   e_i = p sum_{j: y_j != y_i} (t_i - s_i) - (t_j - s_j) ,          W_i = 2 p N_i ,
//
// N_i the number of partners of item i and N the largest of them. (a - b)^2 <= 2 a^2 + 2 b^2 takes
// the pairs apart. Sums over classes of equal labels make it one pass, in integers.
#include <map>

#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"

namespace fedhash::client {

namespace {

struct Class {
    std::int64_t items = 0, residual = 0;  // sum of t - s, in 1/16
};

void auc(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
         Response response) {
    std::map<float, Class> classes;
    const auto residual = [&](std::size_t j) {
        return listed.goals[j] - unit * std::int64_t{scores[j]};
    };
    std::int64_t all = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        Class& own = classes[listed.labels[j]];
        ++own.items;
        own.residual += residual(j);
        all += residual(j);
    }
    const auto count = static_cast<std::int64_t>(scores.size());
    std::int64_t partners = 0;
    for (const auto& [label, own] : classes) partners = std::max(partners, count - own.items);
    for (std::size_t j = 0; j < scores.size(); ++j) {
        response.pulls[j] = response.weights[j] = 0;
        if (partners == 0) continue;
        const Class& own = classes[listed.labels[j]];
        const std::int64_t others = count - own.items;
        const std::int64_t sum = others * residual(j) - (all - own.residual);
        const auto scale = static_cast<double>(variant.weight) / static_cast<double>(partners);
        put(response, j, scale / 2 * static_cast<double>(sum) / static_cast<double>(unit),
            scale * static_cast<double>(others), variant);
    }
}

}  // namespace

const Objective auc_objective{
    "auc", auc, false, false, true, true, "squared margin over all pairs with different labels"};

}  // namespace fedhash::client
