// A5 and A6: what signs alone tell. A row's signs are +-b_u nearly everywhere, so b_u up to its
// sign is the leading eigenvector of  sum_i g_i g_i'  over the user's rows, g = sgn(G); and  g_i.v
// separates rows whose residual is positive, observed items, from those where it is negative,
// items that the device drew. Which side is which shows in the numbers: observed ones are fewer.
#include <algorithm>
#include <cmath>

#include "scenarios/attacks/attack.hpp"

namespace fedhash::scenarios::attacks {

namespace {

constexpr int steps = 30;  // of power iteration

/// Signs of the rows of one upload, row-major.
std::vector<double> signs_of(const server::Observation& seen) {
    std::vector<double> signs(seen.rows.size());
    for (std::size_t a = 0; a < signs.size(); ++a)
        signs[a] = seen.rows[a] > 0 ? 1 : seen.rows[a] < 0 ? -1 : 0;
    return signs;
}

std::vector<double> products(const std::vector<double>& rows, const std::vector<double>& v) {
    std::vector<double> out(rows.size() / v.size());
    for (std::size_t j = 0; j < out.size(); ++j)
        for (std::size_t a = 0; a < v.size(); ++a) out[j] += rows[j * v.size() + a] * v[a];
    return out;
}

std::vector<double> leading(const std::vector<double>& rows, std::uint32_t width) {
    std::vector<double> v(rows.begin(), rows.begin() + width);  // the first row: never orthogonal
    for (int step = 0; step < steps; ++step) {
        const std::vector<double> scores = products(rows, v);
        std::vector<double> next(width);
        for (std::size_t j = 0; j < scores.size(); ++j)
            for (std::size_t a = 0; a < width; ++a) next[a] += rows[j * width + a] * scores[j];
        double norm = 0;
        for (const double entry : next) norm += entry * entry;
        if (norm == 0) break;
        for (std::size_t a = 0; a < width; ++a) v[a] = next[a] / std::sqrt(norm);
    }
    return v;
}

}  // namespace

std::vector<Claim> spectral(const Sight& sight) {
    const std::uint32_t bits = sight.variant.bits;
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Claim claim{.user = seen.user};
        if (!seen.items.empty()) {
            const std::vector<double> v = leading(signs_of(seen), bits);
            claim.code.resize(words_for(bits));
            for (std::uint32_t k = 0; k < bits; ++k)
                if (v[k] > 0) flip(claim.code, k);
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

std::vector<Claim> spectral_labels(const Sight& sight) {
    std::vector<Claim> claims;
    for (const server::Observation& seen : *sight.seen) {
        if (seen.round != sight.round) continue;
        Claim claim{.user = seen.user, .items = seen.items};
        if (!seen.items.empty()) {
            const std::vector<double> signs = signs_of(seen);
            claim.belief = products(signs, leading(signs, sight.variant.bits));
            const auto positive =
                std::ranges::count_if(claim.belief, [](double score) { return score > 0; });
            if (2 * positive > std::ssize(claim.belief))
                for (double& score : claim.belief) score = -score;
        }
        claims.push_back(std::move(claim));
    }
    return claims;
}

}  // namespace fedhash::scenarios::attacks
