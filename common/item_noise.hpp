// How an item set is said with noise (client/protection.hpp), as both sides know it.
#pragma once

#include "common/variant.hpp"

namespace fedhash {

/// The probabilities, in 2^-32, with which an item is said: one that a report is about, and any
/// other one.
struct ReportNoise {
    std::uint32_t about_q32 = 0, other_q32 = 0;
};
constexpr ReportNoise report_noise(const PrivacyVariant& privacy) {
    return {privacy.items == "unary" ? std::uint32_t{1} << 31 : privacy.items_true_q32,
            privacy.items_lie_q32};
}

/// A report is about one in so many of the user's items (and of those that pad them): 1 of a unary
/// set, in which every item is reported on.
constexpr std::uint32_t items_a_report(const PrivacyVariant& privacy) {
    return privacy.items == "subset" ? privacy.items_padded : 1;
}

/// The probabilities with which an item of the user is said in one upload, and another one.
struct ItemNoise {
    double present = 1, absent = 0;
};
inline ItemNoise item_noise(const PrivacyVariant& privacy) {
    const ReportNoise report = report_noise(privacy);
    const double p = report.about_q32 / 4294967296.0, q = report.other_q32 / 4294967296.0;
    return {q + (p - q) / items_a_report(privacy), q};
}

}  // namespace fedhash
