// `logistic`: cross entropy of every listed item's label y in [0, 1] (DCMF's and DRMF's choice for
// pointwise and pairwise losses):
//
//   L = C sum_i log(1 + e^z_i) - y_i z_i ,   z = theta s ,   C = 8 w / theta^2
//   e_i = (4 w / theta) (y_i - sigma(z_i)) ,   W_i = 8 w lambda(z_i)
//
// with Jaakkola's adaptive curvature lambda <= 1/8 (common/portable.hpp). A fixed curvature 1/8
// would serve as well and moves more slowly where scores are large.
#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

void logistic(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
              Response response) {
    const Scale scale = scale_of(variant);
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double z = scale.theta * scores[j], label = static_cast<double>(listed.labels[j]);
        put(response, j, 4 * scale.weight / scale.theta * (label - portable::sigmoid(z)),
            8 * scale.weight * portable::softplus_curvature(z), variant);
    }
}

}  // namespace

const Objective logistic_objective{
    "logistic", logistic, false, false, false, true, "cross entropy of each item's label"};

}  // namespace fedhash::client
