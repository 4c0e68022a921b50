#include "shuffler/session.hpp"

#include "common/shuffle.hpp"
#include "shuffler/mixer.hpp"

namespace fedhash::shuffler {

namespace {

/// As many pieces in a frame as fit, the last one with those who could not be read.
void say(const Batch& batch, const wire::Welcome& run, std::uint32_t round,
         wire::Channel& channel) {
    const std::size_t most = shuffle::most_batch_bytes(run.variant, run.items);
    std::size_t next = 0;
    do {
        wire::Buffer pieces;
        while (next < batch.pieces.size() && pieces.size() + batch.pieces[next].size() <= most) {
            pieces.insert(pieces.end(), batch.pieces[next].begin(), batch.pieces[next].end());
            ++next;
        }
        const bool last = next == batch.pieces.size();
        wire::Buffer body = wire::encode(
            shuffle::Mixed{round, last, last ? batch.unread : std::vector<std::uint32_t>()});
        body.insert(body.end(), pieces.begin(), pieces.end());
        channel.post(wire::frame(wire::Type::mixed, body));
    } while (next < batch.pieces.size());
}

}  // namespace

asio::awaitable<void> run_session(std::unique_ptr<wire::Channel> channel, KeyFile keys) {
    channel->allow(wire::Caps().allow(wire::Type::welcome, 4096));
    channel->post(
        wire::frame(wire::Type::hello, wire::encode(wire::Hello{keys.token, keys.place})));
    wire::Frame frame = co_await channel->receive();
    const auto run = wire::decode<wire::Welcome>(frame.body);
    shuffle::check(run.variant, run.users, run.items);
    channel->allow(wire::Caps()
                       .allow(wire::Type::mix, shuffle::max_mix_bytes(run.variant, run.items))
                       .allow(wire::Type::goodbye, 16));
    const std::size_t most = run.users * shuffle::note_bytes(run.variant, run.items);
    wire::Buffer notes;
    std::uint32_t round = 0;
    while (true) {
        frame = co_await channel->receive();
        if (frame.type == wire::Type::goodbye) {
            const wire::Traffic traffic = channel->traffic();
            channel->post(wire::frame(wire::Type::goodbye,
                                      wire::encode(wire::Goodbye{traffic.sent, traffic.received})));
            co_await channel->drained();
            co_return;
        }
        wire::ByteReader from(frame.body);
        shuffle::Mix mix;
        from(mix);
        // A batch of a round that was shuffled before would show, beside the first, who is new.
        if (notes.empty() && mix.round <= round)
            throw wire::DecodeError("asked to shuffle a round once more");
        if (!notes.empty() && mix.round != round) throw wire::DecodeError("a batch of two rounds");
        round = mix.round;
        if (from.left() > most - notes.size())
            throw wire::DecodeError("more notes than there are users");
        notes.insert(notes.end(), from.peek().begin(), from.peek().end());
        if (!mix.last) continue;
        say(open_and_mix(notes, run, round, keys.secret), run, round, *channel);
        notes.clear();
    }
}

}  // namespace fedhash::shuffler
