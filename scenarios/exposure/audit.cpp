#include "scenarios/exposure/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "scenarios/accounting/randomised_response.hpp"
#include "scenarios/accounting/statement.hpp"

namespace fedhash::scenarios {

namespace {

/// P(X >= successes), X binomial.
double at_least(std::uint64_t successes, std::uint64_t trials, double p) {
    if (successes == 0) return 1;
    const boost::math::binomial_distribution<> binomial(static_cast<double>(trials), p);
    return boost::math::cdf(boost::math::complement(binomial, static_cast<double>(successes) - 1));
}

AuditTest bits_test(const Exposure& figure, const Variant& variant, double epsilon,
                    std::uint32_t reports) {
    AuditTest test{figure.attack, {}, keep_probability(epsilon * reports), 0, 0, 1, false};
    test.claim = fmt::format("a bit said {} at epsilon {:.3g}: {:.4f} right at most",
                             reports == 1 ? "once" : fmt::format("{} times", reports), epsilon,
                             test.ceiling);
    test.trials = figure.trials * variant.bits;
    test.successes =
        static_cast<std::uint64_t>(std::llround(figure.value * static_cast<double>(test.trials)));
    return test;
}

}  // namespace

std::vector<AuditTest> audit(const Variant& variant, std::uint32_t rounds,
                             const std::vector<Exposure>& figures) {
    const PrivacyVariant& privacy = variant.privacy;
    std::vector<AuditTest> tests;
    const double of_bit = privacy.code == "exact" ? 0 : epsilon_of_lie(privacy.code_lie_q32);
    for (const Exposure& figure : figures) {
        const std::string tested = std::string("bits right") +
                                   (privacy.code == "permanent" && rounds > 1 ? first_upload : "");
        if (privacy.code != "exact" && figure.figure == tested)
            tests.push_back(
                bits_test(figure, variant, of_bit, figure.attack == "A4r" ? rounds : 1));
        if (figure.attack == "A9" && privacy.items != "exact" && privacy.code != "exact") {
            const std::uint32_t reports = privacy.code == "fresh" ? rounds : std::min(2u, rounds);
            const double epsilon =
                epsilon_of_items(privacy) * (privacy.items == "subset" ? rounds : 1) +
                of_bit * variant.bits * reports;
            AuditTest test{figure.attack,
                           {},
                           std::min(1.0, figure.chance * std::exp(epsilon)),
                           0,
                           figure.trials,
                           1,
                           false};
            test.claim = fmt::format(
                "an item and what codes tell of it at epsilon {:.3g}: {:.4f} "
                "found at most",
                epsilon, test.ceiling);
            test.successes = static_cast<std::uint64_t>(
                std::llround(figure.value * static_cast<double>(figure.trials)));
            tests.push_back(std::move(test));
        }
    }
    for (AuditTest& test : tests) {
        test.likelihood =
            test.ceiling >= 1 ? 1 : at_least(test.successes, test.trials, test.ceiling);
        test.violated = test.likelihood < audit_level / static_cast<double>(tests.size());
    }
    return tests;
}

std::string audit_text(const std::vector<AuditTest>& tests) {
    std::string failed;
    for (const AuditTest& test : tests)
        if (test.violated)
            failed += fmt::format(
                "{}{} found {} of {} ({}); so many or more come with probability "
                "{:.1e}",
                failed.empty() ? "" : "; ", test.attack, test.successes, test.trials, test.claim,
                test.likelihood);
    if (!failed.empty()) return "The audit FAILED: " + failed + ".";
    if (tests.empty()) return "";
    std::string passed;
    for (const AuditTest& test : tests)
        passed += fmt::format("{}{}, {}, and {:.4f} were", passed.empty() ? "" : "; ", test.attack,
                              test.claim,
                              static_cast<double>(test.successes) /
                                  static_cast<double>(std::max<std::uint64_t>(1, test.trials)));
    return "Audit passed, exact one-sided tests, 1e-4 for all together: " + passed + ".";
}

}  // namespace fedhash::scenarios
