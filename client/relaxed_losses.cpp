#include "client/relaxed_losses.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

double sigmoid(double x) { return 1 / (1 + portable_exp(-x)); }

// -ln sigma(x), without overflow.
double softplus_of_minus(double x) {
    const double small = x > 0 ? x : -x;
    return (x > 0 ? 0 : -x) + portable_log(1 + portable_exp(-small));
}

double bpr(std::span<const double> scores, double, double alpha, bool, std::span<double> pulls) {
    double loss = 0;
    pulls[0] = 0;
    for (std::size_t j = 1; j < scores.size(); ++j) {
        const double margin = alpha * (scores[0] - scores[j]);
        const double pull = sigmoid(-margin);
        pulls[0] += pull;
        pulls[j] = -pull;
        loss += softplus_of_minus(margin);
    }
    return loss;
}

double logistic(std::span<const double> scores, double label, double alpha, bool,
                std::span<double> pulls) {
    double loss = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double y = j == 0 ? label : 0, x = alpha * scores[j];
        pulls[j] = y - sigmoid(x);
        loss += y * softplus_of_minus(x) + (1 - y) * softplus_of_minus(-x);
    }
    return loss;
}

double square(std::span<const double> scores, double label, double alpha, bool plain,
              std::span<double> pulls) {
    double loss = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double y = j == 0 ? label : 0;
        const double prediction = plain ? scores[j] : 0.5 + alpha * scores[j] / 2;
        pulls[j] = y - prediction;
        loss += (y - prediction) * (y - prediction) * (plain ? 0.5 : 1.0);
    }
    return loss;
}

double softmax(std::span<const double> scores, double, double alpha, bool,
               std::span<double> pulls) {
    const double top = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        pulls[j] = portable_exp(alpha * (scores[j] - top));
        sum += pulls[j];
    }
    for (std::size_t j = 0; j < scores.size(); ++j) pulls[j] = (j == 0 ? 1 : 0) - pulls[j] / sum;
    return portable_log(sum) - alpha * (scores[0] - top);
}

constexpr std::array table{
    RelaxedLoss{"bpr", bpr, true, "pairs: an observed item above a sampled one"},
    RelaxedLoss{"logistic", logistic, false, "cross-entropy of every listed item"},
    RelaxedLoss{"square", square, false, "squared distance from the label"},
    RelaxedLoss{"softmax", softmax, true, "an observed item among its sampled ones"},
};

}  // namespace

std::span<const RelaxedLoss> relaxed_losses() { return table; }

bool is_relaxed_loss(std::string_view name) {
    return std::ranges::find(table, name, [](const RelaxedLoss& l) {
               return std::string_view(l.name);
           }) != table.end();
}

const RelaxedLoss& find_relaxed_loss(std::string_view name) {
    std::string known;
    for (const RelaxedLoss& entry : table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.objective: '" + std::string(name) +
                     "' has no gradient for real-valued learning; known: " + known);
}

}  // namespace fedhash::client
