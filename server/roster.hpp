// Who is connected: a seat per client process, from its hello to its end. The one place where a
// session ends is in here.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/wire/channel.hpp"
#include "common/wire/own_rows.hpp"
#include "server/ledger.hpp"
#include "server/options.hpp"

namespace fedhash::server {

struct Seat {
    enum class State : std::uint8_t {
        absent,  // has not come yet
        ready,
        silent,  // missed a deadline; not waited for until it speaks again
        gone,
    };
    std::uint32_t client = 0;
    State state = State::absent;
    std::unique_ptr<wire::Channel> channel;
    std::uint32_t version = 0;        // of the tables that it holds
    std::uint32_t whole_version = 0;  // of those of which it holds every row
    wire::ItemSets needs;             // of its users, where a client is sent no other rows
    std::vector<ItemId> rows;         // all of them
    std::vector<std::uint8_t>
        refused;  // users whose last upload did not count and who have not been told
    std::vector<std::uint8_t> pending;  // users whose upload may yet count, or not
    wire::Traffic attributed;           // what the ledger has of this connection
    std::string end_reason;
};

class Roster {
  public:
    using Inbox = std::function<void(Seat& seat, const wire::Frame& frame)>;
    using Leaving = std::function<void(Seat& seat)>;
    /// Hears every frame of seated clients, in the order in which it was posted or came.
    struct Tap {
        std::function<void(std::uint32_t client, const wire::Encoded& frame)> down;
        std::function<void(std::uint32_t client, const wire::Frame& frame)> up;
        std::function<void(std::uint32_t client, const std::string& reason)> left;
    };

    Roster(asio::io_context& io, const Options& options, Ledger& ledger);

    /// Where frames of seated clients go (may throw DecodeError: the session then ends), and who
    /// hears that one left.
    void on_frame(Inbox inbox) { inbox_ = std::move(inbox); }
    void on_leave(Leaving leaving) { leaving_ = std::move(leaving); }
    void tap(Tap tap) { tap_ = std::move(tap); }

    /// Frames are kept from the inbox until then, in the order in which a client sent them.
    using Due = std::function<std::chrono::steady_clock::time_point(const wire::Frame& frame)>;
    void hold_until(Due due) { due_ = std::move(due); }
    void hold_no_more();

    /// Takes over a new connection; anything may be at its other end.
    void admit(std::unique_ptr<wire::Channel> channel);

    /// Until every client has said hello or is known not to come, or the start deadline.
    asio::awaitable<void> wait_for_all();
    void stop_waiting() { all_here_.cancel(); }

    /// A client that will not come: its process ended before it said hello.
    void give_up(std::uint32_t client, const std::string& reason);

    void post(Seat& seat, Account account, wire::Type type, const wire::Encoded& frame);

    std::vector<Seat>& seats() { return seats_; }
    /// Of the exchange `shuffled`; otherwise nobody ever sits there. Its number is that after the
    /// last client's.
    Seat& shuffler() { return shuffler_; }
    std::uint32_t ready() const;

    void reject(const std::string& reason) { ++rejected_[reason]; }
    const std::map<std::string, std::uint64_t>& rejected() const { return rejected_; }

  private:
    asio::awaitable<void> serve(std::unique_ptr<wire::Channel> channel);
    asio::awaitable<void> hold(std::chrono::steady_clock::time_point until);
    void take_needs(Seat& seat, const wire::Frame& frame);
    void sit_down(Seat& seat, Seat::State state);
    Seat& seat_for(const wire::Hello& hello);
    wire::Encoded welcome() const;
    wire::Caps caps_of_members() const;
    wire::Caps caps_of_shuffler() const;
    wire::Caps caps_of_needs(std::uint32_t client) const;

    asio::io_context& io_;
    const Options& options_;
    Ledger& ledger_;
    Inbox inbox_;
    Leaving leaving_;
    Tap tap_;
    Due due_;
    std::set<asio::steady_timer*> holding_;
    std::vector<Seat> seats_;
    Seat shuffler_;
    std::uint32_t seated_ = 0;
    std::uint32_t strangers_ = 0;  // connections that have not said hello
    asio::steady_timer all_here_;
    std::map<std::string, std::uint64_t> rejected_;
    wire::Encoded welcome_;
};

}  // namespace fedhash::server
