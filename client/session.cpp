#include "client/session.hpp"

#include <optional>

#include "client/device.hpp"
#include "common/wire/own_rows.hpp"
#include "common/wire/plane.hpp"

namespace fedhash::client {

namespace {

wire::Caps caps_after_welcome(const wire::Welcome& welcome, std::size_t users) {
    const std::size_t sets = users / 8 + 16;
    const std::size_t tables = wire::max_publish_bytes(welcome.variant, welcome.items);
    wire::Caps caps;
    if (wire::sends_own_rows(welcome.variant)) caps.allow(wire::Type::rows, tables);
    return caps.allow(wire::Type::publish, tables)
        .allow(wire::Type::request,
               3 * sets + 32 + wire::max_request_body_bytes(welcome.variant, welcome.items, users))
        .allow(wire::Type::evaluate, 2 * sets + 16)
        .allow(wire::Type::goodbye, 16);
}

// A coordinator does not tell strangers why they may not stay.
asio::awaitable<wire::Frame> first_answer(wire::Channel& channel, std::uint32_t client) {
    try {
        co_return co_await channel.receive();
    } catch (const wire::Closed&) {
        throw wire::Closed("it did not take client " + std::to_string(client) +
                           ": the shard belongs to another run, or this client is already there");
    }
}

}  // namespace

asio::awaitable<void> run_session(std::unique_ptr<wire::Channel> channel, Shard shard,
                                  SessionOptions options) {
    channel->allow(wire::Caps().allow(wire::Type::welcome, 4096));
    channel->post(
        wire::frame(wire::Type::hello, wire::encode(wire::Hello{shard.token, shard.client})));
    wire::Frame frame = co_await first_answer(*channel, shard.client);
    const auto welcome = wire::decode<wire::Welcome>(frame.body);
    channel->allow(caps_after_welcome(welcome, shard.users.size()));
    if (wire::sends_own_rows(welcome.variant)) {
        wire::check_coding(welcome.variant.coding);
        channel->post(wire::frame(wire::Type::needs,
                                  wire::encode_needs(needs_of(shard), welcome.variant.coding)));
    }
    Device device(std::move(shard), welcome);
    const std::function<void(wire::Encoded)> say = [&channel](wire::Encoded reply) {
        channel->post(std::move(reply));
    };

    while (true) {
        frame = co_await channel->receive();
        switch (frame.type) {
            case wire::Type::publish:
                device.publish(frame.body);
                break;
            case wire::Type::rows:
                device.publish_rows(frame.body);
                break;
            case wire::Type::request: {
                const auto request = wire::decode<wire::Request>(frame.body);
                if (options.before_learning) options.before_learning(request.round);
                device.learn(request, say);
                for (const std::string& note : device.take_notes())
                    if (options.tell_owner) options.tell_owner(note);
                break;
            }
            case wire::Type::evaluate: {
                const auto evaluate = wire::decode<wire::Evaluate>(frame.body);
                channel->post(
                    wire::frame(wire::Type::scores, wire::encode(device.measure(evaluate))));
                break;
            }
            default:  // goodbye: the caps let nothing else through
                if (!options.private_folder.empty()) device.write_private(options.private_folder);
                const wire::Traffic traffic = channel->traffic();
                channel->post(
                    wire::frame(wire::Type::goodbye,
                                wire::encode(wire::Goodbye{traffic.sent, traffic.received})));
                co_await channel->drained();
                co_return;
        }
    }
}

}  // namespace fedhash::client
