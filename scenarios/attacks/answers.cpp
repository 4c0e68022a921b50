// A4b, A9r, A9n: one randomised answer each, read by who knows all else. What epsilon allows is
// allowed to these, and hardly to more: the audit tests claims by them.
#include <algorithm>
#include <map>

#include "common/noise.hpp"
#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

std::map<UserId, const server::Observation*> uploads_of_round(const Sight& sight) {
    std::map<UserId, const server::Observation*> uploads;
    for (const server::Observation& seen : *sight.seen)
        if (seen.round == sight.round) uploads[seen.user] = &seen;
    return uploads;
}

}  // namespace

// A ballot on an item that the user is known to have is its vote, or a lie.
std::vector<Claim> ballots_said(const Sight& sight) {
    const std::map<UserId, const server::Observation*> uploads = uploads_of_round(sight);
    std::vector<Claim> claims;
    for (const Hint& set : sight.sets) {
        const auto upload = uploads.find(set.user);
        if (upload == uploads.end()) continue;
        const server::Observation& seen = *upload->second;
        const std::size_t bits = sight.variant.bits;
        Claim claim{.user = set.user};
        for (std::size_t j = 0; j < seen.items.size(); ++j) {
            if (!std::ranges::binary_search(set.items, seen.items[j])) continue;
            for (std::uint32_t b = 0; b < bits; ++b) {
                const std::int64_t vote = seen.rows[j * bits + b];
                // Of two on the same bit the sum says more, or nothing.
                if (vote == 1 || vote == -1) claim.bits.emplace_back(b, vote > 0);
            }
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

std::vector<Claim> row_of_two(const Sight& sight) {
    const std::map<UserId, const server::Observation*> uploads = uploads_of_round(sight);
    std::vector<Claim> claims;
    for (const auto& [user, item] : sight.asked) {
        Claim claim{.user = user, .items = {item}, .belief = {}};
        if (const auto upload = uploads.find(user); upload != uploads.end())
            claim.belief.push_back(std::ranges::binary_search(upload->second->items, item) ? 1 : 0);
        claims.push_back(std::move(claim));
    }
    return claims;
}

// log P(what is left | it took part) / P(what is left | it did not), of Gaussian noise.
std::vector<Claim> taking_part(const Sight& sight) {
    const auto parts = noise_of(sight.variant);
    const auto users = static_cast<double>(sight.sum->users.size());
    std::vector<Claim> claims;
    for (const Candidate& candidate : sight.candidates) {
        double evidence = 0;
        const auto weigh = [&](NoisePart part, const std::vector<std::int64_t>& upload,
                               const std::vector<std::int64_t>& left) {
            const double variance =
                users * static_cast<double>(parts[static_cast<std::size_t>(part)].variance);
            for (std::size_t c = 0; c < upload.size(); ++c) {
                const auto x = static_cast<double>(upload[c]), y = static_cast<double>(left[c]);
                evidence += x * (y - x / 2) / variance;
            }
        };
        weigh(NoisePart::rows, candidate.rows, candidate.rows_left);
        weigh(NoisePart::counts, candidate.counts, candidate.counts_left);
        weigh(NoisePart::weights, candidate.weights, candidate.weights_left);
        claims.push_back({.user = candidate.user, .belief = {evidence}});
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
