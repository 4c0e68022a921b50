// A8: attributes of users, from what is known of others: a linear classifier (logistic regression,
// one class against the rest, L2) on the set of uploaded rows, or on the bits of the code that A4
// takes from an upload.
#include <algorithm>
#include <cmath>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

constexpr int descent_steps = 100;
constexpr double ridge = 1e-3;

/// A user by the features that it has, all of one size, and together of length 1.
struct Example {
    UserId user{};
    std::vector<std::uint32_t> features;
    double size() const { return 1 / std::sqrt(1.0 + static_cast<double>(features.size())); }
};

/// Weights of one class, the last one that of every user, by gradient descent with momentum
/// (Nesterov): the loss has curvature 1/4 + ridge at most.
class Classifier {
  public:
    explicit Classifier(std::size_t features) : weights_(features + 1) {}

    double score(const Example& example) const { return product(weights_, example); }

    void train(const std::vector<const Example*>& examples, const std::vector<bool>& labels) {
        std::vector<double> before = weights_, ahead = weights_, slope(weights_.size());
        for (int step = 0; step < descent_steps; ++step) {
            std::ranges::fill(slope, 0);
            for (std::size_t j = 0; j < examples.size(); ++j) {
                const Example& example = *examples[j];
                const double likely = 1 / (1 + std::exp(-product(ahead, example)));
                const double pull = (likely - (labels[j] ? 1 : 0)) * example.size() /
                                    static_cast<double>(examples.size());
                for (const std::uint32_t f : example.features) slope[f] += pull;
                slope.back() += pull;
            }
            const double momentum = step / (step + 3.0);
            for (std::size_t f = 0; f < slope.size(); ++f) {
                const double now = ahead[f] - (slope[f] + ridge * ahead[f]) / (0.25 + ridge);
                ahead[f] = now + momentum * (now - before[f]);
                before[f] = now;
            }
        }
        weights_ = before;
    }

  private:
    static double product(const std::vector<double>& weights, const Example& example) {
        double sum = weights.back();
        for (const std::uint32_t f : example.features) sum += weights[f];
        return sum * example.size();
    }

    std::vector<double> weights_;
};

std::vector<Claim> classify(const Trait& trait, const std::vector<Example>& examples,
                            std::size_t features) {
    std::vector<const Example*> known;
    std::vector<Claim> claims;
    std::vector<const Example*> wanted;
    for (const Example& example : examples) {
        if (trait.known[index(example.user)] >= 0) {
            known.push_back(&example);
        } else {
            wanted.push_back(&example);
            claims.push_back({.user = example.user});
        }
    }
    // Of two classes one classifier says it all.
    const std::size_t classes = trait.names.size();
    for (std::size_t c = classes == 2 ? 1 : 0; c < classes; ++c) {
        std::vector<bool> labels;
        for (const Example* example : known)
            labels.push_back(trait.known[index(example->user)] == static_cast<int>(c));
        Classifier classifier(features);
        if (!known.empty()) classifier.train(known, labels);
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            const double score = classifier.score(*wanted[j]);
            if (classes == 2) claims[j].classes.push_back(-score);
            claims[j].classes.push_back(score);
        }
    }
    return claims;
}

}  // namespace

std::vector<Claim> trait_of_rows(const Sight& sight) {
    std::vector<Example> examples;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Example example{seen.user, {}};
        for (const ItemId item : seen.items)
            example.features.push_back(static_cast<std::uint32_t>(index(item)));
        examples.push_back(std::move(example));
    }
    return classify(*sight.trait, examples, sight.items);
}

std::vector<Claim> trait_of_code(const Sight& sight) {
    std::vector<Example> examples;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Example example{seen.user, {}};
        const std::vector<std::uint64_t> code = code_in(sight, seen);
        for (std::uint32_t k = 0; k < sight.variant.bits && !code.empty(); ++k)
            if (sign(code, k) > 0) example.features.push_back(k);
        examples.push_back(std::move(example));
    }
    return classify(*sight.trait, examples, sight.variant.bits);
}

}  // namespace fedhash::scenarios::attacks
