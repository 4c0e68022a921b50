// What a user says about items, both halves side by side: how a device writes it and how the server
// adds it up.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregate.hpp"
#include "common/ids.hpp"
#include "common/variant.hpp"
#include "common/wire/archive.hpp"

namespace fedhash {

/// What a device has to say after it learnt. Spans stay with the caller.
struct Said {
    CodeView code;                          // b_u, the user's new code
    std::int64_t target = 0;                // t_u in 1/16, where all observed items share one
    std::span<const ItemId> items;          // rated items, ascending
    std::span<const std::int32_t> targets;  // parallel to items: what b_u.d_i should be, in 1/16
    std::int64_t weight = 16;               // of this user's rows, in 1/16
};

class Uplink {
  public:
    virtual ~Uplink() = default;

    /// Appends the body. `items` are the item codes that the user learnt on.
    virtual void say(wire::ByteWriter& to, const Said& said, const Codes& items) const = 0;

    /// Reads one user's body and adds it to `sum`; `items` as above. Throws DecodeError and leaves
    /// `sum` untouched when the body is malformed or a value is outside what an honest device can
    /// say.
    virtual void hear(wire::ByteReader& from, const Codes& items, Aggregate& sum) const = 0;
};

struct UplinkEntry {
    const char* name;
    std::unique_ptr<const Uplink> (*make)(const Variant&);
    std::size_t (*max_bytes)(std::uint32_t bits, std::uint32_t items);  // of a body
    bool one_target;   // can only say a target shared by all of a user's items
    bool brings_gram;  // the server learns H = sum b b'
    const char* about;
};

std::span<const UplinkEntry> uplinks();

/// Throws UsageError that lists the known names.
const UplinkEntry& find_uplink(std::string_view name);

}  // namespace fedhash
