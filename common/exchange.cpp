#include "common/exchange.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "common/denoise.hpp"
#include "common/errors.hpp"
#include "common/interactive.hpp"
#include "common/secure/messages.hpp"
#include "common/shuffle.hpp"
#include "common/uplink.hpp"
#include "common/wire/messages.hpp"

namespace fedhash {

namespace {

constexpr std::array exchange_table{
    ExchangeEntry{.name = "one-shot", .about = "one request and one upload a round"},
    ExchangeEntry{.name = "interactive",
                  .by_bit = true,
                  .about = "one request and one upload for every bit and sweep of a round"},
    ExchangeEntry{
        .name = "secure",
        .masked = true,
        .known = true,
        .about = "secure aggregation: four requests a round; the server learns the sum alone"},
    ExchangeEntry{
        .name = "denoised",
        .known = true,
        .denoised = true,
        .about = "decoys are taken off the sum again by other users (FedRec++); two requests"},
    ExchangeEntry{.name = "shuffled",
                  .shuffled = true,
                  .about = "uploads lose their names in a process of their own, a shuffler"},
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

std::uint32_t connections(const Variant& variant, std::uint32_t clients) {
    return clients + (find_exchange(variant.exchange).shuffled ? 1 : 0);
}

std::optional<wire::View> upload_in(const Variant& variant, std::uint32_t round, std::uint32_t step,
                                    wire::View body) {
    const ExchangeEntry& exchange = find_exchange(variant.exchange);
    if (exchange.masked)
        return step % secure::steps == secure::ask_masked && !body.empty() ? std::optional(body)
                                                                           : std::nullopt;
    if (exchange.shuffled) return std::nullopt;
    if (exchange.denoised) {
        if (step != denoise::ask_uploads) return std::nullopt;
        wire::ByteReader from(body);
        return denoise::read_hidden(from).upload;
    }
    return exchange.by_bit && !variant.teaching(round) ? std::nullopt : std::optional(body);
}

std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items) {
    std::size_t most = std::max(find_uplink(variant.uplink).max_bytes(variant, items),
                                uplink_of(variant, 1).max_bytes(variant, items));
    const ExchangeEntry& exchange = find_exchange(variant.exchange);
    if (exchange.masked) most = std::max(most, secure::max_reply_bytes(variant, items));
    if (exchange.denoised) most = std::max(most, denoise::max_reply_bytes(variant, items));
    if (exchange.by_bit) most = std::max(most, max_bit_reply_bytes(variant, items));
    if (exchange.shuffled) most = std::max(most, shuffle::note_bytes(variant, items));
    return wire::max_reply_head_bytes + most;
}

}  // namespace fedhash
