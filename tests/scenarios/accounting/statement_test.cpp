#include "scenarios/accounting/statement.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "scenarios/accounting/randomised_response.hpp"
#include "scenarios/accounting/shuffling.hpp"

using namespace fedhash;
using namespace fedhash::scenarios;

namespace {

Variant with_code(const char* kind, double eps) {
    Variant variant;
    variant.bits = 32;
    variant.refit_target = false;
    variant.privacy.code = kind;
    variant.privacy.code_lie_q32 =
        static_cast<std::uint32_t>(std::llround(4294967296.0 / (1 + std::exp(eps))));
    return variant;
}

const PrivacyPart& part(const PrivacyStatement& statement, const std::string& what) {
    for (const PrivacyPart& one : statement.parts)
        if (one.what == what) return one;
    throw std::out_of_range(what);
}

}  // namespace

TEST_CASE("one bit at epsilon 1 is not a code, and a code is not a run") {
    const PrivacyStatement fresh = privacy_statement(with_code("fresh", 1), 6040, 10, 100, false);
    CHECK(fresh.delta == doctest::Approx(std::pow(6040.0, -1.1)));
    const PrivacyPart& bit = part(fresh, "a bit of the code");
    CHECK(bit.report == doctest::Approx(1));
    CHECK(bit.reports == 10);
    CHECK(bit.tightest().epsilon == doctest::Approx(reports_eps(1, 10, fresh.delta)).epsilon(1e-6));
    const PrivacyPart& code = part(fresh, "the code");
    CHECK(code.round == doctest::Approx(32));
    CHECK(code.reports == 320);
    CHECK(code.tightest().name == "exact composition");
    CHECK(code.tightest().epsilon < 320);
    for (const PrivacyBound& bound : code.run) CHECK(bound.epsilon >= code.tightest().epsilon);
    CHECK(std::isinf(fresh.user()));  // the item set is said as it is
    CHECK(part(fresh, "the item set").open == "items are said as they are");
}

TEST_CASE("permanent answers cost two reports a bit, however many rounds there are") {
    const auto code = [](std::uint32_t uploads) {
        return part(privacy_statement(with_code("permanent", 1), 6040, uploads, 100, false),
                    "the code")
            .reports;
    };
    CHECK(code(1) == 32);
    CHECK(code(2) == 64);
    CHECK(code(50) == 64);
}

TEST_CASE("what is said of a set costs its epsilon for every item that a user may have") {
    Variant variant = with_code("permanent", 1);
    variant.privacy.items = "unary";
    variant.privacy.items_lie_q32 = variant.privacy.code_lie_q32;
    const PrivacyStatement statement = privacy_statement(variant, 100, 5, 30, false);
    CHECK(part(statement, "an item").tightest().epsilon == doctest::Approx(1));
    CHECK(part(statement, "the item set").tightest().epsilon == doctest::Approx(30));
    CHECK(statement.user() == doctest::Approx(30 + part(statement, "the code").tightest().epsilon));
}

TEST_CASE("a report by subset selection costs its epsilon, whatever is in the set") {
    Variant variant = with_code("permanent", 1);
    PrivacyVariant& privacy = variant.privacy;
    privacy.items = "subset";
    privacy.items_padded = 100;
    privacy.items_said = 997;  // of 3,706 + 100 at about epsilon 1
    const double s = 997, all = 3806, odds = std::exp(1.0);
    const double p = s * odds / (s * odds + all - s);
    privacy.items_true_q32 = static_cast<std::uint32_t>(4294967296.0 * p);
    privacy.items_lie_q32 = static_cast<std::uint32_t>(4294967296.0 * (s - p) / (all - 1));
    CHECK(epsilon_of_items(privacy) == doctest::Approx(1).epsilon(1e-6));
    const PrivacyStatement statement = privacy_statement(variant, 100, 5, 30, false);
    CHECK(part(statement, "the item set").report == doctest::Approx(1));
    CHECK(part(statement, "the item set").reports == 5);
    CHECK(part(statement, "the item set").tightest().epsilon <= 5.0001);
}

TEST_CASE("of ballots nothing else is told: epsilon of each, over the run, is all of the user's") {
    Variant variant = with_code("permanent", 0.1);
    variant.uplink = "ballots";
    variant.privacy.ballots = 64;
    variant.privacy.ballot_lie_q32 = variant.privacy.code_lie_q32;
    variant.privacy.code = "exact";
    const PrivacyStatement statement = privacy_statement(variant, 6040, 10, 30, false);
    REQUIRE(statement.parts.size() == 2);
    CHECK(part(statement, "a ballot").report == doctest::Approx(0.1));
    CHECK(part(statement, "the upload").reports == 640);
    CHECK(part(statement, "the upload").round == doctest::Approx(6.4));
    CHECK(statement.user() == part(statement, "the upload").tightest().epsilon);
    CHECK(statement.user() < 0.2 * 64);  // 640 reports compose to far less than they add up to
}

TEST_CASE(
    "ballots without names tell less, each by itself, and whole uploads only where they are "
    "small") {
    Variant variant = with_code("exact", 1);
    variant.uplink = "ballots";
    variant.privacy.ballots = 64;
    variant.privacy.ballot_lie_q32 = with_code("permanent", 0.5).privacy.code_lie_q32;
    const double named = privacy_statement(variant, 6040, 10, 30, false).user();
    // 64 ballots in one upload are 32 together, beyond what shuffling is known to help.
    CHECK(privacy_statement(variant, 6040, 10, 30, false, 6040).user() == named);
    variant.privacy.pieces = 64;
    const PrivacyStatement statement = privacy_statement(variant, 6040, 10, 30, false, 6040);
    REQUIRE(statement.parts.size() == 2);
    CHECK(part(statement, "a ballot").tightest().epsilon == doctest::Approx(0.5));
    CHECK(part(statement, "the upload").report == doctest::Approx(0.5));
    CHECK(part(statement, "the upload").reports == 640);
    CHECK(part(statement, "the upload").tightest().name == "shuffled");
    CHECK(statement.user() < named);
    // Half of delta for each report's amplification, half for composing 640 of them.
    const double each = shuffled_epsilon(0.5, 6040, statement.delta / 1280);
    CHECK(statement.user() == doctest::Approx(reports_eps(each, 640, statement.delta / 2)));
    // Fewer to hide among, less hidden.
    CHECK(privacy_statement(variant, 6040, 10, 30, false, 3000).user() > statement.user());
    variant.uplink = "residual";
    CHECK(std::isinf(privacy_statement(variant, 6040, 10, 30, false, 6040).user()));
}

TEST_CASE("nothing is claimed for what is not bounded") {
    Variant variant;
    variant.feedback = "explicit";
    const PrivacyStatement clear = privacy_statement(variant, 100, 5, 30, false);
    for (const char* what : {"the code", "the item set", "the ratings"}) {
        CHECK(std::isinf(part(clear, what).tightest().epsilon));
        CHECK(!part(clear, what).open.empty());
    }
    variant.privacy.decoys = "memoised";
    CHECK(std::isinf(privacy_statement(variant, 100, 5, 30, false).user()));
    const PrivacyStatement masked = privacy_statement(variant, 100, 5, 30, true);
    CHECK(masked.parts.size() == 1);
    CHECK(std::isinf(masked.user()));
}
