#include "scenarios/accounting/statement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/accounting/randomised_response.hpp"
#include "scenarios/accounting/rdp.hpp"

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

void add_items(const Variant& v, std::uint32_t most_items, PrivacyStatement& statement) {
    const PrivacyVariant& p = v.privacy;
    if (p.items == "exact") {
        statement.parts.push_back(
            {.what = "the item set",
             .open = p.decoys == "none"
                         ? "items are said as they are"
                         : "decoys are no randomised response: who knows the others knows a row"});
        return;
    }
    // p = 1/2 against q: an item says log((1/2) / q) when it is there, and log((1 - q) / (1/2))
    // when it is not; together log((1 - q) / q).
    const double eps = epsilon_of_lie(p.items_lie_q32);
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

double usual_delta(std::uint32_t users) { return std::pow(users, -1.1); }

PrivacyStatement privacy_statement(const Variant& variant, std::uint32_t users,
                                   std::uint32_t uploads, std::uint32_t most_items, bool masked) {
    PrivacyStatement statement{usual_delta(users), uploads, {}};
    if (masked) {
        statement.parts.push_back({.what = "the sum",
                                   .open = "masks hide who said what; what sums tell is not "
                                           "bounded without noise"});
        return statement;
    }
    add_code(variant, uploads, statement);
    add_items(variant, most_items, statement);
    if (variant.feedback == "explicit" || variant.feedback == "liked")
        statement.parts.push_back(
            {.what = "the ratings", .open = "residuals are said as they are"});
    else if (variant.refit_target || variant.exponent_q16 != 0)
        statement.parts.push_back(
            {.what = "the target", .open = "it tells about how many items there are"});
    return statement;
}

}  // namespace fedhash::scenarios
