#include "scenarios/exposure/truth.hpp"

#include <deque>
#include <optional>

#include "client/device.hpp"
#include "common/bits.hpp"
#include "common/denoise.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/secure/messages.hpp"
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

/// The upload in a reply's frame, behind its head; of an answer to another question nothing.
wire::Buffer upload_in(wire::View frame, const server::Options& options) {
    wire::ByteReader from(wire::unpad(frame.subspan(wire::header_bytes), options.variant.coding,
                                      max_reply_bytes(options.variant, options.items)));
    wire::ReplyHead head;
    from(head);
    const auto upload = fedhash::upload_in(options.variant, head.round, head.step, from.peek());
    wire::Buffer said;
    if (!upload) return said;
    wire::ByteWriter to(said);
    to(head);
    to.append(upload->data(), upload->size());
    return said;
}

}  // namespace

Truth replay_devices(const Record& record, const Prepared& data, std::uint32_t round) {
    const server::Options& options = record.options;
    if (data.users.size() != options.users || data.ranking.items != options.items)
        throw DataError("the record is of other data: it has " + std::to_string(options.users) +
                        " users and " + std::to_string(options.items) + " items");
    // Masks and keys are fresh, so what devices say by them cannot be said again; what they learn
    // can.
    const bool masked = find_exchange(options.variant.exchange).masked;
    const bool denoised = options.variant.exchange == denoise::name;
    Truth truth{&data, std::vector<std::vector<std::uint64_t>>(options.users)};
    const Identities identities = identities_for(options);
    std::vector<Replayed> clients(options.clients);
    for (const RecordedFrame& frame : record.frames) {
        if (!frame.frame || frame.frame->empty()) continue;
        Replayed& client = clients[frame.client];
        const wire::View bytes(*frame.frame);
        const wire::View body = bytes.subspan(wire::header_bytes);
        const wire::Type type = wire::read_header(bytes.first<wire::header_bytes>()).type;
        if (type == wire::Type::welcome) {
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
            client.device->learn(request, [&](wire::Encoded said) { client.said.push_back(said); });
            if (request.round != round) continue;
            const std::uint32_t hosted = users_of(frame.client, options.clients, options.users);
            for (std::uint32_t j = 0; j < hosted; ++j) {
                if (!get_bit(request.sampled, j)) continue;
                const auto& code = client.device->newest(j).code;
                truth.codes[index(hosted_user(frame.client, options.clients, j))].assign(
                    code.begin(), code.begin() + words_for(options.variant.bits));
            }
        } else if (type == wire::Type::reply && !masked) {
            const wire::Buffer said = denoised ? upload_in(*frame.frame, options) : *frame.frame;
            if (said.empty()) continue;
            if (client.said.empty() || (denoised ? upload_in(*client.said.front(), options)
                                                 : *client.said.front()) != said)
                throw DataError(
                    "the record is of other data: devices with these ratings upload something "
                    "else");
            client.said.pop_front();
        }
    }
    return truth;
}

}  // namespace fedhash::scenarios
