#include "scenarios/exposure/truth.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "client/device.hpp"
#include "common/bits.hpp"
#include "common/denoise.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/secure/messages.hpp"
#include "common/shuffle.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/messages.hpp"
#include "common/wire/padding.hpp"
#include "scenarios/launch/plan.hpp"

namespace fedhash::scenarios {

namespace {

/// The devices of one client, and what they said that the record has not been seen to have yet.
struct Replayed {
    std::optional<client::Device> device;
    std::deque<wire::Encoded> said;
};

/// The head of a reply, and what follows it.
wire::ReplyHead head_of(wire::View frame, const server::Options& options, wire::View& rest) {
    wire::ByteReader from(wire::unpad(frame.subspan(wire::header_bytes), options.variant.coding,
                                      max_reply_bytes(options.variant, options.items)));
    wire::ReplyHead head;
    from(head);
    rest = from.peek();
    return head;
}

/// The upload in a reply's frame, behind its head; of an answer to another question nothing.
wire::Buffer upload_in(wire::View frame, const server::Options& options) {
    wire::View rest;
    const wire::ReplyHead head = head_of(frame, options, rest);
    const auto upload = fedhash::upload_in(options.variant, head.round, head.step, rest);
    wire::Buffer said;
    if (!upload) return said;
    wire::ByteWriter to(said);
    to(head);
    to.append(upload->data(), upload->size());
    return said;
}

[[noreturn]] void refuse_data() {
    throw DataError(
        "the record is of other data: devices with these ratings upload something else");
}

/// Of a round whose uploads lost their names: what each of its users said, piece by piece, by
/// devices that say it again; and what came out of the shuffler.
struct ShuffledRound {
    std::multimap<wire::Buffer, UserId> said;
    std::map<wire::Buffer, UserId> sender_of;  // by note
    std::vector<wire::Buffer> notes;           // that the shuffler was given, in their order
    std::vector<wire::Buffer> pieces;
    std::map<UserId, UserId> owners;  // Truth::now
};

std::vector<wire::Buffer> cut(wire::View bytes, std::size_t size) {
    std::vector<wire::Buffer> parts;
    for (std::size_t at = 0; at + size <= bytes.size(); at += size)
        parts.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                           bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    return parts;
}

/// What a device seals is opened with the shuffler's secret of this replay.
void hear_again(wire::View frame, const server::Options& options, const secure::Key& secret,
                std::map<std::uint32_t, ShuffledRound>& rounds) {
    wire::View note;
    const wire::ReplyHead head = head_of(frame, options, note);
    const auto pieces = secure::open_note(
        secret, note, shuffle::context_of(options.seed, options.users, options.items, head.round));
    if (!pieces) refuse_data();
    for (wire::Buffer& piece : cut(*pieces, shuffle::piece_bytes(options.variant, options.items)))
        rounds[head.round].said.emplace(std::move(piece), UserId{head.user});
}

/// The attacker takes the j-th piece to be of the j-th sender, for want of anything better
/// (server/exchanges/shuffled.cpp).
void name_pieces(ShuffledRound& round, const std::vector<std::uint32_t>& unread) {
    std::vector<UserId> senders;
    for (std::uint32_t place = 0; place < round.notes.size(); ++place) {
        const auto sender = round.sender_of.find(round.notes[place]);
        if (sender == round.sender_of.end()) refuse_data();
        if (!std::ranges::binary_search(unread, place)) senders.push_back(sender->second);
    }
    std::ranges::sort(senders);
    for (std::size_t j = 0; j < round.pieces.size(); ++j) {
        const auto owner = round.said.find(round.pieces[j]);
        if (owner == round.said.end()) refuse_data();
        if (round.pieces.size() == senders.size()) round.owners[senders[j]] = owner->second;
        round.said.erase(owner);
    }
}

void take_mix(wire::View body, const server::Options& options,
              std::map<std::uint32_t, ShuffledRound>& rounds) {
    wire::ByteReader from(body);
    shuffle::Mix mix;
    from(mix);
    for (wire::Buffer& note : cut(from.peek(), shuffle::note_bytes(options.variant, options.items)))
        rounds[mix.round].notes.push_back(std::move(note));
}

void take_mixed(wire::View body, const server::Options& options,
                std::map<std::uint32_t, ShuffledRound>& rounds) {
    wire::ByteReader from(body);
    shuffle::Mixed mixed;
    from(mixed);
    ShuffledRound& round = rounds[mixed.round];
    for (wire::Buffer& piece :
         cut(from.peek(), shuffle::piece_bytes(options.variant, options.items)))
        round.pieces.push_back(std::move(piece));
    if (mixed.last) name_pieces(round, mixed.unread);
}

}  // namespace

Truth replay_devices(const Record& record, const Prepared& data, std::uint32_t round,
                     const std::vector<UserId>& counted) {
    const server::Options& options = record.options;
    if (data.users.size() != options.users || data.ranking.items != options.items)
        throw DataError("the record is of other data: it has " + std::to_string(options.users) +
                        " users and " + std::to_string(options.items) + " items");
    // Masks and keys are fresh, so what devices say by them cannot be said again; what they learn
    // can.
    const bool masked = find_exchange(options.variant.exchange).masked;
    const bool denoised = find_exchange(options.variant.exchange).denoised;
    const bool shuffled = find_exchange(options.variant.exchange).shuffled;
    std::map<std::uint32_t, ShuffledRound> rounds;  // shuffled
    Truth truth{&data, std::vector<std::vector<std::uint64_t>>(options.users)};
    if (masked) truth.clear.emplace();
    const Identities identities = identities_for(options);
    std::vector<Replayed> clients(connections(options.variant, options.clients));
    for (const RecordedFrame& frame : record.frames) {
        if (!frame.frame || frame.frame->empty()) continue;
        Replayed& client = clients[frame.client];
        const wire::View bytes(*frame.frame);
        const wire::View body = bytes.subspan(wire::header_bytes);
        const wire::Type type = wire::read_header(bytes.first<wire::header_bytes>()).type;
        if (type == wire::Type::mix) {
            take_mix(body, options, rounds);
        } else if (type == wire::Type::mixed) {
            take_mixed(body, options, rounds);
        } else if (frame.client == options.clients) {
            continue;  // of the shuffler, nothing else says anything
        } else if (type == wire::Type::welcome) {
            client.device.emplace(deal(data, frame.client, options, identities),
                                  wire::decode<wire::Welcome>(body));
        } else if (type == wire::Type::publish) {
            client.device->publish(body);
        } else if (type == wire::Type::rows) {
            client.device->publish_rows(body);
        } else if (type == wire::Type::evaluate) {
            client.device->measure(wire::decode<wire::Evaluate>(body));
        } else if (type == wire::Type::request) {
            const auto request = wire::decode<wire::Request>(body);
            if (masked && request.step != secure::ask_keys) continue;
            if (denoised && request.step != denoise::ask_uploads) continue;
            client.device->learn(request, [&](wire::Encoded said) {
                if (shuffled)
                    hear_again(*said, options, *identities.shuffler, rounds);
                else
                    client.said.push_back(said);
            });
            if (request.round != round) continue;
            const std::uint32_t hosted = users_of(frame.client, options.clients, options.users);
            for (std::uint32_t j = 0; j < hosted; ++j) {
                if (!get_bit(request.sampled, j)) continue;
                const auto& code = client.device->newest(j).code;
                const UserId user = hosted_user(frame.client, options.clients, j);
                truth.codes[index(user)].assign(code.begin(),
                                                code.begin() + words_for(options.variant.bits));
                if (masked && request.step == 0 && std::ranges::binary_search(counted, user))
                    add_clear(options.variant, round, user, client.device->unmasked(j),
                              *truth.clear);
            }
        } else if (type == wire::Type::reply && shuffled) {
            wire::View note;
            const wire::ReplyHead head = head_of(bytes, options, note);
            rounds[head.round].sender_of[wire::Buffer(note.begin(), note.end())] =
                UserId{head.user};
        } else if (type == wire::Type::reply && !masked) {
            const wire::Buffer said = denoised ? upload_in(*frame.frame, options) : *frame.frame;
            if (said.empty()) continue;
            if (client.said.empty() || (denoised ? upload_in(*client.said.front(), options)
                                                 : *client.said.front()) != said)
                refuse_data();
            client.said.pop_front();
        }
    }
    if (shuffled) {
        truth.now = rounds[round].owners;
        truth.before = rounds[round - 1].owners;
    }
    return truth;
}

}  // namespace fedhash::scenarios
