// Attacks on what the operator of a coordinator sees (server/observer.hpp): the honest but curious
// coordinator, who knows the method, the published codes and how popular items are, and learns of
// users what they upload. Nothing in this folder may know shards or the truth; a test reads the
// includes. What attacks are worth is the scorer's business (scenarios/exposure/).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/codes.hpp"
#include "common/variant.hpp"
#include "server/observer.hpp"

namespace fedhash::scenarios::attacks {

/// What an attacker has.
struct Sight {
    Variant variant;  // the method is public
    std::uint32_t items = 0;
    std::uint32_t round = 0;  // whose rows were kept
    const std::vector<server::Observation>* seen = nullptr;
    const Codes* published = nullptr;  // that users of `round` learnt on
};

/// What an attacker says of a user; parts that an attack is not about stay empty.
struct Claim {
    UserId user{};
    std::vector<ItemId> items = {};    // that the user has interacted with, ascending
    std::vector<double> ratings = {};  // of these items, on the data's own scale mapped to [0, 1]
    std::vector<double> belief = {};   // that each of the items is one: higher is likelier
    std::vector<std::uint64_t> code = {};
    double size = 0;  // grows with how many interactions the user has
};

/// What of a claim is to be held against the truth.
enum class About { items, size, code, code_up_to_sign, labels, ratings };

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

/// Whether A4 can take the method's rows apart: G_ui = e b_u + own d_i, `own` the same in all.
bool has_closed_form(const Variant& variant);

}  // namespace fedhash::scenarios::attacks
