// `bpr`: logistic loss of every pair's difference, the item with the larger label first (Bayesian
// Personalized Ranking, Rendle et al., UAI 2009, over all pairs of the list instead of drawn ones;
// on ratings it is the pairwise loss of DRMF, Zhang et al., KDD 2018, without its self-paced
// weights and its pairs of equal ratings):
//
//   L = p sum_{y_i > y_j} log(1 + e^-(z_i - z_j)) ,   z = theta s ,   p = 4 w / (theta^2 N) ,
//   e_i = (p theta / 2) sum_j +-sigma(-(winner - loser)) ,   W_i = 2 p theta^2 sum_j lambda(z_i - z_j) ,
//
// N the largest number of partners of an item, lambda Jaakkola's (common/portable.hpp), and
// (a - b)^2 <= 2 a^2 + 2 b^2. Scores are integers: items of one label and score are one cell.
#include <map>
#include <utility>
#include <vector>

#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

struct Cell {
    double items = 0, slope = 0, curvature = 0;  // sums over partners of +-sigma and of lambda
};

void bpr(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
         Response response) {
    std::map<std::pair<float, std::int32_t>, Cell> cells;  // by label, then score
    std::map<float, double> of_label;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        ++cells[{listed.labels[j], scores[j]}].items;
        ++of_label[listed.labels[j]];
    }
    double partners = 0;
    for (const auto& [label, items] : of_label)
        partners = std::max(partners, static_cast<double>(scores.size()) - items);
    const Scale scale = scale_of(variant);
    std::int32_t low = 0, high = 0;
    for (std::int32_t s : scores) low = std::min(low, s), high = std::max(high, s);
    // sigma(-theta x) of every difference x >= 0 that may occur, and lambda.
    std::vector<double> sigma, lambda;
    for (std::int32_t x = 0; partners > 0 && x <= high - low; ++x) {
        sigma.push_back(portable::sigmoid(-scale.theta * x));
        lambda.push_back(portable::softplus_curvature(scale.theta * x));
    }
    for (auto loser = cells.begin(); loser != cells.end(); ++loser)
        for (auto winner = std::next(loser); winner != cells.end(); ++winner) {
            if (winner->first.first == loser->first.first) continue;
            const std::int32_t x = winner->first.second - loser->first.second;
            const auto size = static_cast<std::size_t>(x < 0 ? -x : x);
            const double slope = x < 0 ? 1 - sigma[size] : sigma[size];
            winner->second.slope += loser->second.items * slope;
            loser->second.slope -= winner->second.items * slope;
            winner->second.curvature += loser->second.items * lambda[size];
            loser->second.curvature += winner->second.items * lambda[size];
        }
    for (std::size_t j = 0; j < scores.size(); ++j) {
        response.pulls[j] = response.weights[j] = 0;
        if (partners == 0) continue;
        const Cell& own = cells[{listed.labels[j], scores[j]}];
        put(response, j, 2 * scale.weight / scale.theta * own.slope / partners,
            8 * scale.weight * own.curvature / partners, variant);
    }
}

}  // namespace

const Objective bpr_objective{
    "bpr", bpr, false, false, true, true, "logistic loss of all pairs with different labels"};

}  // namespace fedhash::client
