#include "client/scoring.hpp"

#include <algorithm>
#include <cmath>

#include "client/ridge.hpp"
#include "client/ridge_learner.hpp"
#include "common/kernels/kernels.hpp"
#include "common/similarity.hpp"

namespace fedhash::client {

namespace {

// A code by the published map of an orthogonal quantiser: the signs of R t.
void rotate(const Plane& rotation, const Learnt& learnt, std::span<std::uint64_t> code) {
    for (std::uint32_t a = 0; a < rotation.rows; ++a) {
        std::int64_t sum = 0;
        for (std::uint32_t b = 0; b < rotation.cols && !learnt.teacher.empty(); ++b)
            sum += std::int64_t{rotation.row(a)[b]} * learnt.teacher[b];
        if (bit(code, a) != (sum > 0)) flip(code, a);
    }
}

void by_code(const UserData& user, const Shared& shared, Learnt learnt, const Variant& variant,
             const Learner& learner, Workspace& work, std::vector<double>& scores) {
    const Codes& items = shared.tables.codes;
    const Plane& rotation = shared.tables.plane(PlaneId::rotation);
    const std::span<std::uint64_t> code(learnt.code.data(), words_for(items.bits));
    if (rotation.empty())
        learner.fit_code(user, shared, learnt, work);
    else
        rotate(rotation, learnt, code);
    scores.resize(items.rows);
    const Plane& bias = shared.tables.plane(PlaneId::bias);
    const Similarity& similarity = find_similarity(variant.similarity);
    const Plane& weights = shared.tables.plane(PlaneId::bit_weights);
    if (weights.empty() && similarity.lift_user == 0) {
        work.scores.resize(items.rows);
        kernels().dots(items.words.data(), items.rows, items.bits, code.data(), work.scores.data());
        std::copy(work.scores.begin(), work.scores.end(), scores.begin());
    } else {
        for (std::size_t i = 0; i < items.rows; ++i)
            scores[i] = score(similarity, code, items.row(i), items.bits, weights.values);
    }
    // Of a scaled code: [s, beta_0, beta_1]; the constant moves all items alike.
    if (!bias.empty() && learnt.vector.size() == 3)
        for (std::size_t i = 0; i < items.rows; ++i)
            scores[i] = learnt.vector[0] * scores[i] + learnt.vector[2] * bias.at(i, 0);
}

std::vector<double> private_vector(const UserData& user, const Shared& shared, const Learnt& learnt,
                                   const Variant& variant, double prior, Workspace& work) {
    const double a0 = variant.scoring_interaction;
    lower_on_codes(user, shared, learnt,
                   {a0, prior, code_ridge(user.train.size(), a0, shared.tables.codes.rows)},
                   !shared.tables.plane(PlaneId::bias).empty(), work);
    return solve_ridge(work);
}

// level = sum over p of 2^p plane_p, so a score is a weighted sum of inner products of codes.
void score_by_planes(std::span<const std::int32_t> levels, std::uint32_t planes, const Codes& items,
                     Workspace& work, std::vector<double>& scores) {
    scores.assign(items.rows, 0);
    work.scores.resize(items.rows);
    const std::int32_t top = (1 << planes) - 1;
    for (std::uint32_t p = 0; p < planes; ++p) {
        std::array<std::uint64_t, max_words> code{};
        for (std::size_t a = 0; a < levels.size(); ++a)
            if ((((levels[a] + top) / 2) >> p) & 1) flip(code, a);
        kernels().dots(items.words.data(), items.rows, items.bits, code.data(), work.scores.data());
        for (std::size_t i = 0; i < items.rows; ++i)
            scores[i] += static_cast<double>(work.scores[i]) * (1 << p);
    }
}

void look_up(std::span<const double> table, const Codes& items, std::vector<double>& scores) {
    const std::size_t bytes = bytes_for(items.bits);
    scores.resize(items.rows);
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
                 const Variant& variant, Workspace& work, std::vector<double>& scores) {
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
    look_up(table, shared.tables.codes, scores);
}

// With groups of one bit the score is linear in the bits: half the difference of the two vectors.
std::vector<double> linear_part(const Shared& shared, std::span<const double> x) {
    const std::vector<double> entries = entry_scores(shared.tables.plane(PlaneId::codebook), x);
    std::vector<double> result(entries.size() / 2);
    for (std::size_t a = 0; a < result.size(); ++a)
        result[a] = (entries[2 * a + 1] - entries[2 * a]) / 2;
    return result;
}

void by_factors(const UserData& user, const Shared& shared, const Learnt& learnt,
                const Variant& variant, Workspace& work, std::vector<double>& scores) {
    const Plane& factors = shared.tables.plane(PlaneId::factors);
    const std::vector<double> x = factor_vector(user, shared, learnt, variant, work);
    scores.resize(factors.rows);
    for (std::size_t i = 0; i < factors.rows; ++i) {
        double sum = 0;
        const std::span<const std::int16_t> y = factors.row(i);
        for (std::size_t a = 0; a < x.size(); ++a) sum += x[a] * y[a];
        scores[i] = sum;
    }
}

}  // namespace

bool score_items(Scoring scoring, const UserData& user, const Shared& shared, const Learnt& learnt,
                 const Variant& variant, const Learner& learner, Workspace& work,
                 std::vector<double>& scores) {
    const Tables& tables = shared.tables;
    const Plane& codebook = tables.plane(PlaneId::codebook);
    if (scoring == Scoring::factors) {
        if (tables.plane(PlaneId::factors).empty() || !codebook.empty()) return false;
        by_factors(user, shared, learnt, variant, work, scores);
        return true;
    }
    if (tables.codes.rows == 0) return false;
    switch (scoring) {
        case Scoring::codes:
            by_code(user, shared, learnt, variant, learner, work, scores);
            break;
        case Scoring::vector:
        case Scoring::newcomer: {
            if (!codebook.empty()) {
                by_codebook(user, shared, learnt, variant, work, scores);
                break;
            }
            const double prior = scoring == Scoring::vector ? variant.scoring_prior : 0;
            const std::vector<double> x =
                private_vector(user, shared, learnt, variant, prior, work);
            const std::uint32_t k = tables.codes.bits;
            score_on_codes(std::span(x).first(k), tables.codes, scores);
            for (std::size_t i = 0; x.size() > k && i < scores.size(); ++i)
                scores[i] += x[k + 1] * tables.plane(PlaneId::bias).at(i, 0);
            break;
        }
        case Scoring::planes: {
            // Only single bits make a linear score.
            if (!codebook.empty() && variant.group_bits != 1) return false;
            std::vector<double> vector =
                codebook.empty()
                    ? private_vector(user, shared, learnt, variant, variant.scoring_prior, work)
                    : linear_part(shared, factor_vector(user, shared, learnt, variant, work));
            vector.resize(tables.codes.bits);  // planes hold bits alone, no bias
            const std::vector<std::int32_t> levels = odd_levels(vector, variant.scoring_bits);
            score_by_planes(levels, variant.scoring_bits, tables.codes, work, scores);
            break;
        }
        case Scoring::factors:
            break;
    }
    return true;
}

void score_on_codes(std::span<const double> vector, const Codes& items,
                    std::vector<double>& scores) {
    const std::size_t bytes = bytes_for(items.bits);
    std::vector<double> table(bytes * 256);
    for (std::size_t byte = 0; byte < bytes; ++byte) {
        for (unsigned pattern = 0; pattern < 256; ++pattern) {
            double sum = 0;
            for (std::size_t b = 0; b < 8 && 8 * byte + b < vector.size(); ++b)
                sum += (pattern >> b) & 1 ? vector[8 * byte + b] : -vector[8 * byte + b];
            table[byte * 256 + pattern] = sum;
        }
    }
    look_up(table, items, scores);
}

std::vector<std::int32_t> odd_levels(std::span<const double> vector, std::uint32_t bits) {
    double square = 0;
    for (double entry : vector) square += entry * entry;
    const double deviation = std::sqrt(square / static_cast<double>(vector.size()));
    const double reach = (bits == 1 ? 1.0 : bits == 2 ? 1.6 : 2.6) * deviation;
    const std::int32_t top = (1 << bits) - 1;
    std::vector<std::int32_t> levels(vector.size());
    for (std::size_t a = 0; a < vector.size(); ++a) {
        const double scaled = reach > 0 ? vector[a] / reach * (top + 1) : 0;
        // The odd level nearest to the scaled entry.
        const auto half = static_cast<std::int32_t>(
            std::floor(std::clamp(scaled, double(-top), double(top)) / 2));
        levels[a] = std::clamp(2 * half + 1, -top, top);
    }
    return levels;
}

}  // namespace fedhash::client
