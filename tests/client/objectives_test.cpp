// Every objective against its contract (client/objective.hpp): the pull is minus half the slope of
// the loss, the quadratic lies above it. The losses here are the obvious loops over real scores.
#include "client/objective.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "client/code_learner.hpp"
#include "common/errors.hpp"
#include "common/random.hpp"
#include "common/similarity.hpp"

using namespace fedhash;
using namespace fedhash::client;

namespace {

using Scores = std::vector<double>;
using Loss = std::function<double(const Listed&, const Scores&, const Variant&)>;

double theta(const Variant& v) { return v.sharpness_q16 / 65536.0 / v.bits; }
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

double square(const Listed& l, const Scores& s, const Variant& v) {
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i)
        sum += v.weight * std::pow(l.goals[i] / 16.0 - s[i], 2);
    return sum;
}

double linear(const Listed& l, const Scores& s, const Variant&) {
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i) sum -= 2 * l.goals[i] / 16.0 * s[i];
    return sum;
}

double logistic(const Listed& l, const Scores& s, const Variant& v) {
    double sum = 0;
    for (std::size_t i = 0; i < s.size(); ++i)
        sum += softplus(theta(v) * s[i]) - double(l.labels[i]) * theta(v) * s[i];
    return 8 * v.weight / (theta(v) * theta(v)) * sum;
}

double most_partners(const Listed& l) {
    std::ptrdiff_t most = 0;
    for (float label : l.labels)
        most = std::max(most, std::ptrdiff_t(l.labels.size()) -
                                  std::count(l.labels.begin(), l.labels.end(), label));
    return double(most);
}

double pairs(const Listed& l, std::size_t count,
             const std::function<double(std::size_t, std::size_t)>& loss) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < count; ++j)
            if (l.labels[i] > l.labels[j]) sum += loss(i, j);
    return sum;
}

double auc(const Listed& l, const Scores& s, const Variant& v) {
    if (most_partners(l) == 0) return 0;
    return v.weight / (2 * most_partners(l)) *
           pairs(l, s.size(), [&](std::size_t i, std::size_t j) {
               return std::pow((l.goals[i] - l.goals[j]) / 16.0 - (s[i] - s[j]), 2);
           });
}

double bpr(const Listed& l, const Scores& s, const Variant& v) {
    if (most_partners(l) == 0) return 0;
    return 4 * v.weight / (theta(v) * theta(v) * most_partners(l)) *
           pairs(l, s.size(),
                 [&](std::size_t i, std::size_t j) { return softplus(-theta(v) * (s[i] - s[j])); });
}

double listnet(const Listed& l, const Scores& s, const Variant& v) {
    double labels = 0, sum = 0, cross = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        labels += double(l.labels[i]);
        sum += std::exp(theta(v) * s[i]);
    }
    if (labels == 0 || s.size() == 1) return 0;
    for (std::size_t i = 0; i < s.size(); ++i)
        cross -= double(l.labels[i]) / labels * (theta(v) * s[i] - std::log(sum));
    const double span = 2 * v.sharpness_q16 / 65536.0;
    const double h = std::min(0.5, 1 / (1 + double(s.size() - 1) * std::exp(-span)));
    return 2 * v.weight / (theta(v) * theta(v) * h) * cross;
}

// With C = 1.
double neuralsort(const Listed& l, const Scores& s, const Variant& v) {
    const auto count = static_cast<int>(s.size());
    double cumulated = 0, weighted = 0;
    for (int k = 1; k <= std::min(10, count); ++k) {
        Scores logits;
        for (double own : s) {
            double distance = 0;
            for (double other : s) distance += std::abs(theta(v) * (own - other));
            logits.push_back((count + 1 - 2 * k) * theta(v) * own - distance);
        }
        const double highest = *std::max_element(logits.begin(), logits.end());
        double sum = 0, relevant = 0;
        for (int i = 0; i < count; ++i) {
            sum += std::exp(logits[i] - highest);
            relevant += double(l.labels[i]) * std::exp(logits[i] - highest);
        }
        cumulated += relevant / sum;
        weighted += relevant / sum * cumulated / k;
    }
    return cumulated > 0 ? -weighted / cumulated : 0;
}

