#include "scenarios/accounting/statement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/noise.hpp"
#include "scenarios/accounting/randomised_response.hpp"
#include "scenarios/accounting/rdp.hpp"
#include "scenarios/accounting/shuffling.hpp"

namespace fedhash::scenarios {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

std::vector<PrivacyBound> bounds(double eps, std::uint64_t reports, double delta) {
    const double count = static_cast<double>(reports);
    std::vector<double> rdp;
    const std::vector<double> orders = usual_orders();
    for (const double order : orders)
        rdp.push_back(count * response_rdp(2 / (1 + std::exp(eps)), 2, order));
    return {{"adding up", count * eps},
            {"exact composition", reports_eps(eps, reports, delta)},
            {"zCDP", eps_of_rho(reports_rho(eps, reports), delta)},
            {"RDP", eps_of_rdp(orders, rdp, delta).eps}};
}

void add_code(const Variant& v, std::uint32_t uploads, PrivacyStatement& statement) {
    const PrivacyVariant& p = v.privacy;
    if (p.code == "exact") {
        statement.parts.push_back({.what = "the code", .open = "it follows from what is uploaded"});
        return;
    }
    const double eps = epsilon_of_lie(p.code_lie_q32);
    // Once for each value that the bit has had.
    const std::uint64_t reports = p.code == "fresh" ? uploads : std::min(uploads, 2u);
    statement.parts.push_back({.what = "a bit of the code",
                               .report = eps,
                               .round = eps,
                               .reports = reports,
                               .run = bounds(eps, reports, statement.delta)});
    statement.parts.push_back({.what = "the code",
                               .report = eps,
                               .round = eps * v.bits,
                               .reports = reports * v.bits,
                               .run = bounds(eps, reports * v.bits, statement.delta)});
}

void add_ballots(const Variant& v, std::uint32_t uploads, PrivacyStatement& statement) {
    const double eps = epsilon_of_lie(v.privacy.ballot_lie_q32);
    const std::uint64_t ballots = v.privacy.ballots;
    statement.parts.push_back({.what = "a ballot",
                               .report = eps,
                               .round = eps,
                               .reports = 1,
                               .run = {{"adding up", eps}}});
    statement.parts.push_back({.what = "the upload",
                               .report = eps,
                               .round = eps * static_cast<double>(ballots),
                               .reports = uploads * ballots,
                               .run = bounds(eps, uploads * ballots, statement.delta)});
}

/// Of one round. Sums of discrete Gaussians are nearly one themselves (Kairouz, Liu, Steinke,
/// theorem 1): each part is  1/2 (D^2 / (n variance) + tau d / 2)  zCDP.
double rho_of_noise(const Variant& v) {
    constexpr double most_cells = 1e9;  // d
    constexpr double pi_squared = 9.8696044010893586;
    const double users = v.privacy.noise_users;
    double rho = 0;
    for (const PartNoise& part : noise_of(v)) {
        const double variance = static_cast<double>(part.variance);
        double tau = 0;
        for (double k = 1; k < users; ++k)
            tau += 10 * std::exp(-2 * pi_squared * variance * k / (k + 1));
        rho += 0.5 * (part.bound * part.bound / (users * variance) + tau * most_cells / 2);
    }
    return rho;
}

void add_noisy_sums(const Variant& v, std::uint32_t uploads, PrivacyStatement& statement) {
    const double rho = rho_of_noise(v), all = uploads * rho;
    const std::vector<double> orders = usual_orders();
    std::vector<double> rdp;
    for (const double order : orders) rdp.push_back(order * all);  // as of any rho-zCDP mechanism
    const double round = eps_of_rho(rho, statement.delta);
    statement.parts.push_back({.what = "the sums",
                               .report = round,
                               .round = round,
                               .reports = uploads,
                               .run = {{"zCDP", eps_of_rho(all, statement.delta)},
                                       {"RDP", eps_of_rdp(orders, rdp, statement.delta).eps}}});
}

void add_items(const Variant& v, std::uint32_t uploads, std::uint32_t most_items,
               PrivacyStatement& statement) {
    const PrivacyVariant& p = v.privacy;
    if (p.items == "exact") {
        statement.parts.push_back(
            {.what = "the item set",
             .open = p.decoys == "none"
                         ? "items are said as they are"
                         : "decoys are no randomised response: who knows the others knows a row"});
        return;
    }
    const double eps = epsilon_of_items(p);
    if (p.items == "subset") {
        // Whatever else is in a set, a report tells no more of it than of one item.
        statement.parts.push_back({.what = "the item set",
                                   .report = eps,
                                   .round = eps,
                                   .reports = uploads,
                                   .run = bounds(eps, uploads, statement.delta)});
        return;
    }
    statement.parts.push_back({.what = "an item",
                               .report = eps,
                               .round = eps,
                               .reports = 1,
                               .run = {{"adding up", eps}}});
    statement.parts.push_back({.what = "the item set",
                               .report = eps,
                               .round = eps * most_items,
                               .reports = most_items,
                               .run = {{"adding up", eps * most_items}}});
}

/// The same against who sees shuffled pieces: one part for all that is said, where every report is
/// drawn anew and all that is said is bounded. Half of delta is for what a shuffler adds to each
/// report, half for composing them.
void shuffle_parts(const Variant& v, std::uint32_t uploads, std::uint32_t senders,
                   PrivacyStatement& statement) {
    if (v.privacy.code == "permanent" || v.privacy.items == "unary") return;
    double round = 0, adding_up = 0;
    for (const PrivacyPart& part : statement.parts) {
        if (!part.what.starts_with("the ")) continue;
        if (!std::isfinite(part.tightest().epsilon)) return;
        round += part.round;
        adding_up += part.tightest().epsilon;
    }
    const std::uint64_t reports = std::uint64_t{uploads} * v.privacy.pieces;
    const double report = round / v.privacy.pieces;
    const double delta_each = statement.delta / (2 * static_cast<double>(reports));
    if (report > most_shuffled_epsilon(senders, delta_each)) return;
    const double central = shuffled_epsilon(report, senders, delta_each);
    std::erase_if(statement.parts,
                  [](const PrivacyPart& part) { return part.what.starts_with("the "); });
    statement.parts.push_back(
        {.what = "the upload",
         .report = report,
         .round = round,
         .reports = reports,
         .run = {{"without a shuffler", adding_up},
                 {"shuffled", reports_eps(central, reports, statement.delta / 2)}}});
}

}  // namespace

