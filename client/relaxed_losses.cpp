#include "client/relaxed_losses.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/portable.hpp"

namespace fedhash::client {

namespace {

double sigmoid(double x) { return 1 / (1 + portable::exp(-x)); }

// -ln sigma(x), without overflow.
double softplus_of_minus(double x) {
    const double small = x > 0 ? x : -x;
    return (x > 0 ? 0 : -x) + portable::log(1 + portable::exp(-small));
}

void pull_bpr(std::span<const double> scores, double, double alpha, bool, std::span<double> pulls) {
    pulls[0] = 0;
    for (std::size_t j = 1; j < scores.size(); ++j) {
        const double pull = sigmoid(-alpha * (scores[0] - scores[j]));
        pulls[0] += pull;
        pulls[j] = -pull;
    }
}

double bpr(std::span<const double> scores, double, double alpha, bool) {
    double loss = 0;
    for (std::size_t j = 1; j < scores.size(); ++j)
        loss += softplus_of_minus(alpha * (scores[0] - scores[j]));
    return loss;
}

void pull_logistic(std::span<const double> scores, double label, double alpha, bool,
                   std::span<double> pulls) {
    for (std::size_t j = 0; j < scores.size(); ++j)
        pulls[j] = (j == 0 ? label : 0) - sigmoid(alpha * scores[j]);
}

double logistic(std::span<const double> scores, double label, double alpha, bool) {
    double loss = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double y = j == 0 ? label : 0, x = alpha * scores[j];
        loss += y * softplus_of_minus(x) + (1 - y) * softplus_of_minus(-x);
    }
    return loss;
}

double prediction(double score, double alpha, bool plain) {
    return plain ? score : 0.5 + alpha * score / 2;
}

void pull_square(std::span<const double> scores, double label, double alpha, bool plain,
                 std::span<double> pulls) {
    for (std::size_t j = 0; j < scores.size(); ++j)
        pulls[j] = (j == 0 ? label : 0) - prediction(scores[j], alpha, plain);
}

double square(std::span<const double> scores, double label, double alpha, bool plain) {
    double loss = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double off = (j == 0 ? label : 0) - prediction(scores[j], alpha, plain);
        loss += off * off * (plain ? 0.5 : 1.0);
    }
    return loss;
}

void pull_softmax(std::span<const double> scores, double, double alpha, bool,
                  std::span<double> pulls) {
    const double top = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        pulls[j] = portable::exp(alpha * (scores[j] - top));
        sum += pulls[j];
    }
    for (std::size_t j = 0; j < scores.size(); ++j) pulls[j] = (j == 0 ? 1 : 0) - pulls[j] / sum;
}

double softmax(std::span<const double> scores, double, double alpha, bool) {
    const double top = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double score : scores) sum += portable::exp(alpha * (score - top));
    return portable::log(sum) - alpha * (scores[0] - top);
}

constexpr std::array loss_table{
    RelaxedLoss{"bpr", pull_bpr, bpr, true, "pairs: an observed item above a sampled one"},
    RelaxedLoss{"logistic", pull_logistic, logistic, false, "cross-entropy of every listed item"},
    RelaxedLoss{"square", pull_square, square, false, "squared distance from the label"},
    RelaxedLoss{"softmax", pull_softmax, softmax, true, "an observed item among its sampled ones"},
};

}  // namespace

std::span<const RelaxedLoss> relaxed_losses() { return loss_table; }

bool is_relaxed_loss(std::string_view name) {
    return std::ranges::find(loss_table, name, [](const RelaxedLoss& l) {
               return std::string_view(l.name);
           }) != loss_table.end();
}

const RelaxedLoss& find_relaxed_loss(std::string_view name) {
    std::string known;
    for (const RelaxedLoss& entry : loss_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.objective: '" + std::string(name) +
                     "' has no gradient for real-valued learning; known: " + known);
}

}  // namespace fedhash::client
