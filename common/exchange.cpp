#include "common/exchange.hpp"

#include <array>
#include <string>

#include "common/errors.hpp"

namespace fedhash {

namespace {

constexpr std::array table{
    ExchangeEntry{"one-shot", false, "one request and one upload a round"},
    ExchangeEntry{"interactive", true,
                  "one request and one upload for every bit and sweep of a round"},
};

}  // namespace

std::span<const ExchangeEntry> exchanges() { return table; }

const ExchangeEntry& find_exchange(std::string_view name) {
    std::string known;
    for (const ExchangeEntry& entry : table) {
        if (name == entry.name) return entry;
        known += std::string(known.empty() ? "" : ", ") + entry.name;
    }
    throw UsageError("method.exchange: unknown exchange '" + std::string(name) +
                     "'; known: " + known);
}

}  // namespace fedhash
