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
    std::string claim;  // "a bit of the code, epsilon 1.00: at most 0.7311 right"
    double ceiling = 1;
    std::uint64_t successes = 0, trials = 0;
    double likelihood = 1;  // of so many successes or more at the ceiling, exact (binomial)
    bool violated = false;  // less than audit_level / number of tests (Bonferroni)
};

/// What the figures of a user's first upload are called beyond their names.
constexpr const char* first_upload = ", first upload";

/// Bits of codes said by randomised response: who sees r reports of a bit, each at epsilon e, is
/// right with probability e^(r e) / (1 + e^(r e)) at most, whatever the bit; of a code that is said
/// the same way for good that holds for its first upload (see exposure.cpp). Membership, where item
/// sets and codes are both said by randomised response: found with at most e^epsilon times the
/// false alarms. `rounds`: that the attackers of several rounds saw.
std::vector<AuditTest> audit(const Variant& variant, std::uint32_t rounds,
                             const std::vector<Exposure>& figures);

/// One sentence: what was tested, or what failed.
std::string audit_text(const std::vector<AuditTest>& tests);

}  // namespace fedhash::scenarios
