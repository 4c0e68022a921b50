// `listnet`: cross entropy between two distributions over the list, top-one chances by scores and
// shares by labels (ListNet, Cao et al., ICML 2007). Our reading of the listwise loss of DLCF (Liu
// et al., SDM 2021), whose formula we could not read:
//
//   L = -C sum_i p_i log q_i ,   p_i = y_i / sum y ,   q = softmax(z) ,   z = theta s ,
//   e_i = (C theta / 2) (p_i - q_i) ,   W_i = C theta^2 h / 2 ,   C = 2 w / (theta^2 h) .
//
// The Hessian C theta^2 (diag q - q q') is at most C theta^2 h: h = 1/2 for any scores (Boehning,
// 1992), and h = max q_i over the scores that codes can have, 1 / (1 + (L-1) e^-span), which is
// much less for long lists.
#include <vector>

#include "client/objectives/objectives.hpp"
#include "client/objectives/scale.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

void listnet(const Listed& listed, std::span<const std::int32_t> scores, const Variant& variant,
             Response response) {
    if (scores.empty()) return;
    const Scale scale = scale_of(variant);
    const std::int32_t highest = *std::max_element(scores.begin(), scores.end());
    double labels = 0, sum = 0;
    std::vector<double> q(scores.size());
    for (std::size_t j = 0; j < scores.size(); ++j) {
        labels += static_cast<double>(listed.labels[j]);
        q[j] = portable::exp(scale.theta * (scores[j] - highest));
        sum += q[j];
    }
    const double others = static_cast<double>(scores.size()) - 1;
    const double h = std::min(0.5, 1 / (1 + others * portable::exp(-scale.span)));
    for (std::size_t j = 0; j < scores.size(); ++j) {
        // Without a relevant item, or with one item, there is nothing to say.
        const bool silent = labels == 0 || scores.size() == 1;
        const double p = silent ? 0 : static_cast<double>(listed.labels[j]) / labels;
        const double pull = silent ? 0 : scale.weight / (scale.theta * h) * (p - q[j] / sum);
        put(response, j, pull, silent ? 0 : scale.weight, variant);
    }
}

}  // namespace

const Objective listnet_objective{"listnet", listnet, false, false,
                                  true,      true,    "cross entropy of top-one chances and labels"};

}  // namespace fedhash::client
