#include "common/exchange.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/errors.hpp"
#include "common/interactive.hpp"
#include "common/secure/messages.hpp"
#include "common/uplink.hpp"
#include "common/wire/messages.hpp"

namespace fedhash {

namespace {

constexpr std::array exchange_table{
    ExchangeEntry{"one-shot", false, false, "one request and one upload a round"},
    ExchangeEntry{"interactive", true, false,
                  "one request and one upload for every bit and sweep of a round"},
    ExchangeEntry{"secure", false, true,
                  "secure aggregation: four requests a round; the server learns the sum alone"},
};

}  // namespace

std::span<const ExchangeEntry> exchanges() { return exchange_table; }

const ExchangeEntry& find_exchange(std::string_view name) {
    std::string known;
    for (const ExchangeEntry& entry : exchange_table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.exchange: unknown exchange '" + std::string(name) +
                     "'; known: " + known);
}

std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items) {
    std::size_t most = std::max(find_uplink(variant.uplink).max_bytes(variant, items),
                                uplink_of(variant, 1).max_bytes(variant, items));
    if (find_exchange(variant.exchange).masked)
        most = std::max(most, secure::max_reply_bytes(variant, items));
    if (find_exchange(variant.exchange).by_bit)
        most = std::max(most, max_bit_reply_bytes(variant, items));
    return wire::max_reply_head_bytes + most;
}

}  // namespace fedhash
