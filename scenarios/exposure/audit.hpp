// Whether attacks found more than a claimed epsilon allows. A mechanism that keeps what it claims
// fails this in one of 10,000 runs at most; one that does not, sooner or later.
#pragma once

#include <string>
#include <vector>

#include "common/variant.hpp"
#include "scenarios/exposure/score.hpp"

namespace fedhash::scenarios {

/// Of all tests of one audit together.
constexpr double audit_level = 1e-4;

struct AuditTest {
    std::string attack;
    std::string claim;  // "a bit said once at epsilon 1: 0.7311 right at most"
    double ceiling = 1;
    std::uint64_t successes = 0, trials = 0;
    double likelihood = 1;  // of so many successes or more at the ceiling, exact (binomial)
    bool violated = false;  // less than audit_level / number of tests (Bonferroni)

    double found() const {
        return trials == 0 ? 0 : static_cast<double>(successes) / static_cast<double>(trials);
    }
};

struct Audit {
    std::vector<AuditTest> tests;
    std::vector<std::string> untested;  // claims: "single items at epsilon 1 (A9r)"

    bool violated() const;
};

/// What the figures of a user's first upload are called beyond their names.
constexpr const char* first_upload = ", first upload";

/// The claims, and what may be found at most:
/// - bits of codes said by randomised response: who sees r reports of a bit, each at epsilon e, is
///   right with probability e^(r e) / (1 + e^(r e)), whatever the bit; of a code that is said the
///   same way for good that holds for its first upload (see exposure.cpp). A4, A4r.
/// - ballots: the same with one report. A4b.
/// - items said by coin: of two items, one of which the user has, a report that has one of them
///   has that one with e^e / (1 + e^e), since the mechanism treats items alike. A9r.
/// - items and codes that are both said by coin: membership is found with at most e^epsilon times
///   the false alarms, epsilon of both together. A9.
/// - sums with noise: who asks whether a user is in them, as likely as not, is right with
///   (e^e + delta) / (1 + e^e). A9n.
/// `rounds`: that the attackers of several rounds saw. `users`: of the run.
Audit audit(const Variant& variant, std::uint32_t users, std::uint32_t rounds,
            const std::vector<Exposure>& figures);

/// One or two sentences: what was tested, or what failed, and what was not tested; empty where
/// nothing is claimed.
std::string audit_text(const Audit& audit);

}  // namespace fedhash::scenarios
