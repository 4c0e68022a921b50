#include "scenarios/exposure/score_answers.hpp"

#include <algorithm>
#include <cmath>

namespace fedhash::scenarios {

// Of pairs that were asked about, members and others by turns.
std::vector<Exposure> score_membership(const std::vector<attacks::Claim>& claims) {
    constexpr double allowed = 0.01;
    std::vector<std::pair<double, bool>> answers;
    for (std::size_t j = 0; j < claims.size(); ++j)
        answers.emplace_back(claims[j].belief.at(0), j % 2 == 0);
    std::ranges::sort(answers, std::greater{}, &std::pair<double, bool>::first);
    const double members = std::ceil(static_cast<double>(answers.size()) / 2),
                 others = static_cast<double>(answers.size()) - members;
    // Among equals as many are accused as the allowed share of false alarms has room for.
    double found = 0, false_alarms = 0;
    bool full = false;
    for (std::size_t from = 0; from < answers.size();) {
        std::size_t to = from;
        double member = 0, other = 0;
        for (; to < answers.size() && answers[to].first == answers[from].first; ++to)
            (answers[to].second ? member : other) += 1;
        const double room = allowed * others - false_alarms;
        const double share = full ? 0 : other <= room ? 1 : room / other;
        full = full || share < 1;
        found += share * member;
        false_alarms += share * other;
        from = to;
    }
    return {share_of("found at 1 % false alarms", static_cast<std::size_t>(found),
                     static_cast<std::size_t>(members), allowed)};
}

// Of two items each, the first of which the user has: which one a row tells, where it tells one.
std::vector<Exposure> score_pairs(const std::vector<attacks::Claim>& claims) {
    std::size_t right = 0, told = 0;
    for (std::size_t j = 0; j + 1 < claims.size(); j += 2) {
        if (claims[j].belief.empty() || claims[j].belief == claims[j + 1].belief) continue;
        ++told;
        right += claims[j].belief > claims[j + 1].belief ? 1 : 0;
    }
    Exposure figure = share_of("the user's one of two items, where rows differ", right, told, 0.5);
    figure.of = "pairs";
    return {figure};
}

std::vector<Exposure> score_bits(const std::vector<attacks::Claim>& claims, const Truth& truth) {
    std::size_t right = 0, said = 0;
    for (const attacks::Claim& claim : claims) {
        const auto& code = truth.codes[index(claim.user)];
        if (code.empty()) continue;
        for (const auto& [bit, is_plus] : claim.bits) {
            ++said;
            right += (sign(code, bit) > 0) == is_plus ? 1 : 0;
        }
    }
    Exposure figure = share_of("bits right, of ballots", right, said, 0.5);
    figure.of = "ballots";
    return {figure};
}

std::vector<Exposure> score_presence(const std::vector<attacks::Claim>& claims,
                                     const Truth& truth) {
    std::size_t right = 0;
    for (std::size_t j = 0; j < claims.size(); ++j)
        right += (claims[j].belief.at(0) > 0) == truth.present[j] ? 1 : 0;
    return {share_of("right whether a user took part", right, claims.size(), 0.5)};
}

}  // namespace fedhash::scenarios
