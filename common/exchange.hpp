// How a round's words travel: an axis that both processes must agree on. The server's halves are in
// server/exchanges/, the device's in client/device.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/variant.hpp"

namespace fedhash {

struct ExchangeEntry {
    const char* name;
    bool by_bit;  // asks for one bit of every item at a time (common/interactive.hpp)
    bool masked;  // the server learns sums alone (common/secure/)
    const char* about;
};

std::span<const ExchangeEntry> exchanges();

/// Throws UsageError that lists the known names.
const ExchangeEntry& find_exchange(std::string_view name);

/// The longest body of a reply in any round, before padding.
std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items);

}  // namespace fedhash
