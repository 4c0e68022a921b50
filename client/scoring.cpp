#include "client/scoring.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>

#include "client/bit_planes.hpp"
#include "client/polar_learner.hpp"
#include "client/relaxed_learner.hpp"
#include "client/ridge.hpp"
#include "client/ridge_learner.hpp"
#include "common/relaxed.hpp"
#include "common/similarity.hpp"

namespace fedhash::client {

namespace {

// A code by the published map of an orthogonal quantiser: the signs of R t, less thresholds where
// the map has one more column than t entries. Zeros where the device has no vector.
void rotate(const Plane& rotation, std::span<const std::int16_t> vector,
            std::span<std::uint64_t> code) {
    for (std::uint32_t a = 0; a < rotation.rows; ++a) {
        const std::span<const std::int16_t> row = rotation.row(a);
        std::int64_t sum = 0;
        for (std::size_t b = 0; b < vector.size() && b < row.size(); ++b)
            sum += std::int64_t{row[b]} * vector[b];
        if (row.size() == vector.size() + 1) sum -= std::int64_t{row.back()} << vector_fraction;
        if (bit(code, a) != (sum > 0)) flip(code, a);
    }
}

using Wanted = std::span<const ItemId>;

// The user's code on the present item codes, into `learnt`.
void fit(const UserData& user, const Shared& shared, Learnt& learnt, const Variant& variant,
         const Learner& learner, Workspace& work) {
    const Plane& rotation = shared.tables.plane(PlaneId::rotation);
    if (rotation.empty())
        learner.fit_code(user, shared, learnt, work);
    else
        rotate(rotation, is_relaxed(variant) ? learnt.vector : learnt.teacher,
               std::span(learnt.code).first(words_for(shared.tables.codes.bits)));
}

// Of a scaled code [s, beta_0, beta_1] the constant moves all items alike; others add the bias.
CodeScore score_of(const Shared& shared, const Learnt& learnt, const Variant& variant) {
    CodeScore score{
        std::span(learnt.code).first(variant.user_bits * words_for(shared.tables.codes.bits))};
    if (shared.tables.plane(PlaneId::bias).empty()) return score;
    const bool scaled = learnt.vector.size() == 3 && variant.learner == "scaled-code";
    score.slope = scaled ? learnt.vector[0] : 1;
    score.bias_weight = scaled ? learnt.vector[2] : 1;
    return score;
}

void by_code(const UserData& user, const Shared& shared, Learnt learnt, const Variant& variant,
             const Learner& learner, Wanted wanted, Workspace& work, std::span<double> scores) {
    fit(user, shared, learnt, variant, learner, work);
    const Codes& items = shared.tables.codes;
    const CodeScore own = score_of(shared, learnt, variant);
    const Similarity& similarity = find_similarity(variant.similarity);
    const Plane& weights = shared.tables.plane(PlaneId::bit_weights);
    if (weights.empty() && similarity.lift_user == 0) {
        gather(items, wanted, work.chosen);
        score_by_planes(own.planes, work.chosen, work, scores);
    } else {
        const CodeView code = own.planes.first(words_for(items.bits));
        for (std::size_t j = 0; j < wanted.size(); ++j)
            scores[j] =
                score(similarity, code, items.row(index(wanted[j])), items.bits, weights.values);
    }
    const Plane& scales = shared.tables.plane(PlaneId::scales);
    if (!scales.empty())
        for (std::size_t j = 0; j < wanted.size(); ++j)
            scores[j] *= scales.values[index(wanted[j])];
    const Plane& bias = shared.tables.plane(PlaneId::bias);
    if (bias.empty()) return;
    for (std::size_t j = 0; j < wanted.size(); ++j)
        scores[j] = own.slope * scores[j] + own.bias_weight * bias.at(index(wanted[j]), 0);
}

// By a ridge solve on the item codes; of a device that learns by gradients, the vector that its
// code is the sign of, fitted to the codes.
std::vector<double> private_vector(const UserData& user, const Shared& shared, Learnt learnt,
                                   const Variant& variant, const Learner& learner, double prior,
                                   Workspace& work) {
    if (is_relaxed(variant) && shared.tables.plane(PlaneId::rotation).empty()) {
        learner.fit_code(user, shared, learnt, work);
        return {learnt.vector.begin(), learnt.vector.end()};
    }
    const double a0 = variant.scoring_interaction;
    lower_on_codes(user, shared, learnt,
                   {a0, prior, code_ridge(user.train.size(), a0, shared.tables.codes.rows)},
                   !shared.tables.plane(PlaneId::bias).empty(), work);
    return solve_ridge(work);
}

void look_up(std::span<const double> table, const Codes& items, std::span<double> scores) {
    const std::size_t bytes = bytes_for(items.bits);
    for (std::size_t i = 0; i < items.rows; ++i) {
        const CodeView code = items.row(i);
        double sum = 0;
        for (std::size_t byte = 0; byte < bytes; ++byte)
            sum += table[byte * 256 + ((code[byte / 8] >> (8 * (byte % 8))) & 0xff)];
        scores[i] = sum;
    }
}

// Boxed codes are told from a teacher's factors by their fraction.
std::vector<double> factor_vector(const UserData& user, const Shared& shared, const Learnt& learnt,
                                  const Variant& variant, Workspace& work) {
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const bool boxed = factors.fraction == box_fraction;
    RidgeTerms terms = teacher_terms(variant, user, shared);
    if (boxed)
        terms = {variant.scoring_interaction, variant.scoring_prior,
                 code_ridge(user.train.size(), variant.scoring_interaction, factors.rows)};
    lower_on_factors(user, shared, learnt, terms, work);
    return solve_ridge(work);
}

// x.C for every vector C of the codebook.
std::vector<double> entry_scores(const Plane& codebook, std::span<const double> x) {
    std::vector<double> result(codebook.rows);
    for (std::uint32_t t = 0; t < codebook.rows; ++t) {
        const std::span<const std::int16_t> entry = codebook.row(t);
        for (std::size_t c = 0; c < x.size(); ++c) result[t] += x[c] * entry[c];
    }
    return result;
}

// An item's score is the sum of what its groups pick: one look-up a byte of its code.
void by_codebook(const UserData& user, const Shared& shared, const Learnt& learnt,
                 const Variant& variant, Wanted wanted, Workspace& work, std::span<double> scores) {
    const std::uint32_t g = variant.group_bits;
    const std::vector<double> entries = entry_scores(
        shared.tables.plane(PlaneId::codebook), factor_vector(user, shared, learnt, variant, work));
    const std::size_t bytes = bytes_for(shared.tables.codes.bits);
    std::vector<double> table(bytes * 256);
    for (std::size_t byte = 0; byte < bytes; ++byte)
        for (unsigned pattern = 0; pattern < 256; ++pattern)
            for (std::uint32_t first = 0; first < 8; first += g) {
                const std::size_t group = (8 * byte + first) / g;
                const std::size_t entry = (group << g) + ((pattern >> first) & ((1u << g) - 1));
                if (entry < entries.size()) table[byte * 256 + pattern] += entries[entry];
            }
    gather(shared.tables.codes, wanted, work.chosen);
    look_up(table, work.chosen, scores);
}

// With groups of one bit the score is linear in the bits: half the difference of the two vectors.
std::vector<double> linear_part(const Shared& shared, std::span<const double> x) {
    const std::vector<double> entries = entry_scores(shared.tables.plane(PlaneId::codebook), x);
    std::vector<double> result(entries.size() / 2);
    for (std::size_t a = 0; a < result.size(); ++a)
        result[a] = (entries[2 * a + 1] - entries[2 * a]) / 2;
    return result;
}

void score_on_rows(std::span<const double> x, const Plane& factors, Wanted wanted,
                   std::span<double> scores) {
    for (std::size_t j = 0; j < wanted.size(); ++j) {
        double sum = 0;
        const std::span<const std::int16_t> y = factors.row(index(wanted[j]));
        for (std::size_t a = 0; a < x.size(); ++a) sum += x[a] * y[a];
        scores[j] = sum;
    }
}

void by_factors(const UserData& user, const Shared& shared, const Learnt& learnt,
                const Variant& variant, Wanted wanted, Workspace& work, std::span<double> scores) {
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const bool teaching = shared.tables.version <= variant.teacher.rounds;
    std::vector<double> x;
    if (variant.learner == "counts")
        x = {1};
    else if (variant.learner == "polar")
        x = whitened_image(user, shared, work);
    else if (is_relaxed(variant) && !teaching)
        x = relaxed_vector(variant, shared, learnt);
    else
        x = factor_vector(user, shared, learnt, variant, work);
    score_on_rows(x, factors, wanted, scores);
}

// The nearest by code of what the user has not observed, all of them that tie with the last, in the
// order of the real vector; everything else below, by code. `scores` come in by code.
void rerank(const UserData& user, const Variant& variant, std::span<const double> by_vector,
            std::span<double> scores) {
    std::vector<double> unseen;
    auto seen = user.train.begin();
    for (std::uint32_t i = 0; i < scores.size(); ++i) {
        if (seen != user.train.end() && index(seen->item) == i)
            ++seen;
        else
            unseen.push_back(scores[i]);
    }
    if (unseen.empty()) return;
    const std::size_t last = std::min<std::size_t>(variant.rerank, unseen.size()) - 1;
    std::ranges::nth_element(unseen, unseen.begin() + std::ptrdiff_t(last), std::greater<>());
    const double worst = unseen[last];
    const double top = *std::ranges::max_element(scores) + 1;
    const double least = *std::ranges::min_element(by_vector);
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (scores[i] >= worst) scores[i] = top + (by_vector[i] - least);
}

void add_bias(double weight, const Tables& tables, Wanted wanted, std::span<double> scores) {
    const Plane& bias = tables.plane(PlaneId::bias);
    for (std::size_t j = 0; j < wanted.size(); ++j)
        scores[j] += weight * bias.at(index(wanted[j]), 0);
}

// x on [d_i], or on [d_i, 1, bias_i]: the constant moves all items alike.
void by_vector(const std::vector<double>& x, const Tables& tables, Wanted wanted, Workspace& work,
               std::span<double> scores) {
    const std::uint32_t k = tables.codes.bits;
    gather(tables.codes, wanted, work.chosen);
    score_on_codes(std::span(x).first(k), work.chosen, scores);
    if (x.size() > k) add_bias(x.back(), tables, wanted, scores);
}

}  // namespace

bool can_score(Scoring scoring, const Shared& shared, const Variant& variant) {
    const Tables& tables = shared.tables;
    const bool codebook = !tables.plane(PlaneId::codebook).empty();
    if (scoring == Scoring::factors) return !tables.plane(PlaneId::factors).empty() && !codebook;
    if (tables.codes.rows == 0) return false;
    // Only single bits make a linear score.
    return scoring != Scoring::planes || !codebook || variant.group_bits == 1;
}

void score_items(Scoring scoring, const UserData& user, const Shared& shared, const Learnt& learnt,
                 const Variant& variant, const Learner& learner, std::span<const ItemId> wanted,
                 Workspace& work, std::span<double> scores) {
    assert(wanted.size() == scores.size());
    const Tables& tables = shared.tables;
    const Plane& codebook = tables.plane(PlaneId::codebook);
    switch (scoring) {
        case Scoring::codes:
            by_code(user, shared, learnt, variant, learner, wanted, work, scores);
            break;
        case Scoring::vector:
        case Scoring::newcomer: {
            if (!codebook.empty()) {
                by_codebook(user, shared, learnt, variant, wanted, work, scores);
                break;
            }
            const double prior = scoring == Scoring::vector ? variant.scoring_prior : 0;
            const std::vector<double> x =
                private_vector(user, shared, learnt, variant, learner, prior, work);
            by_vector(x, tables, wanted, work, scores);
            break;
        }
        case Scoring::planes: {
            const std::vector<double> vector =
                codebook.empty()
                    ? private_vector(user, shared, learnt, variant, learner, variant.scoring_prior,
                                     work)
                    : linear_part(shared, factor_vector(user, shared, learnt, variant, work));
            const std::span<const double> entries = std::span(vector).first(tables.codes.bits);
            gather(tables.codes, wanted, work.chosen);
            score_by_planes(
                planes_of(odd_levels(entries, variant.scoring_bits), variant.scoring_bits),
                work.chosen, work, scores);
            if (vector.size() == entries.size()) break;
            const double step = level_step(entries, variant.scoring_bits);
            add_bias(step > 0 ? vector.back() / step : 0, tables, wanted, scores);
            break;
        }
        case Scoring::rerank: {  // an order of all items, of which some are wanted
            std::vector<ItemId> all(tables.codes.rows);
            for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = ItemId{i};
            std::vector<double> real(all.size()), reranked(all.size());
            by_vector(
                private_vector(user, shared, learnt, variant, learner, variant.scoring_prior, work),
                tables, all, work, real);
            by_code(user, shared, learnt, variant, learner, all, work, reranked);
            rerank(user, variant, real, reranked);
            for (std::size_t j = 0; j < wanted.size(); ++j) scores[j] = reranked[index(wanted[j])];
            break;
        }
        case Scoring::factors:
            by_factors(user, shared, learnt, variant, wanted, work, scores);
            break;
    }
}

bool counts_decide(const Shared& shared, const Variant& variant) {
    const Tables& tables = shared.tables;
    return tables.codes.rows > 0 && tables.plane(PlaneId::bit_weights).empty() &&
           tables.plane(PlaneId::scales).empty() &&
           find_similarity(variant.similarity).lift_user == 0;
}

CodeScore code_score(const UserData& user, const Shared& shared, Learnt& learnt,
                     const Variant& variant, const Learner& learner, Workspace& work) {
    fit(user, shared, learnt, variant, learner, work);
    return score_of(shared, learnt, variant);
}

// An entry of the table is the sum over a byte's bits from the lowest, so that it is made of one
// with a bit less.
void score_on_codes(std::span<const double> vector, const Codes& items, std::span<double> scores) {
    const std::size_t bytes = bytes_for(items.bits);
    std::array<double, 256 * max_bits / 8> table;
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        double* sums = table.data() + byte * 256;
        sums[0] = 0;
        for (std::size_t b = 0; b < 8 && 8 * byte + b < items.bits; ++b) {
            const double entry = vector[8 * byte + b];
            const std::size_t half = std::size_t{1} << b;
            for (std::size_t pattern = 0; pattern < half; ++pattern) {
                sums[half + pattern] = sums[pattern] + entry;
                sums[pattern] -= entry;
            }
        }
    }
    look_up(table, items, scores);
}

}  // namespace fedhash::client
