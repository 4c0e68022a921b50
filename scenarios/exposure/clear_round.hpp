// A masked round once more, without masks: what devices would have uploaded in clear, and whether
// that is what the coordinator opened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/attacks/attack.hpp"
#include "server/observer.hpp"

namespace fedhash::scenarios {

struct ClearRound {
    Aggregate sum;                             // over the users whose uploads are in the masked sum
    std::vector<server::Observation> uploads;  // theirs, whole
};

/// One user's upload, as its device put it under masks, without them and without noise.
void add_clear(const Variant& variant, std::uint32_t round, UserId user, Aggregate alone,
               ClearRound& clear);

/// Sums of fewer users tell of each (privacy.contributors is usually so many).
constexpr std::int64_t few_users = 5;

/// All integers that were opened against those in clear, where items with too few contributors are 0
/// in both. No users: nothing was opened.
struct SumCheck {
    std::size_t users = 0, integers = 0, different = 0;
    std::uint32_t contributors = 0;  // that an item must have to be opened; 0 = any
    std::size_t items = 0, few = 0;  // of the catalogue; opened ones with less than few_users
    double noise = 0;                // standard deviation of the difference in rows, where there is
                                     // to be noise
    double promised = 0;             // the same, as settings say; 0 without noise

    bool violated() const { return promised == 0 && different > 0; }
};
SumCheck check_sums(const Variant& variant, const server::ObservedSum& masked,
                    const ClearRound& clear);

/// One sentence.
std::string sum_text(const SumCheck& check);

/// Users of the round, some items of each, no item twice: what is left there of the opened sum when
/// all other uploads are taken off it, for half of them (by lot) with their own taken off as well.
/// `present`: of which it was not. What is left is the users' own noise and nothing else but the
/// upload, and independent from user to user.
struct Questioned {
    std::vector<attacks::Candidate> candidates;
    std::vector<bool> present;
};
Questioned question_users(const server::ObservedSum& masked, const ClearRound& clear);

}  // namespace fedhash::scenarios
