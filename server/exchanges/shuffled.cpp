// The coordinator's half of the exchange `shuffled` (common/shuffle.hpp).
#include <algorithm>
#include <map>

#include "common/shuffle.hpp"
#include "common/uplink.hpp"
#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

namespace {

/// The senders whose notes the shuffler could read, ascending.
std::vector<UserId> read_senders(const std::map<UserId, wire::Buffer>& notes,
                                 const std::vector<std::uint32_t>& unread) {
    std::vector<UserId> senders;
    std::uint32_t place = 0;
    for (const auto& [user, own] : notes)
        if (!std::ranges::binary_search(unread, place++)) senders.push_back(user);
    return senders;
}

std::vector<UserId> unread_senders(const std::map<UserId, wire::Buffer>& notes,
                                   const std::vector<UserId>& read) {
    std::vector<UserId> senders;
    for (const auto& [user, own] : notes)
        if (!std::ranges::binary_search(read, user)) senders.push_back(user);
    return senders;
}

}  // namespace

asio::awaitable<Heard> learn_shuffled(Exchange& exchange, std::vector<UserId> cohort) {
    const Options& options = exchange.options();
    Options of_pieces = options;
    of_pieces.variant = shuffle::piece_variant(options.variant);
    const auto uplink = find_uplink(of_pieces.variant.uplink).make(of_pieces.variant);
    const std::size_t sealed = shuffle::note_bytes(options.variant, options.items);
    Heard heard;
    heard.sum = Aggregate(uplink->shape(options.items));

    std::map<UserId, wire::Buffer> notes;
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t) {
        const wire::View own = from.take(sealed);
        from.finish();
        notes[user].assign(own.begin(), own.end());
    };
    const Words nothing;
    heard.losses = co_await exchange.ask(std::move(cohort), 0, nothing, hear);
    exchange.clock().advance_to(exchange.latest_ns());
    if (notes.empty()) co_return heard;

    std::vector<wire::Buffer> in_turn;
    for (const auto& [user, own] : notes) in_turn.push_back(own);
    const Shuffled shuffled = co_await exchange.shuffle(std::move(in_turn));
    heard.counted = read_senders(notes, shuffled.unread);
    leave_out(exchange, unread_senders(notes, heard.counted), "wrote what the shuffler cannot read",
              heard);
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
                exchange.observer()->see(anybody, upload, wire::header_bytes + sealed, of_pieces,
                                         exchange.tables(), {}, false);
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
