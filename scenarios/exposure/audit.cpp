#include "scenarios/exposure/audit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "common/exchange.hpp"
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

AuditTest test_of(const Exposure& figure, std::size_t trials, double ceiling, std::string claim) {
    return {figure.attack,
            std::move(claim),
            ceiling,
            static_cast<std::uint64_t>(std::llround(figure.value * static_cast<double>(trials))),
            trials,
            1,
            false};
}

struct Audited {
    const Variant& variant;
    std::uint32_t users, rounds;
    double of_bit;  // epsilon of one report of a bit, 0 where codes are said as they are

    bool masked() const { return find_exchange(variant.exchange).masked; }
    bool says_items() const { return variant.privacy.items != "exact" && !masked(); }
    bool says_code() const { return variant.privacy.code != "exact" && !masked(); }
    double of_ballot() const { return epsilon_of_lie(variant.privacy.ballot_lie_q32); }
    bool noisy_sums() const { return variant.privacy.noise_q8 > 0; }
    /// Of one round's sums.
    double of_sums() const {
        return privacy_statement(variant, users, 1, 0, true).parts.front().tightest().epsilon;
    }
};

void test_code(const Audited& run, const Exposure& figure, std::vector<AuditTest>& tests) {
    const bool moves = run.variant.privacy.code == "permanent" && run.rounds > 1;
    const std::string tested = std::string("bits right") + (moves ? first_upload : "");
    if (!run.says_code() || figure.figure != tested) return;
    const std::uint32_t reports = figure.attack == "A4r" ? run.rounds : 1;
    const double ceiling = keep_probability(run.of_bit * reports);
    tests.push_back(test_of(figure, figure.trials * run.variant.bits, ceiling,
                            fmt::format("a bit said {} at epsilon {:.3g}: {:.4f} right at most",
                                        reports == 1 ? "once" : fmt::format("{} times", reports),
                                        run.of_bit, ceiling)));
}

void test_membership(const Audited& run, const Exposure& figure, std::vector<AuditTest>& tests) {
    if (!run.says_items() || !run.says_code()) return;
    const PrivacyVariant& privacy = run.variant.privacy;
    const std::uint32_t reports = privacy.code == "fresh" ? run.rounds : std::min(2u, run.rounds);
    const double epsilon =
        epsilon_of_items(privacy) * (privacy.items == "subset" ? run.rounds : 1) +
        run.of_bit * run.variant.bits * reports;
    const double ceiling = std::min(1.0, figure.chance * std::exp(epsilon));
    tests.push_back(test_of(
        figure, figure.trials, ceiling,
        fmt::format("an item and what codes tell of it at epsilon {:.3g}: {:.4f} found at most",
                    epsilon, ceiling)));
}

void test_figure(const Audited& run, const Exposure& figure, std::vector<AuditTest>& tests) {
    if (!figure.refused.empty() || figure.trials == 0) return;
    test_code(run, figure, tests);
    if (figure.attack == "A9") test_membership(run, figure, tests);
    const auto test_answer = [&](const char* what, double epsilon, double delta) {
        const double odds = std::exp(epsilon), ceiling = (odds + delta) / (1 + odds);
        tests.push_back(test_of(
            figure, figure.trials, ceiling,
            fmt::format("{} at epsilon {:.3g}: {:.4f} right at most", what, epsilon, ceiling)));
    };
    if (figure.attack == "A4b") test_answer("a ballot", run.of_ballot(), 0);
    if (figure.attack == "A9r" && run.says_items())
        test_answer("a report on items", epsilon_of_items(run.variant.privacy), 0);
    if (figure.attack == "A9n" && run.noisy_sums())
        test_answer("the sums of a round", run.of_sums(), usual_delta(run.users));
}

/// Those of the claims that no test is about.
std::vector<std::string> untested_claims(const Audited& run, const std::vector<AuditTest>& tests) {
    std::vector<std::string> untested;
    const auto claim = [&](bool claimed, const char* what, double epsilon,
                           std::initializer_list<const char*> by) {
        const bool is_tested = std::ranges::any_of(tests, [&](const AuditTest& test) {
            return std::ranges::find(by, test.attack) != by.end();
        });
        if (claimed && !is_tested)
            untested.push_back(
                fmt::format("{} at epsilon {:.3g} ({})", what, epsilon, fmt::join(by, ", ")));
    };
    const PrivacyVariant& privacy = run.variant.privacy;
    claim(run.says_code(), "bits of the code", run.of_bit, {"A4", "A4r"});
    claim(run.says_items(), "reports on items", run.says_items() ? epsilon_of_items(privacy) : 0,
          {"A9r"});
    claim(privacy.ballots > 0, "ballots", run.of_ballot(), {"A4b"});
    claim(run.noisy_sums(), "the sums of a round", run.noisy_sums() ? run.of_sums() : 0, {"A9n"});
    const bool says_by_coin = run.says_code() || run.says_items() || privacy.ballots > 0;
    if (find_exchange(run.variant.exchange).shuffled && says_by_coin)
        untested.push_back("what a shuffler adds to them (no attack)");
    return untested;
}

}  // namespace

bool Audit::violated() const { return std::ranges::any_of(tests, &AuditTest::violated); }

Audit audit(const Variant& variant, std::uint32_t users, std::uint32_t rounds,
            const std::vector<Exposure>& figures) {
    const Audited run{
        variant, users, rounds,
        variant.privacy.code == "exact" ? 0 : epsilon_of_lie(variant.privacy.code_lie_q32)};
    Audit audit;
    for (const Exposure& figure : figures) test_figure(run, figure, audit.tests);
    for (AuditTest& test : audit.tests) {
        test.likelihood =
            test.ceiling >= 1 ? 1 : at_least(test.successes, test.trials, test.ceiling);
        test.violated = test.likelihood < audit_level / static_cast<double>(audit.tests.size());
    }
    audit.untested = untested_claims(run, audit.tests);
    return audit;
}

std::string audit_text(const Audit& audit) {
    std::vector<std::string> failed, passed;
    for (const AuditTest& test : audit.tests) {
        if (test.violated)
            failed.push_back(
                fmt::format("{} found {} of {} ({}); so many or more come with probability {:.1e}",
                            test.attack, test.successes, test.trials, test.claim, test.likelihood));
        passed.push_back(fmt::format("{}, {}; found {:.4f} of {} (p {:.2g})", test.attack,
                                     test.claim, test.found(), test.trials, test.likelihood));
    }
    std::string text;
    if (!failed.empty())
        text = fmt::format("The audit FAILED: {}.", fmt::join(failed, "; "));
    else if (!passed.empty())
        text = fmt::format("Audit passed, exact one-sided tests, 1e-4 for all together: {}.",
                           fmt::join(passed, "; "));
    if (!audit.untested.empty())
        text += fmt::format("{}Claimed, and not tested here: {}.", text.empty() ? "" : " ",
                            fmt::join(audit.untested, "; "));
    return text;
}

}  // namespace fedhash::scenarios
