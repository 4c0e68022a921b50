#include "scenarios/playback/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "common/bits.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/shuffle.hpp"
#include "common/uplink.hpp"
#include "common/wire/own_rows.hpp"
#include "common/wire/padding.hpp"
#include "common/wire/plane.hpp"
#include "scenarios/report/format.hpp"

namespace fedhash::scenarios {
namespace {

std::size_t set_bits(const wire::Buffer& set) {
    std::size_t bits = 0;
    for (const std::uint8_t byte : set) bits += static_cast<std::size_t>(std::popcount(byte));
    return bits;
}

std::string settled_text(const wire::Buffer& refused, const wire::Buffer& pending) {
    std::string text;
    if (const std::size_t users = set_bits(refused); users > 0)
        text += fmt::format(", the last upload of {} did not count",
                            report::counted(users, "user", "users"));
    if (const std::size_t users = set_bits(pending); users > 0)
        text += fmt::format(", that of {} is under way", report::counted(users, "user", "users"));
    return text;
}

std::size_t differing_bits(const Codes& a, const Codes& b) {
    if (a.words.size() != b.words.size()) return 0;
    std::size_t bits = 0;
    for (std::size_t w = 0; w < a.words.size(); ++w)
        bits += static_cast<std::size_t>(std::popcount(a.words[w] ^ b.words[w]));
    return bits;
}

}  // namespace

std::string FrameWords::of_needs(std::uint32_t client, wire::View body) {
    const wire::ItemSets sets =
        wire::decode_needs(body, users_of(client, options_.clients, options_.users), options_.items,
                           options_.variant.coding);
    rows_[client] = wire::all_of(sets);
    return fmt::format("the rows of {}, for {}",
                       report::counted(rows_[client].size(), "item", "items"),
                       report::counted(sets.size(), "user", "users"));
}

std::string FrameWords::of_publish(std::uint32_t client, wire::View body, bool own_rows) {
    Tables& held = held_[client];
    const Tables before = held;
    if (own_rows)
        wire::apply_rows(body, options_.variant, options_.items, rows_[client], held);
    else
        wire::apply_tables(body, options_.variant, options_.items, held);
    std::string text = fmt::format("version {}", held.version);
    if (own_rows) text += fmt::format(", {} rows", report::count_text(rows_[client].size()));
    const bool anew = before.codes.rows != held.codes.rows;
    if (held.codes.rows > 0 && anew)
        text += fmt::format(", codes of {} items", report::count_text(held.codes.rows));
    else if (held.codes.rows > 0)
        text += fmt::format(", {} of {} bits of item codes changed",
                            report::count_text(differing_bits(before.codes, held.codes)),
                            report::count_text(held.codes.rows * held.codes.bits));
    for (std::size_t p = 0; p < plane_count; ++p)
        if (held.planes[p] != before.planes[p])
            text +=
                fmt::format(", a table of {} x {} reals", held.planes[p].rows, held.planes[p].cols);
    return text;
}

std::string FrameWords::of_reply(std::uint32_t client, wire::View body) {
    const Variant& variant = options_.variant;
    wire::ByteReader from(
        wire::unpad(body, variant.coding, max_reply_bytes(variant, options_.items)),
        wire::coders_of(variant.coding));
    wire::ReplyHead head;
    from(head);
    std::string text = fmt::format("round {}, user {}: ", head.round, head.user);
    const ExchangeEntry& exchange = find_exchange(variant.exchange);
    const auto upload = upload_in(variant, head.round, head.step, from.peek());
    if (exchange.masked || !upload || (exchange.by_bit && !variant.teaching(head.round)))
        return text + fmt::format("step {}, {}", head.step,
                                  report::bytes_text(static_cast<double>(from.left())));
    const Tables& tables = held_[client];
    const UplinkEntry& entry = uplink_of(variant, head.round);
    const auto uplink = entry.make(variant);
    Aggregate sum(uplink->shape(options_.items));
    if (tables.version != head.round)
        return text + fmt::format("{}, on tables that it no longer holds", entry.name);
    wire::ByteReader said(*upload, wire::coders_of(variant.coding));
    uplink->hear(said, tables, sum);
    return text +
           fmt::format("{}, about {}", entry.name,
                       report::counted(static_cast<std::size_t>(std::ranges::count(sum.counts, 1)),
                                       "item", "items"));
}

std::string FrameWords::of(const RecordedFrame& recorded) {
    if (!recorded.left.empty()) return "gone: " + recorded.left;
    if (!recorded.frame) return "run token, client " + std::to_string(recorded.client);
    const wire::View bytes(*recorded.frame);
    const wire::View body = bytes.subspan(wire::header_bytes);
    switch (wire::read_header(bytes.first<wire::header_bytes>()).type) {
        case wire::Type::welcome: {
            const auto welcome = wire::decode<wire::Welcome>(body);
            return fmt::format("{} users, {} items, {} bits, {} uplink, seed {}", welcome.users,
                               welcome.items, welcome.variant.bits, welcome.variant.uplink,
                               welcome.seed);
        }
        case wire::Type::publish:
            return of_publish(recorded.client, body, false);
        case wire::Type::rows:
            return of_publish(recorded.client, body, true);
        case wire::Type::needs:
            return of_needs(recorded.client, body);
        case wire::Type::request: {
            const auto request = wire::decode<wire::Request>(body);
            std::string text =
                fmt::format("round {}: learn, {}", request.round,
                            report::counted(set_bits(request.sampled), "user", "users"));
            if (request.step > 0) text += fmt::format(", step {}", request.step);
            return text + settled_text(request.refused, request.pending);
        }
        case wire::Type::reply:
            return of_reply(recorded.client, body);
        case wire::Type::mix: {
            wire::ByteReader from(body);
            shuffle::Mix mix;
            from(mix);
            return fmt::format(
                "round {}: {} to open and shuffle{}", mix.round,
                report::counted(from.left() / shuffle::note_bytes(options_.variant, options_.items),
                                "note", "notes"),
                mix.last ? "" : ", and more");
        }
        case wire::Type::mixed: {
            wire::ByteReader from(body);
            shuffle::Mixed mixed;
            from(mixed);
            return fmt::format("round {}: {}, in no order{}", mixed.round,
                               report::counted(from.left() / shuffle::piece_bytes(options_.variant,
                                                                                  options_.items),
                                               "piece", "pieces"),
                               mixed.last ? "" : ", and more");
        }
        case wire::Type::evaluate: {
            const auto evaluate = wire::decode<wire::Evaluate>(body);
            return fmt::format("measure version {} on the {} part", evaluate.version,
                               evaluate.test ? "test" : "validation") +
                   settled_text(evaluate.refused, evaluate.pending);
        }
        case wire::Type::scores: {
            const auto scores = wire::decode<wire::Scores>(body);
            std::uint64_t users = 0;
            for (const MetricSums& sums : scores.sums) users = std::max(users, sums.users);
            return fmt::format("sums of {} measured on version {}",
                               report::counted(users, "user", "users"), scores.version);
        }
        case wire::Type::goodbye: {
            const auto goodbye = wire::decode<wire::Goodbye>(body);
            return recorded.up ? fmt::format("it counted {} bytes sent, {} received",
                                             goodbye.bytes_sent, goodbye.bytes_received)
                               : "the run is over";
        }
        default:
            return "";
    }
}

}  // namespace fedhash::scenarios