double mixed(const Listed& l, const Scores& s, const Variant& v) {
    return square(l, s, v) + 0.5 * bpr(l, s, v) + 0.25 * listnet(l, s, v);
}

struct Case {
    const char* name;
    Loss loss;
};
const std::vector<Case> cases{
    {"square", square}, {"linear", linear},   {"logistic", logistic},     {"auc", auc},
    {"bpr", bpr},       {"listnet", listnet}, {"neuralsort", neuralsort}, {"mix", mixed}};

Variant variant_for(Stream& random) {
    Variant v;
    v.bits = std::vector<std::uint32_t>{8, 63, 64, 65, 256}[random() % 5];
    v.weight = 1 + std::uint32_t(random() % 9);
    v.sharpness_q16 = 65536 / 2 * std::uint32_t(1 + random() % 12);
    v.mix = parse_mix("square:1, bpr:0.5, listnet:0.25");
    return v;
}

struct Drawn {
    Listed listed;
    std::vector<std::int32_t> scores;
};

// Labels: ratings in quarters, binary, or all alike; scores often tie.
Drawn draw(Stream& random, const Variant& v) {
    Drawn drawn;
    const std::size_t count = 1 + random() % 30;
    const auto kind = random() % 4;
    const auto reach = std::int64_t(1 + random() % v.bits);
    for (std::size_t i = 0; i < count; ++i) {
        const float label = kind == 0   ? float(random() % 5) / 4
                            : kind == 1 ? float(random() % 2)
                            : kind == 2 ? 1.0f
                                        : float(random() % 6 == 0);
        drawn.listed.add(ItemId{std::uint32_t(i)}, std::int32_t(random() % (v.bits * 16)), label);
        const auto s = std::int64_t(random() % std::uint64_t(2 * reach + 1)) - reach;
        drawn.scores.push_back(std::int32_t(s));
    }
    return drawn;
}

struct Answer {
    std::vector<std::int32_t> pulls, weights;
};

Answer respond(const Case& piece, const Drawn& drawn, const Variant& v) {
    const std::size_t count = drawn.scores.size();
    // What was there before must not matter.
    Answer answer{std::vector<std::int32_t>(count, 77), std::vector<std::int32_t>(count, 77)};
    find_objective(piece.name)
        .respond(drawn.listed, drawn.scores, v, {answer.pulls, answer.weights});
    return answer;
}

}  // namespace

TEST_CASE("every objective that learns is tested here") {
    for (const Objective& objective : objectives()) {
        if (objective.respond == nullptr) continue;
        CAPTURE(std::string(objective.name));
        CHECK(std::any_of(cases.begin(), cases.end(), [&](const Case& piece) {
            return std::string(piece.name) == objective.name;
        }));
    }
}

TEST_CASE("a pull is minus half the slope of the loss") {
    for (const Case& piece : cases)
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            CAPTURE(std::string(piece.name));
            CAPTURE(seed);
            Stream random = stream(seed, Purpose::generator);
            const Variant v = variant_for(random);
            const Drawn drawn = draw(random, v);
            const Answer answer = respond(piece, drawn, v);
            Scores s(drawn.scores.begin(), drawn.scores.end());
            std::vector<double> slopes;
            for (double& own : s) {
                const double at = own, h = 1e-4;
                own = at + h;
                const double above = piece.loss(drawn.listed, s, v);
                own = at - h;
                slopes.push_back((above - piece.loss(drawn.listed, s, v)) / (2 * h));
                own = at;
            }
            double unit_of_loss = 1;
            if (!find_objective(piece.name).majorises) {
                // Its unit is such that the largest pull is 2 w / theta.
                double largest = 0;
                for (double slope : slopes) largest = std::max(largest, std::abs(slope));
                if (largest < 1e-5 * theta(v)) continue;
                unit_of_loss = 4 * v.weight / theta(v) / largest;
            }
            const double most = double(max_pull(v)) / 16;
            for (std::size_t i = 0; i < slopes.size(); ++i) {
                const double pull = std::clamp(-unit_of_loss * slopes[i] / 2, -most, most);
                CAPTURE(i);
                // Rounded to 1/16; of a mix, every part and then the sum.
                REQUIRE(std::abs(answer.pulls[i] / 16.0 - pull) <= 0.1 + 1e-3 * std::abs(pull));
            }
        }
}

