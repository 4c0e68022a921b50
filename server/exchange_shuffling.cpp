// The exchange's words with a shuffler (exchange.hpp, common/shuffle.hpp).
#include <algorithm>

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
    shuffled_ = &shuffled;
    shuffled_senders_ = notes.size();
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
    if (!stopped_ && (seat.state != Seat::State::ready || owing_by_client_[seat.client] > 0))
        throw RunError("the shuffler did not answer by the deadline (run.deadline_ms), or went: " +
                       seat.end_reason);
    if (stopped_) settle(seat);
    co_return shuffled;
}

void Exchange::take_mixed(Seat& seat, wire::View body) {
    wire::ByteReader from(body);
    shuffle::Mixed mixed;
    from(mixed);
    if (phase_ != Phase::shuffling || owing_by_client_[seat.client] == 0 ||
        mixed.round != publisher_.version())
        throw wire::DecodeError("uploads that nobody asked to be shuffled");
    const std::size_t piece = shuffle::piece_bytes(options_.variant, options_.items);
    const std::size_t pieces = shuffled_senders_ * options_.variant.privacy.pieces;
    wire::Buffer& bytes = shuffled_->bytes.emplace_back(from.peek().begin(), from.peek().end());
    if (bytes.size() % piece != 0 || shuffled_->pieces.size() + bytes.size() / piece > pieces)
        throw wire::DecodeError("shuffled pieces of another length or number");
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        shuffled_->pieces.push_back(wire::View(bytes).subspan(at, piece));
    if (!mixed.last) return;
    const std::vector<std::uint32_t>& unread = mixed.unread;
    if (!std::ranges::is_sorted(unread, std::less_equal{}) ||
        (!unread.empty() && unread.back() >= shuffled_senders_) ||
        shuffled_->pieces.size() + unread.size() * options_.variant.privacy.pieces != pieces)
        throw wire::DecodeError("shuffled pieces do not match the notes");
    shuffled_->unread = unread;
    settle(seat);
}

}  // namespace fedhash::server
