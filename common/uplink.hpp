// What a user says about items, both halves side by side: how a device writes it and how the server
// adds it up.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregate.hpp"
#include "common/ids.hpp"
#include "common/tables.hpp"
#include "common/variant.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash {

/// What a device has to say after it learnt. Spans stay with the caller; a learner fills what its
/// uplinks take.
struct Said {
    std::span<const ItemId> items;  // listed items, ascending
    // Of a user that learnt a code:
    CodeView code;                        // b_u
    std::int64_t target = 0;              // t_u in 1/16, where all listed items share one
    std::span<const std::int32_t> pulls;  // parallel to items: -1/2 dL/ds at the new code, in 1/16
    std::span<const std::int32_t> weights;  // parallel to items: curvature of the loss, in 1/16
    std::int64_t user_weight = unit;        // of all of this user's rows, in 1/16
    // Of a user that learnt a real vector, in 2^-vector_fraction:
    std::span<const std::int16_t> vector;   // x_u
    std::span<const std::int16_t> teacher;  // t_u, empty without a teacher
    // Of a user that took gradients: one row an item, in 2^-vector_fraction.
    std::span<const std::int32_t> gradients;
    // Of a user that casts ballots: what they are drawn from, and a vote each, +1 or -1.
    std::uint64_t salt = 0;
    std::span<const std::int8_t> ballots;
};

class Uplink {
  public:
    virtual ~Uplink() = default;

    /// What a round of it adds up to.
    virtual AggregateShape shape(std::size_t items) const = 0;

    /// Appends the body. `tables` are what the user learnt on.
    virtual void say(wire::ByteWriter& to, const Said& said, const Tables& tables) const = 0;

    /// Reads one user's body and adds it to `sum`; `tables` as above. Throws DecodeError and leaves
    /// `sum` untouched when the body is malformed or a value is outside what an honest device can
    /// say.
    virtual void hear(wire::ByteReader& from, const Tables& tables, Aggregate& sum) const = 0;
};

struct UplinkEntry {
    const char* name;
    std::unique_ptr<const Uplink> (*make)(const Variant&);
    std::size_t (*max_bytes)(const Variant&, std::uint32_t items);  // of a body
    const char* says;  // what a learner must have: "code", "vector", ... or "" (nothing)
    bool brings_gram;  // the server learns H
    const char* about;
};

std::span<const UplinkEntry> uplinks();

/// Throws UsageError that lists the known names.
const UplinkEntry& find_uplink(std::string_view name);

/// How uplink `residual` says the residuals e_ui and curvatures W_ui of a user's items.
enum class ResidualForm : std::uint8_t {
    one_target,  // e = w (t - s), W = w
    one_pull,    // e = t, W = 0
    each,        // e and W of every item
};

/// The one form that devices of this method use: the shortest that says it all.
ResidualForm residual_form(const Variant& variant);

/// Whether what a user says of an item that it lists is the same for one that it does not have, so
/// that an item set can be told in which both are (PrivacyVariant::items other than "exact").
bool can_say_noisy_items(const Variant& variant);

/// The most rows of an upload of this variant; without a cap, whatever there is.
std::uint32_t most_rows(const Variant& variant);

/// The uplink of a round: the teacher has one of its own.
const UplinkEntry& uplink_of(const Variant& variant, std::uint32_t round);

}  // namespace fedhash