TEST_CASE("the quadratic lies above the loss wherever codes can score") {
    for (const Case& piece : cases) {
        if (!find_objective(piece.name).majorises) continue;
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            CAPTURE(std::string(piece.name));
            CAPTURE(seed);
            Stream random = stream(seed, Purpose::generator);
            const Variant v = variant_for(random);
            const Drawn drawn = draw(random, v);
            const Answer answer = respond(piece, drawn, v);
            const Scores s0(drawn.scores.begin(), drawn.scores.end());
            const double before = piece.loss(drawn.listed, s0, v);
            for (int trial = 0; trial < 20; ++trial) {
                Scores s = s0;
                double bound = before, moved = 0;
                for (std::size_t i = 0; i < s.size(); ++i) {
                    if (trial % 3 == 0 && random() % 4 != 0) continue;
                    s[i] = double(random() % (2 * v.bits + 1)) - v.bits;
                    const double step = s[i] - s0[i];
                    bound += step * (answer.weights[i] / 16.0 * step - answer.pulls[i] / 8.0);
                    moved += std::abs(step);
                }
                CAPTURE(trial);
                // Pulls are rounded to 1/16 (of a mix, three times).
                REQUIRE(bound + 0.2 * moved + 1e-9 * std::abs(before) >=
                        piece.loss(drawn.listed, s, v));
            }
        }
    }
}

TEST_CASE("no pair bends more than the weight, and pulls fit the wire") {
    for (const Case& piece : cases)
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            CAPTURE(std::string(piece.name));
            CAPTURE(seed);
            Stream random = stream(seed, Purpose::generator);
            const Variant v = variant_for(random);
            const Drawn drawn = draw(random, v);
            const Answer answer = respond(piece, drawn, v);
            const int parts = std::string(piece.name) == "mix" ? 2 : 1;
            for (std::size_t i = 0; i < answer.pulls.size(); ++i) {
                REQUIRE(answer.weights[i] >= 0);
                REQUIRE(answer.weights[i] <= parts * 16 * std::int32_t(v.weight));
                REQUIRE(std::abs(answer.pulls[i]) <= max_pull(v));
            }
        }
}

TEST_CASE("objectives that rank say nothing where there is nothing to rank") {
    Variant v;
    v.sharpness_q16 = 4 << 16;
    Drawn alike, one, bare;
    for (std::uint32_t i = 0; i < 5; ++i) {
        alike.listed.add(ItemId{i}, 100, 1);
        alike.scores.push_back(3);
        bare.listed.add(ItemId{i}, 0, 0);
        bare.scores.push_back(std::int32_t(i));
    }
    one.listed.add(ItemId{7}, 100, 1);
    one.scores.push_back(-5);
    for (const Case& piece : cases) {
        if (!find_objective(piece.name).ranks) continue;
        CAPTURE(std::string(piece.name));
        for (const Drawn* drawn : {&alike, &one, &bare})
            for (std::int32_t pull : respond(piece, *drawn, v).pulls) CHECK(pull == 0);
        CHECK(respond(piece, {}, v).pulls.empty());
    }
}

