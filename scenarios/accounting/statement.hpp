// What a run claims about a user's privacy: for each thing that an upload tells, epsilon of one
// report, of a round and of the whole run, by the tightest of the bounds here; or that nothing
// bounds it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/variant.hpp"

namespace fedhash::scenarios {

/// One bound on epsilon, at the statement's delta.
struct PrivacyBound {
    std::string name;  // "adding up", "exact composition", "zCDP", "RDP"
    double epsilon = 0;
};

struct PrivacyPart {
    std::string what = {};      // "a bit of the code", "the code", "an item", "the item set"
    double report = 0;          // epsilon of one report; 0 where nothing is said of it
    double round = 0;           // of a round's reports of it, added up
    std::uint64_t reports = 0;  // in the run, of the user that was heard most often
    std::vector<PrivacyBound> run = {};  // bounds over the run; empty: there is none
    std::string open = {};               // why there is none

    /// The tightest; infinity where there is none.
    const PrivacyBound& tightest() const;
};

struct PrivacyStatement {
    double delta = 0;
    std::uint32_t uploads = 0;  // of the user that was heard most often
    std::vector<PrivacyPart> parts;
    /// Of all that a user tells, over the run: infinity where any part has no bound.
    double user() const;
};

/// Epsilon of a report on items (PrivacyVariant::items other than "exact").
double epsilon_of_items(const PrivacyVariant& privacy);

/// 1 / n^1.1.
double usual_delta(std::uint32_t users);

/// `uploads`: of the user that was heard most often. `most_items`: that a user has at most.
/// `masked`: the coordinator sees sums alone; then no part of a single upload is told, and what
/// sums tell is bounded where there is noise in them (common/noise.hpp; a user more or less).
/// `senders`: of a run whose uploads lose their names in a shuffler, the fewest of any round; the
/// statement is then against who sees what comes out of it. 0: uploads have names.
PrivacyStatement privacy_statement(const Variant& variant, std::uint32_t users,
                                   std::uint32_t uploads, std::uint32_t most_items, bool masked,
                                   std::uint32_t senders = 0);

}  // namespace fedhash::scenarios
