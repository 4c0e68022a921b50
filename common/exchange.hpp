// How a round's words travel: an axis that both processes must agree on. The server's halves are in
// server/exchanges/, the device's in client/device.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/variant.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash {

struct ExchangeEntry {
    const char* name = "";
    bool by_bit = false;    // asks for one bit of every item at a time (common/interactive.hpp)
    bool masked = false;    // the server learns sums alone (common/secure/)
    bool known = false;     // users have keys that the others know them by
    bool denoised = false;  // users take others' decoys off (common/denoise.hpp)
    bool shuffled = false;  // uploads come by way of a shuffler (common/shuffle.hpp)
    const char* about = "";
};

std::span<const ExchangeEntry> exchanges();

/// Processes that connect to the coordinator: the clients, and behind them the shuffler, if any.
std::uint32_t connections(const Variant& variant, std::uint32_t clients);

/// Throws UsageError that lists the known names.
const ExchangeEntry& find_exchange(std::string_view name);

/// The part of an answer that is an upload, or a mask's: of several questions a round one alone is
/// answered with it. Nothing where there is none. `body`: what follows the head.
std::optional<wire::View> upload_in(const Variant& variant, std::uint32_t round, std::uint32_t step,
                                    wire::View body);

/// The longest body of a reply in any round, before padding.
std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items);

}  // namespace fedhash
