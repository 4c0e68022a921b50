#include "common/scoring.hpp"

#include <array>

#include "common/relaxed.hpp"

namespace fedhash {

std::string_view name(Scoring scoring) {
    static constexpr std::array<std::string_view, max_scorings> names{
        "codes", "vector", "planes", "newcomer", "factors", "rerank"};
    return names[static_cast<std::size_t>(scoring)];
}

bool makes_codes(const Variant& variant) {
    if (variant.learner == "counts") return false;
    const bool real = variant.learner == "teacher" || variant.learner == "real";
    return !real || variant.quantiser != "none";
}

std::vector<Scoring> scorings(const Variant& variant, bool asymmetric) {
    std::vector<Scoring> result;
    const bool codes = makes_codes(variant);
    if (codes) result.push_back(Scoring::codes);
    if (codes && asymmetric) {
        result.push_back(Scoring::vector);
        if (variant.rerank > 0) result.push_back(Scoring::rerank);
        if (variant.scoring_bits > 0) result.push_back(Scoring::planes);
        if (variant.scoring_prior > 0) result.push_back(Scoring::newcomer);
    }
    const bool codes_throughout = publishes_codes(variant);
    if (!codes || variant.teacher.rounds > 0 || !codes_throughout)
        result.push_back(Scoring::factors);
    return result;
}

}  // namespace fedhash
