// The exchange's end: goodbye to everyone, and every connection's count of bytes compared
// (exchange.hpp).
#include <algorithm>

#include "common/exchange.hpp"
#include "server/exchange.hpp"

namespace fedhash::server {

namespace {

constexpr std::uint32_t interrupted_parting_ms = 10000;

void close_for_good(Seat& seat) {
    if (!seat.channel) return;
    seat.state = Seat::State::gone;
    seat.channel->close();
}

}  // namespace

asio::awaitable<void> Exchange::part() {
    phase_ = Phase::parting;
    const std::uint32_t deadline_ms =
        stopped_ ? std::min(options_.deadline_ms, interrupted_parting_ms) : options_.deadline_ms;
    stopped_ = false;  // an interrupted run still says goodbye
    const wire::Encoded goodbye = wire::frame(wire::Type::goodbye, wire::encode(wire::Goodbye{}));
    for (Seat& seat : roster_.seats()) say_goodbye(seat, goodbye);
    say_goodbye(roster_.shuffler(), goodbye);
    co_await everyone_or_deadline(deadline_ms);
    std::ranges::for_each(roster_.seats(), close_for_good);
    close_for_good(roster_.shuffler());
    phase_ = Phase::idle;
}

void Exchange::say_goodbye(Seat& seat, const wire::Encoded& goodbye) {
    if (!seat.channel || seat.state == Seat::State::gone) return;
    roster_.post(seat, Account::control, wire::Type::goodbye, goodbye);
    if (seat.state == Seat::State::silent) return;  // told, in case it wakes; not waited for
    owing_by_client_[seat.client] = 1;
    ++owing_;
}

void Exchange::take_goodbye(Seat& seat, wire::View body) {
    const auto goodbye = wire::decode<wire::Goodbye>(body);
    if (phase_ != Phase::parting || owing_by_client_[seat.client] == 0)
        throw wire::DecodeError("goodbye without being asked");
    const auto distance = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; };
    const wire::Traffic ours = seat.attributed;
    const wire::Traffic crossed = seat.channel->traffic();
    count_difference_ +=
        distance(ours.sent, crossed.sent) + distance(ours.received, crossed.received);
    // The client counted before it sent this frame.
    const std::size_t last = wire::header_bytes + body.size();
    count_difference_ += distance(ours.sent, goodbye.bytes_received) +
                         distance(ours.received, goodbye.bytes_sent + last);
    if (const auto kernel = seat.channel->kernel_traffic())
        count_difference_ +=
            distance(ours.sent, kernel->sent) + distance(ours.received, kernel->received);
    else
        kernel_counted_ = false;
    ++counts_compared_;
    seat.state = Seat::State::gone;
    settle(seat);
}

}  // namespace fedhash::server
