// The exchange's words with a shuffler (exchange.hpp, common/shuffle.hpp).
#include <algorithm>
#include <functional>

#include "common/errors.hpp"
#include "common/shuffle.hpp"
#include "server/exchange.hpp"

namespace fedhash::server {

asio::awaitable<Shuffled> Exchange::shuffle(std::vector<wire::Buffer> notes) {
    Seat& seat = roster_.shuffler();
    if (seat.state != Seat::State::ready)
        throw RunError("the shuffler is gone, and without it no upload can be opened: " +
                       seat.end_reason);
    Shuffled shuffled;
    if (stopped_) co_return shuffled;
    shuffled_ = &shuffled;
    notes_ = notes.size();
    phase_ = Phase::shuffling;
    const std::size_t most = shuffle::most_batch_bytes(options_.variant, options_.items);
    for (std::size_t j = 0; j < notes.size();) {
        wire::Buffer batch;
        do batch.insert(batch.end(), notes[j].begin(), notes[j].end());
        while (++j < notes.size() && batch.size() + notes[j].size() <= most);
        wire::Buffer body = wire::encode(shuffle::Mix{publisher_.version(), j == notes.size()});
        body.insert(body.end(), batch.begin(), batch.end());
        roster_.post(seat, Account::training, wire::Type::mix, wire::frame(wire::Type::mix, body));
    }
    owing_by_client_[seat.client] = 1;
    ++owing_;
    co_await everyone_or_deadline(options_.deadline_ms);
    phase_ = Phase::idle;
    shuffled_ = nullptr;
    settle(seat);
    if (shuffled.complete) co_return shuffled;
    if (stopped_) co_return Shuffled();
    if (seat.state != Seat::State::ready)
        throw RunError("the shuffler went before it had answered: " + seat.end_reason);
    throw RunError("the shuffler did not answer by the deadline (run.deadline_ms)");
}

void Exchange::take_mixed(Seat& seat, wire::View body) {
    wire::ByteReader from(body);
    shuffle::Mixed mixed;
    from(mixed);
    if (phase_ != Phase::shuffling || owing_by_client_[seat.client] == 0 ||
        mixed.round != publisher_.version())
        return roster_.reject("late pieces, or of another round");
    const std::size_t piece = shuffle::piece_bytes(options_.variant, options_.items);
    const std::size_t pieces = notes_ * options_.variant.privacy.pieces;
    wire::Buffer& bytes = shuffled_->bytes.emplace_back(from.peek().begin(), from.peek().end());
    const bool whole = mixed.last || (!bytes.empty() && mixed.unread.empty());
    if (!whole || bytes.size() % piece != 0 ||
        shuffled_->pieces.size() + bytes.size() / piece > pieces)
        throw wire::DecodeError("shuffled pieces of another length or number");
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        shuffled_->pieces.push_back(wire::View(bytes).subspan(at, piece));
    if (!mixed.last) return;
    const std::vector<std::uint32_t>& unread = mixed.unread;
    if (std::ranges::adjacent_find(unread, std::greater_equal{}) != unread.end() ||
        (!unread.empty() && unread.back() >= notes_) ||
        shuffled_->pieces.size() + unread.size() * options_.variant.privacy.pieces != pieces)
        throw wire::DecodeError("shuffled pieces do not match the notes");
    shuffled_->unread = unread;
    shuffled_->complete = true;
    settle(seat);
}

}  // namespace fedhash::server