const PrivacyBound& PrivacyPart::tightest() const {
    static const PrivacyBound none{"none", unbounded};
    const auto least = std::ranges::min_element(run, {}, &PrivacyBound::epsilon);
    return least == run.end() ? none : *least;
}

double PrivacyStatement::user() const {
    double sum = 0;
    for (const PrivacyPart& part : parts)
        if (part.what.starts_with("the ")) sum += part.tightest().epsilon;
    return sum;
}

double epsilon_of_items(const PrivacyVariant& privacy) {
    // p = 1/2 against q: an item says log((1/2) / q) when it is there, and log((1 - q) / (1/2))
    // when it is not; together log((1 - q) / q).
    if (privacy.items == "unary") return epsilon_of_lie(privacy.items_lie_q32);
    // Of D values s are said, the true one with p:  p / C(D - 1, s - 1)  against
    // (1 - p) / C(D - 1, s) , and  q = (s - p) / (D - 1) .
    const double p = privacy.items_true_q32 / 4294967296.0,
                 q = privacy.items_lie_q32 / 4294967296.0, s = privacy.items_said;
    return std::log(p / (1 - p) * (1 + (s - p) / q - s) / s);
}

double usual_delta(std::uint32_t users) { return std::pow(users, -1.1); }

PrivacyStatement privacy_statement(const Variant& variant, std::uint32_t users,
                                   std::uint32_t uploads, std::uint32_t most_items, bool masked,
                                   std::uint32_t senders) {
    PrivacyStatement statement{usual_delta(users), uploads, {}};
    if (masked && variant.privacy.noise_q8 > 0) {
        add_noisy_sums(variant, uploads, statement);
        return statement;
    }
    if (masked) {
        statement.parts.push_back({.what = "the sum",
                                   .open = "masks hide who said what; what sums tell is not "
                                           "bounded without noise"});
        return statement;
    }
    if (variant.uplink == "ballots") {
        add_ballots(variant, uploads, statement);
        if (senders > 0) shuffle_parts(variant, uploads, senders, statement);
        return statement;
    }
    add_code(variant, uploads, statement);
    add_items(variant, uploads, most_items, statement);
    if (variant.feedback == "explicit" || variant.feedback == "liked" ||
        variant.feedback == "shown")
        statement.parts.push_back(
            {.what = "the ratings", .open = "residuals are said as they are"});
    else if (variant.refit_target || variant.exponent_q16 != 0)
        statement.parts.push_back(
            {.what = "the target", .open = "it tells about how many items there are"});
    if (senders > 0) shuffle_parts(variant, uploads, senders, statement);
    return statement;
}

}  // namespace fedhash::scenarios
