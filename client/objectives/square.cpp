// `square`: sum over listed items of w (t_i - s_i)^2. `linear`: sum of -2 t_i s_i, which with the
// interaction term is the same loss without the extra weight of observed pairs
// ("implicit-uniform").
#include "client/objectives/objectives.hpp"

namespace fedhash::client {

namespace {

void square(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
            Response response) {
    const auto w = static_cast<std::int32_t>(variant.weight);
    for (std::size_t j = 0; j < listed.items.size(); ++j) {
        response.pulls[j] = w * (listed.goals[j] - static_cast<std::int32_t>(unit) * scores[j]);
        response.weights[j] = static_cast<std::int32_t>(unit) * w;
    }
}

void linear(const Listed& listed, std::span<const std::int32_t>, const Variant&,
            Response response) {
    for (std::size_t j = 0; j < listed.items.size(); ++j) {
        response.pulls[j] = listed.goals[j];
        response.weights[j] = 0;
    }
}

}  // namespace

const Objective square_objective{"square", square, true, false,
                                 false,    true,   "squared distance of a score from its goal"};
const Objective linear_objective{"linear", linear, true, true,
                                 false,    true,   "goals pull, the interaction term alone bends"};

}  // namespace fedhash::client
