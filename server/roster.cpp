#include "server/roster.hpp"

#include <openssl/crypto.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/shuffle.hpp"
#include "common/wire/padding.hpp"

namespace fedhash::server {

namespace {

constexpr std::chrono::seconds hello_deadline{10};
constexpr std::uint32_t max_strangers = 1024;
constexpr std::size_t hello_bytes = 32 + 4;

void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

}  // namespace

Roster::Roster(asio::io_context& io, const Options& options, Ledger& ledger)
    : io_(io),
      options_(options),
      ledger_(ledger),
      seats_(options.clients),
      all_here_(io, asio::steady_timer::time_point::max()) {
    for (std::uint32_t client = 0; client < options.clients; ++client)
        seats_[client].client = client;
    shuffler_.client = options.clients;
    welcome_ =
        wire::frame(wire::Type::welcome,
                    wire::encode(wire::Welcome{options.users, options.items, options.clients,
                                               options.seed, options.variant, options.cutoffs,
                                               options.asymmetric, options.kernels}));
}

void Roster::admit(std::unique_ptr<wire::Channel> channel) {
    if (strangers_ >= max_strangers + options_.clients) {
        reject("too many connections");
        channel->close();
        return;
    }
    asio::co_spawn(io_, serve(std::move(channel)), rethrow);
}

asio::awaitable<void> Roster::wait_for_all() {
    if (seated_ < connections(options_.variant, options_.clients)) {
        all_here_.expires_after(std::chrono::milliseconds(options_.start_deadline_ms));
        asio::error_code cancelled;
        co_await all_here_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

void Roster::post(Seat& seat, Account account, wire::Type type, const wire::Encoded& frame) {
    ledger_.add(account, Direction::down, type, frame->size());
    seat.attributed.sent += frame->size();
    if (tap_.down) tap_.down(seat.client, frame);
    seat.channel->post(frame);
}

void Roster::give_up(std::uint32_t client, const std::string& reason) {
    if (client >= connections(options_.variant, options_.clients)) return;
    Seat& seat = client < seats_.size() ? seats_[client] : shuffler_;
    if (seat.state != Seat::State::absent) return;
    seat.end_reason = reason;
    sit_down(seat, Seat::State::gone);
    leaving_(seat);
}

void Roster::sit_down(Seat& seat, Seat::State state) {
    seat.state = state;
    if (++seated_ == connections(options_.variant, options_.clients)) all_here_.cancel();
}

// A user's own device would send a frame with its own set.
void Roster::take_needs(Seat& seat, const wire::Frame& frame) {
    const std::size_t bytes = wire::header_bytes + frame.body.size();
    seat.attributed.received += bytes;
    ledger_.add(Account::training, Direction::up, wire::Type::needs, bytes);
    if (tap_.up) tap_.up(seat.client, frame);
    const std::uint32_t hosted = users_of(seat.client, options_.clients, options_.users);
    const Coding& coding = options_.variant.coding;
    seat.needs = wire::decode_needs(frame.body, hosted, options_.items, coding);
    seat.rows = wire::all_of(seat.needs);
    for (std::uint32_t j = 0; j < hosted; ++j)
        ledger_.announced(hosted_user(seat.client, options_.clients, j),
                          wire::header_bytes + wire::encode_needs({seat.needs[j]}, coding).size());
}

std::uint32_t Roster::ready() const {
    std::uint32_t count = 0;
    for (const Seat& seat : seats_) count += seat.state == Seat::State::ready ? 1 : 0;
    return count;
}

Seat& Roster::seat_for(const wire::Hello& hello) {
    const bool mixes =
        find_exchange(options_.variant.exchange).shuffled && hello.client == options_.clients;
    const wire::Token& expected = mixes ? options_.shuffler_token : options_.token;
    if (CRYPTO_memcmp(hello.token.data(), expected.data(), expected.size()) != 0)
        throw wire::DecodeError("wrong run token");
    if (hello.client >= seats_.size() && !mixes)
        throw wire::DecodeError("no such client in this run");
    Seat& seat = mixes ? shuffler_ : seats_[hello.client];
    if (seat.state != Seat::State::absent || seat.channel)
        throw wire::DecodeError("this client is already here");
    return seat;
}

wire::Caps Roster::caps_of_members() const {
    const std::size_t specs = metric_specs(options_.cutoffs).size();
    const std::size_t sums = 64 + 10 * sizeof(std::uint64_t) + specs * 3 * sizeof(std::int64_t) +
                             10 * options_.cutoffs.size() * sizeof(std::int64_t);
    return wire::Caps()
        .allow(wire::Type::reply,
               wire::max_padded_bytes(options_.variant.coding,
                                      max_reply_bytes(options_.variant, options_.items)))
        .allow(wire::Type::scores, 16 + max_scorings * sums)
        .allow(wire::Type::goodbye, 16);
}

wire::Caps Roster::caps_of_shuffler() const {
    return wire::Caps()
        .allow(wire::Type::mixed,
               shuffle::max_mixed_bytes(options_.variant, options_.items, options_.users))
        .allow(wire::Type::goodbye, 16);
}

wire::Caps Roster::caps_of_needs(std::uint32_t client) const {
    const std::uint32_t hosted = users_of(client, options_.clients, options_.users);
    return wire::Caps().allow(wire::Type::needs, wire::max_needs_bytes(hosted, options_.items));
}

asio::awaitable<void> Roster::hold(std::chrono::steady_clock::time_point until) {
    if (until <= std::chrono::steady_clock::now()) co_return;
    asio::steady_timer timer(io_, until);
    holding_.insert(&timer);
    asio::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    holding_.erase(&timer);
}

void Roster::hold_no_more() {
    due_ = nullptr;
    for (asio::steady_timer* timer : holding_) timer->cancel();
}

asio::awaitable<void> Roster::serve(std::unique_ptr<wire::Channel> connection) {
    wire::Channel& channel = *connection;
    Seat* seat = nullptr;
    std::string reason;
    ++strangers_;
    const auto waiting =
        std::make_shared<bool>(true);  // outlives the channel, for a timer that fires late
    try {
        // A stranger has a few seconds to say hello, and may say nothing else.
        asio::steady_timer patience(io_, hello_deadline);
        patience.async_wait([&channel, waiting](const asio::error_code& cancelled) {
            if (!cancelled && *waiting) channel.close();
        });
        channel.allow(wire::Caps().allow(wire::Type::hello, hello_bytes));
        wire::Frame frame = co_await channel.receive();
        *waiting = false;
        patience.cancel();
        seat = &seat_for(wire::decode<wire::Hello>(frame.body));
        --strangers_;
        seat->channel = std::move(connection);
        seat->attributed.received = wire::header_bytes + frame.body.size();
        ledger_.add(Account::control, Direction::up, wire::Type::hello,
                    wire::header_bytes + frame.body.size());
        if (tap_.up) tap_.up(seat->client, frame);
        post(*seat, Account::control, wire::Type::welcome, welcome_);
        if (wire::sends_own_rows(options_.variant)) {
            channel.allow(caps_of_needs(seat->client));
            take_needs(*seat, co_await channel.receive());
        }
        channel.allow(seat == &shuffler_ ? caps_of_shuffler() : caps_of_members());
        sit_down(*seat, Seat::State::ready);

        while (seat->state != Seat::State::gone) {
            frame = co_await channel.receive();
            seat->attributed.received += wire::header_bytes + frame.body.size();
            if (tap_.up) tap_.up(seat->client, frame);
            if (due_) co_await hold(due_(frame));
            if (seat->state == Seat::State::gone) break;
            inbox_(*seat, frame);
        }
    } catch (const wire::DecodeError& error) {
        reason = error.what();
        reject(reason);
    } catch (const wire::Closed& error) {
        reason = std::string("connection lost: ") + error.what();
    }
    *waiting = false;
    if (seat == nullptr) {
        --strangers_;
        co_return;
    }
    if (seat->state == Seat::State::gone) co_return;  // said goodbye
    if (seat->state == Seat::State::absent) sit_down(*seat, Seat::State::gone);
    seat->state = Seat::State::gone;
    seat->end_reason = reason;
    if (tap_.left) tap_.left(seat->client, reason);
    channel.close();
    leaving_(*seat);
}

}  // namespace fedhash::server
