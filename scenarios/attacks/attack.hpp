// Attacks on what the operator of a coordinator sees (server/observer.hpp): the honest but curious
// coordinator, who knows the method, the published codes and how popular items are, and learns of
// users what they upload. Nothing in this folder may know shards or the truth; a test reads the
// includes. What attacks are worth is the scorer's business (scenarios/exposure/).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/codes.hpp"
#include "common/variant.hpp"
#include "server/observer.hpp"

namespace fedhash::scenarios::attacks {

/// Something about users that is known of some of them and wanted of the others.
struct Trait {
    std::string name;                // "gender"
    std::vector<std::string> names;  // of its classes
    std::vector<int> known;          // by user: the class, or < 0
};

/// Some of a user's items, known from elsewhere.
struct Hint {
    UserId user{};
    std::vector<ItemId> items;
};

/// The rows that a device which was shown these items, and has observed some of them, uploads in a
/// round: as in an Observation.
using Shadow = std::function<std::vector<std::int64_t>(
    std::uint32_t round, std::span<const ItemId> items, const std::vector<bool>& observed)>;

/// What of a round's sum, with noise in it, is left for a user when all that others said is known
/// from elsewhere and taken off: in the rows of some items that the user alone is asked about, and
/// what it would have said there if it had taken part.
struct Candidate {
    UserId user{};
    std::vector<std::int64_t> rows = {}, counts = {}, weights = {};
    std::vector<std::int64_t> rows_left = {}, counts_left = {}, weights_left = {};
};

/// What an attacker has.
struct Sight {
    Variant variant;  // the method is public
    std::uint32_t items = 0;
    std::uint32_t round = 0;  // whose rows were kept
    const std::vector<server::Observation>* seen = nullptr;
    const std::map<std::uint32_t, Codes>* tables = nullptr;  // that users learnt on, by round
    // Side knowledge:
    std::span<const std::uint32_t> popularity = {};               // users of each item
    const Trait* trait = nullptr;                                 // of attacks on attributes
    std::span<const std::pair<UserId, ItemId>> asked = {};        // does this user have this item?
    const server::ObservedSum* sum = nullptr;                     // of `round`
    const std::vector<server::ObservedDecoys>* decoys = nullptr;  // taken off the sum, of `round`
    Shadow shadow = nullptr;                                      // a device to learn on guesses
    std::span<const Hint> hints = {};
    std::span<const Hint> sets = {};  // all items of users, of an attack that has them
    std::span<const Candidate> candidates = {};

    /// That users of `round` learnt on.
    const Codes& published() const { return tables->at(round); }
};

/// What an attacker says of a user; parts that an attack is not about stay empty.
struct Claim {
    UserId user{};
    std::vector<ItemId> items = {};    // that the user has interacted with, ascending
    std::vector<double> ratings = {};  // of these items, on the data's own scale mapped to [0, 1]
    std::vector<double> belief = {};   // that each of the items is one: higher is likelier
    std::vector<std::uint64_t> code = {};
    std::vector<std::pair<std::uint32_t, bool>> bits = {};  // of the code, by place: +1?
    double size = 0;                   // grows with how many interactions the user has
    std::vector<double> classes = {};  // of the trait: higher is likelier
    std::vector<UserId> suspects =
        {};  // who of the round before this is: one of these, all as likely
};

/// What of a claim is to be held against the truth.
enum class About {
    items,
    size,
    code,
    code_up_to_sign,
    labels,
    ratings,
    trait,       // one claim for each user whose trait is not known
    membership,  // one claim for each pair that was asked about, in its order
    pairs,       // the same, scored by which item of two the user has, where rows differ
    some_bits,
    presence,    // one claim for each candidate, in their order
    small_sums,  // claims of nobody in particular: items of one contributor, and its code
    identity,
};

struct Attack {
    const char* id;
    const char* name;
    About about;
    std::vector<Claim> (*run)(const Sight& sight);
    /// Why the uploads of such a method give the attack nothing to work on; empty: they do.
    std::string (*refusal)(const Variant& variant);
};

/// In the order in which they are printed.
std::span<const Attack> attacks();

std::vector<Claim> row_set(const Sight& sight);          // A1
std::vector<Claim> intersection(const Sight& sight);     // A2
std::vector<Claim> length(const Sight& sight);           // A3
std::vector<Claim> closed_form(const Sight& sight);      // A4, A7
std::vector<Claim> spectral(const Sight& sight);         // A5
std::vector<Claim> spectral_labels(const Sight& sight);  // A6
std::vector<Claim> shadow_labels(const Sight& sight);    // A6s
std::vector<Claim> popular_rows(const Sight& sight);     // A1 against decoys
std::vector<Claim> without_decoys(const Sight& sight);   // A1 where decoys are taken off
std::vector<Claim> code_of_rounds(const Sight& sight);   // A4 over all rounds
std::vector<Claim> ballots_said(const Sight& sight);     // A4b
std::vector<Claim> trait_of_rows(const Sight& sight);    // A8
std::vector<Claim> trait_of_code(const Sight& sight);    // A8
std::vector<Claim> membership(const Sight& sight);       // A9
std::vector<Claim> row_of_two(const Sight& sight);       // A9r
std::vector<Claim> taking_part(const Sight& sight);      // A9n
std::vector<Claim> small_sums(const Sight& sight);       // A10
std::vector<Claim> items_of_codes(const Sight& sight);   // A11
std::vector<Claim> linking(const Sight& sight);          // A12
std::vector<Claim> known_items(const Sight& sight);      // A12k

/// The code that A4 takes from one upload, on the tables of its round; empty where it has none.
std::vector<std::uint64_t> code_in(const Sight& sight, const server::Observation& seen);

/// Whether A4 can take the method's rows apart: G_ui = e b_u + own d_i, `own` the same in all.
bool has_closed_form(const Variant& variant);

}  // namespace fedhash::scenarios::attacks
