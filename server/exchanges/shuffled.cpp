// The coordinator's half of the exchange `shuffled` (common/shuffle.hpp).
#include <algorithm>

#include "common/shuffle.hpp"
#include "common/uplink.hpp"
#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

namespace {

struct Note {
    wire::Buffer bytes;
    UserId user{};
};

/// The senders whose notes the shuffler could read, and the others.
std::vector<UserId> part_senders(const std::vector<UserId>& senders,
                                 const std::vector<std::uint32_t>& unread,
                                 std::vector<UserId>& others) {
    std::vector<UserId> read;
    for (std::uint32_t place = 0; place < senders.size(); ++place)
        (std::ranges::binary_search(unread, place) ? others : read).push_back(senders[place]);
    std::ranges::sort(read);
    return read;
}

}  // namespace

asio::awaitable<Heard> learn_shuffled(Exchange& exchange, std::vector<UserId> cohort) {
    const Options& options = exchange.options();
    Options of_pieces = options;
    of_pieces.variant = shuffle::piece_variant(options.variant);
    const auto uplink = find_uplink(of_pieces.variant.uplink).make(of_pieces.variant);
    const std::size_t note_bytes = shuffle::note_bytes(options.variant, options.items);
    Heard heard;
    heard.sum = Aggregate(uplink->shape(options.items));

    std::vector<Note> heard_notes;
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t) {
        const wire::View own = from.take(note_bytes);
        from.finish();
        heard_notes.push_back({{own.begin(), own.end()}, user});
    };
    const Words nothing;
    heard.losses = co_await exchange.ask(std::move(cohort), 0, nothing, hear);
    exchange.clock().advance_to(exchange.latest_ns());

    // By their bytes, which are as good as random: in an order of users the shuffler would know who
    // they are.
    std::ranges::sort(heard_notes, {}, &Note::bytes);
    std::vector<UserId> senders, unread;
    std::vector<wire::Buffer> notes;
    for (Note& note : heard_notes) {
        senders.push_back(note.user);
        notes.push_back(std::move(note.bytes));
    }
    heard_notes.clear();
    if (notes.size() < shuffle::least_notes) {
        leave_out(exchange, senders, "too few to shuffle", heard);
        heard.unopened = static_cast<std::uint32_t>(senders.size());
        co_return heard;
    }
    const Shuffled shuffled = co_await exchange.shuffle(std::move(notes));
    if (!shuffled.complete) co_return heard;  // the run was interrupted
    heard.counted = part_senders(senders, shuffled.unread, unread);
    leave_out(exchange, unread, "wrote what the shuffler cannot read", heard);
    wire::Coders coders = exchange.coders();
    coders.most_items = most_rows(of_pieces.variant);
    std::size_t place = 0;
    for (const wire::View piece : shuffled.pieces) {
        // Nobody can be blamed for a piece: it has no name.
        const UserId anybody = heard.counted[place++ % heard.counted.size()];
        try {
            const wire::View upload = shuffle::unpad_piece(piece, options.variant, options.items);
            wire::ByteReader from(upload, coders);
            uplink->hear(from, exchange.tables(), heard.sum);
            if (exchange.observer() != nullptr)
                exchange.observer()->see(anybody, upload, wire::header_bytes + note_bytes,
                                         of_pieces, exchange.tables(), {}, false);
        } catch (const wire::DecodeError& error) {
            exchange.reject_unnamed(error.what());
        }
    }
    // An upload in pieces is one user's.
    heard.sum.users = heard.counted.size();
    for (const UserId user : heard.counted) exchange.count_accepted(user);
    heard.accepted = static_cast<std::uint32_t>(heard.counted.size());
    co_return heard;
}

}  // namespace fedhash::server
