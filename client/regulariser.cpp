#include "client/regulariser.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "client/ridge.hpp"
#include "common/errors.hpp"

namespace fedhash::client {

namespace {

void none(const Variant&, const UserData&, const Shared&, const Learnt&, Workspace&) {}

// lambda (sum_a x_a)^2: as many +1 as -1 within the code.
void balance(const Variant& variant, const UserData&, const Shared&, const Learnt&,
             Workspace& work) {
    for (std::int32_t& entry : work.A) entry += static_cast<std::int32_t>(variant.balance_units);
}

// -2 strength x_u.b with x_u = W (b_u - mean), the present code whitened over all users: Discrete
// Collaborative Filtering's pull to balanced and uncorrelated bits (Zhang et al., SIGIR 2016). The
// server needs sums alone for W and mean (server/whitening.hpp), and x_u stays on the device.
void decorrelate(const Variant& variant, const UserData&, const Shared& shared,
                 const Learnt& learnt, Workspace& work) {
    const Plane& whitening = shared.tables.plane(PlaneId::whitening);
    if (whitening.empty()) return;
    const std::uint32_t k = variant.bits;
    const std::int64_t one = std::int64_t{1} << whitening.fraction;
    for (std::uint32_t a = 0; a < k; ++a) {
        std::int64_t x = 0;
        for (std::uint32_t b = 0; b < k; ++b)
            x += whitening.row(a)[b] * (one * sign(learnt.code, b) - whitening.row(b)[k]);
        // Whitened entries are some units; the bound keeps a hostile plane from overflowing.
        x = std::clamp(x >> whitening.fraction, -64 * one, 64 * one);
        work.c[a] += (x * variant.strength_units + one / 2) >> whitening.fraction;
    }
}

// -2 strength p_u.b, p_u the user's own ridge vector on the item codes, scaled to unit mean square:
// the real vector that SDMF (Luo et al., IEEE IS 2020) keeps beside the code, solved for anew.
void anchor(const Variant& variant, const UserData& user, const Shared& shared,
            const Learnt& learnt, Workspace& work) {
    const double a0 = variant.scoring_interaction;
    lower_on_codes(user, shared, learnt,
                   {a0, 0, code_ridge(user.train.size(), a0, shared.tables.codes.rows)}, false,
                   work);
    const std::vector<double> p = solve_ridge(work);
    double square = 0;
    for (double entry : p) square += entry * entry;
    if (square == 0) return;
    const double scale = variant.strength_units / std::sqrt(square / variant.bits);
    for (std::size_t a = 0; a < p.size(); ++a)
        work.c[a] += static_cast<std::int64_t>(std::floor(scale * p[a] + 0.5));
}

constexpr std::array regulariser_table{
    Regulariser{"none", none, false, "scores alone"},
    Regulariser{"balance", balance, false, "as many +1 as -1 within a code, weight `balance`"},
    Regulariser{"decorrelate", decorrelate, true,
                "bits balanced and uncorrelated over users (and items), weight `strength`"},
    Regulariser{"anchor", anchor, false,
                "close to the device's own real vector, weight `strength`"},
};

}  // namespace

std::span<const Regulariser> regularisers() { return regulariser_table; }

const Regulariser& find_regulariser(std::string_view name) {
    std::string known;
    for (const Regulariser& entry : regulariser_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.regulariser: unknown regulariser '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash::client
