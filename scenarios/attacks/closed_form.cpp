// A4 and A7: code and ratings of a user whose uploads are, for each listed item, a row
//     G_ik = e b_k + own d_ik ,
// as residual statistics (own = 0) and LightFR's intermediate gradients are. The server knows d_i,
// so of  v_k = G_ik d_ik = own + e b_k d_ik  it sees the two values own + e and own - e; their mean
// is `own`, the same in all of the user's rows, and the side that a bit is on gives  b d_i  up to
// one sign. From one row with e != 0 the code is thus known but for its sign, and so is the rating
// R = e / W + s,  s = b.d_i, which its twin (-b, -R) negates. One sign is left for the whole user,
// and ratings mostly lie above the middle of their scale. Our derivation.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/similarity.hpp"
#include "common/uplink.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

using Row = std::span<const std::int64_t>;

/// The two values of v in a row; equal where b agrees, or disagrees, with d_i in all bits.
std::pair<std::int64_t, std::int64_t> values_of(Row row, CodeView item) {
    std::int64_t low = row[0] * sign(item, 0), high = low;
    for (std::size_t k = 1; k < row.size(); ++k) {
        low = std::min(low, row[k] * sign(item, k));
        high = std::max(high, row[k] * sign(item, k));
    }
    return {low, high};
}

/// How often d_i is in a user's rows: from one row that shows both values, or, where e = 0 in all,
/// the value itself.
std::int64_t own_of(const Sight& sight, const server::Observation& seen) {
    if (sight.variant.uplink != "gradients") return 0;
    std::int64_t own = 0;
    for (std::size_t j = 0; j < seen.weights.size(); ++j) {
        const auto [low, high] =
            values_of(Row(seen.rows).subspan(j * sight.variant.bits, sight.variant.bits),
                      sight.tables->at(seen.round).row(index(seen.items[j])));
        own = (low + high) / 2;
        if (low != high) break;
    }
    return own;
}

/// One row: a code with its rating in code units, or its twin; nothing where e = 0.
struct Candidate {
    std::vector<std::uint64_t> code;
    double rating = 0;
};

/// `weight`: W in the units of e; `around_score`: e = W (R - s), rather than W R.
std::optional<Candidate> take_apart(Row row, CodeView item, std::int64_t own, double weight,
                                    bool around_score, std::uint32_t bits) {
    const auto x = [&](std::uint32_t k) { return row[k] * sign(item, k) - own; };
    const std::int64_t magnitude = std::abs(x(0));
    if (magnitude == 0) return std::nullopt;
    Candidate candidate{std::vector<std::uint64_t>(words_for(bits)), 0};
    for (std::uint32_t k = 0; k < bits; ++k) {
        if (std::abs(x(k)) != magnitude) return std::nullopt;  // the built-in check
        if (x(k) * sign(item, k) > 0) flip(candidate.code, k);
    }
    const double s = around_score ? dot(candidate.code, item, bits) : 0;
    candidate.rating = static_cast<double>(magnitude) / weight + s;
    return candidate;
}

std::vector<std::uint64_t> opposite(std::span<const std::uint64_t> code, std::uint32_t bits) {
    std::vector<std::uint64_t> twin(code.begin(), code.end());
    for (std::size_t w = 0; w < twin.size(); ++w) twin[w] ^= word_mask(bits, w);
    return twin;
}

Claim claim_of(const Sight& sight, const server::Observation& seen) {
    const std::uint32_t bits = sight.variant.bits;
    Claim claim{.user = seen.user};
    const std::int64_t own = own_of(sight, seen);
    std::vector<std::uint64_t> twin;
    double sum = 0;
    for (std::size_t j = 0; j < seen.weights.size(); ++j) {
        const auto weight = static_cast<double>(own != 0 ? own : seen.weights[j]);
        const auto candidate = take_apart(Row(seen.rows).subspan(j * bits, bits),
                                          sight.tables->at(seen.round).row(index(seen.items[j])),
                                          own, weight, sight.variant.uplink != "statistics", bits);
        if (!candidate) continue;
        if (claim.code.empty()) {
            claim.code = candidate->code;
            twin = opposite(claim.code, bits);
        }
        if (candidate->code != claim.code && candidate->code != twin) continue;
        claim.items.push_back(seen.items[j]);
        claim.ratings.push_back(candidate->code == claim.code ? candidate->rating
                                                              : -candidate->rating);
        sum += claim.ratings.back();
    }
    if (sum < 0) {
        claim.code = twin;
        for (double& rating : claim.ratings) rating = -rating;
    }
    for (double& rating : claim.ratings) rating = (rating + bits) / (2.0 * bits);
    return claim;
}

}  // namespace

bool has_closed_form(const Variant& variant) {
    return find_uplink(variant.uplink).says == std::string_view("code") &&
           variant.similarity == "hamming" && variant.objective == "square" &&
           (variant.uplink == "residual" || variant.uplink == "statistics" ||
            variant.uplink == "gradients");
}

std::vector<Claim> closed_form(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen)
        if (seen.round == sight.round) claims.push_back(claim_of(sight, seen));
    return claims;
}

std::vector<std::uint64_t> code_in(const Sight& sight, const server::Observation& seen) {
    return claim_of(sight, seen).code;
}

// A device that answers anew each round (privacy.code = "fresh") is right in most of them.
std::vector<Claim> code_of_rounds(const Sight& sight) {
    std::map<UserId, std::vector<int>> votes;
    for (const server::Observation& seen : *sight.seen) {
        const std::vector<std::uint64_t> code = code_in(sight, seen);
        std::vector<int>& own = votes[seen.user];
        own.resize(sight.variant.bits);
        for (std::uint32_t k = 0; k < sight.variant.bits && !code.empty(); ++k)
            own[k] += sign(code, k);
    }
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Claim claim{.user = seen.user, .code = code_in(sight, seen)};
        const std::vector<int>& own = votes[seen.user];
        // Of as many rounds for as against, the last one decides.
        for (std::uint32_t k = 0; k < sight.variant.bits && !claim.code.empty(); ++k)
            if (own[k] != 0 && (own[k] > 0) != (sign(claim.code, k) > 0)) flip(claim.code, k);
        claims.push_back(std::move(claim));
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