TEST_CASE("ranking losses pull relevant items up and the others down where all scores tie") {
    Variant v;
    v.sharpness_q16 = 4 << 16;
    Drawn drawn;
    for (std::uint32_t i = 0; i < 40; ++i) {
        drawn.listed.add(ItemId{i}, i % 5 == 0 ? 400 : 0, i % 5 == 0 ? 1.0f : 0.0f);
        drawn.scores.push_back(2);
    }
    for (const Case& piece : cases) {
        if (!find_objective(piece.name).ranks) continue;
        CAPTURE(std::string(piece.name));
        const Answer answer = respond(piece, drawn, v);
        for (std::size_t i = 0; i < 40; ++i) CHECK((answer.pulls[i] > 0) == (i % 5 == 0));
    }
}

TEST_CASE("a mix is read once, and refused when it makes no sense") {
    const std::vector<MixShare> shares = parse_mix(" square : 1 ,bpr:0.5");
    REQUIRE(shares.size() == 2);
    CHECK(shares[0] == MixShare{"square", 256});
    CHECK(shares[1] == MixShare{"bpr", 128});
    for (const char* wrong :
         {"", " ", "square", "square:", "square:x", "square:0", "square:-1", "square:1x",
          "square:1,,bpr:1", "nothing:1", "mix:1", "none:1", "square:1,square:1", "square:5",
          "square:2,bpr:2,auc:1", "square:nan"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(parse_mix(wrong), UsageError);
    }
    CHECK_NOTHROW(check_mix(shares));
    CHECK_THROWS_AS(check_mix(std::vector<MixShare>{{"mix", 256}}), UsageError);
    CHECK_THROWS_AS(check_mix(std::vector<MixShare>{{"none", 256}}), UsageError);
    CHECK_THROWS_AS(check_mix(std::vector<MixShare>{{"square", 4'000'000'000u}}), UsageError);
}

TEST_CASE("pulls of the square loss stay within their bound at the extremes of codes and goals") {
    struct Case {
        const char* similarity;
        std::uint32_t bit_weight_bits;
    };
    for (const Case& test :
         {Case{"hamming", 0}, Case{"projected", 0}, Case{"weighted", 3}, Case{"weighted", 6}})
        for (std::uint32_t bits : {8u, 256u}) {
            Variant variant;
            variant.bits = bits;
            variant.weight = 1000;
            variant.similarity = test.similarity;
            variant.bit_weight_bits = test.bit_weight_bits;
            const Similarity& similarity = find_similarity(test.similarity);
            std::vector<std::int16_t> weights;
            if (similarity.bit_weights)
                weights.assign(bits, static_cast<std::int16_t>(most_bit_weight(variant)));
            // Scores lie between those of codes that are all alike; goals between those of the
            // worst and the best rating, and the largest target.
            Codes codes(bits, 2);
            for (std::uint32_t a = 0; a < bits; ++a) flip(codes.row(1), a);
            UserData user;
            user.train = {{ItemId{0}, 0.0f}, {ItemId{1}, 1.0f}};
            Listed listed;
            find_feedback("explicit").list(user, 2, variant, 0, Stream(1), listed);
            listed.goals.push_back(static_cast<std::int32_t>(max_target(variant)));
            std::int64_t largest = 0;
            for (std::size_t b = 0; b < 2; ++b)
                for (std::size_t d = 0; d < 2; ++d)
                    for (std::int32_t goal : listed.goals) {
                        Listed one;
                        one.add(ItemId{0}, goal, 1);
                        const std::vector<std::int32_t> scores{
                            score(similarity, codes.row(b), codes.row(d), bits, weights)};
                        std::vector<std::int32_t> pull(1), weight(1);
                        find_objective("square").respond(one, scores, variant, {pull, weight});
                        largest = std::max<std::int64_t>(largest, std::abs(std::int64_t{pull[0]}));
                        CHECK(weight[0] == 16 * 1000);
                    }
            CAPTURE(std::string(test.similarity));
            CAPTURE(bits);
            CHECK(largest <= max_pull(variant));
            CHECK(3 * largest >= max_pull(variant));  // and it is not far too wide
            variant.target_q16 = 4 << 16;             // the largest setting there is
            CHECK(initial_target(variant, 1) <= max_target(variant));
            CHECK(initial_target(variant, 1) >= max_target(variant) - 16);
        }
}
