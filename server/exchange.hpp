// The conversation with everyone who is there: a question to every client that hosts users of a
// round, one reply from each of these users, handed on as it arrives; measurements; goodbye. What
// a round asks is the exchange's (exchanges/): once, or once a bit. Nothing after this sees a
// single user's upload.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "common/aggregate.hpp"
#include "common/uplink.hpp"
#include "server/adversary.hpp"
#include "server/observer.hpp"
#include "server/publisher.hpp"
#include "server/roster.hpp"
#include "server/virtual_clock.hpp"

namespace fedhash::server {

/// Why users of one client were not counted in a round, or why it did not answer a measurement.
struct Loss {
    std::uint32_t round = 0;
    std::uint32_t client = 0;
    std::vector<UserId> users;
    std::string reason;
};

/// The item codes that a round asked bit by bit came to.
struct Settled {
    Codes codes;
    std::uint64_t flips = 0;  // on the way
};

/// What users said on tables that are no longer the newest.
struct Stale {
    std::uint32_t version = 0;
    Aggregate sum;
};

struct Heard {
    Aggregate sum;
    std::vector<Stale> stale;  // of an asynchronous round, beside `sum`
    std::optional<Settled> settled;
    std::uint32_t accepted = 0;
    std::vector<Loss> losses;
    // By the models of links and attendance (virtual_clock.hpp, attendance.hpp):
    std::uint32_t late = 0;     // after the deadline
    std::uint32_t surplus = 0;  // after enough had come
    std::uint32_t too_stale = 0;
    std::uint32_t unopened = 0;   // under masks that too few were left to take off
    std::uint32_t refused = 0;    // would not go on (secure::Refusal)
    std::uint32_t dropped = 0;    // went away with the tables
    std::vector<UserId> counted;  // whose uploads did count
};

/// Which uploads of a round count, by modelled time.
struct Gate {
    std::int64_t deadline_ns = 0;  // after the round's start; 0 = all
    std::uint32_t first = 0;       // so many; 0 = all
    bool waits = false;            // for somebody who will not come
};

/// Sets one bit of all items from the users' sums on it; returns the items that flipped
/// (ItemStep::settle_bit).
using SettleBit = std::function<std::vector<ItemId>(
    Codes& codes, std::uint32_t bit, std::span<const std::int64_t> sums, const Aggregate& round)>;

/// What a question says beside its step: the same to every client, or to each of the users that are
/// asked its own words, one after the other.
struct Words {
    wire::Buffer for_all;
    std::function<wire::Buffer(UserId)> for_each;
};

/// What the shuffler made of notes: opened pieces, in no order.
struct Shuffled {
    std::vector<std::uint32_t> unread;  // places of notes, ascending
    std::vector<wire::View> pieces;     // of the others; they point into `bytes`
    std::vector<wire::Buffer> bytes;
    bool complete = false;

    Shuffled() = default;
    Shuffled(Shuffled&&) = default;
    Shuffled& operator=(Shuffled&&) = default;
};

class Exchange {
  public:
    /// One user's answer to the question under way. May throw DecodeError: the client's session
    /// then ends, and its users are lost.
    /// `arrival_ns`: modelled.
    using Hear = std::function<void(UserId user, wire::ByteReader& from, std::int64_t arrival_ns)>;

    Exchange(asio::io_context& io, const Options& options, Publisher& publisher, Roster& roster,
             Ledger& ledger);

    /// One round: the cohort learns on what is published. `settle` is for an exchange that asks bit
    /// by bit.
    asio::awaitable<Heard> learn(std::vector<UserId> cohort, Gate gate, SettleBit settle);

    /// One question of a round: asks these users and hands each answer to `hear`. Ends when
    /// everyone was heard or is lost, or at the deadline; a client that is then still owing is
    /// silent: named in the losses, and not asked again until it speaks. For the exchanges.
    asio::awaitable<std::vector<Loss>> ask(std::vector<UserId> users, std::uint32_t step,
                                           Words words, Hear hear);
    /// Has the shuffler open notes, all of one length. Throws RunError where it is gone, or does
    /// not answer by the deadline. Of an interrupted run nothing is opened.
    asio::awaitable<Shuffled> shuffle(std::vector<wire::Buffer> notes);
    /// An upload that has no name turned out to be unusable.
    void reject_unnamed(const std::string& reason) { roster_.reject(reason); }
    /// A user's round counts.
    void count_accepted(UserId user) { ++ledger_.user(user).accepted; }
    void count_sampled(UserId user) { ++ledger_.user(user).sampled; }
    /// An upload that was heard is not counted after all: its user is told when it is asked again.
    void refuse(UserId user);
    /// The user's client went, but what it had said counts.
    void count_after_all(UserId user);
    /// The same as refuse, of an upload that turned out to be unusable.
    void reject(UserId user, const std::string& reason);
    /// Whether an upload that was heard is to be decided on later.
    void set_pending(UserId user, bool pending);
    /// These users take the tables and are not heard of again in this round.
    void send_off(const std::vector<UserId>& users);
    const Options& options() const { return options_; }
    const Publisher& publisher() const { return publisher_; }
    const Tables& tables() const { return publisher_.now(); }
    const wire::Coders& coders() const { return coders_; }
    VirtualClock& clock() { return clock_; }
    const VirtualClock& clock() const { return clock_; }
    /// In real time (LinkModel::real_time) rounds last as long as they are modelled to. A round
    /// begins now; until when a frame that came just now is held; until the clock's time has come.
    void start_pace();
    std::chrono::steady_clock::time_point due(const wire::Frame& frame) const;
    asio::awaitable<void> keep_pace();
    /// When a frame that came just now arrived, by the model.
    std::int64_t arrival_ns(const wire::Frame& frame) const;
    /// The latest arrival of the last question.
    std::int64_t latest_ns() const { return latest_ns_; }

    /// Everyone who is there measures what is published; the scores are sums. `next_cohort`: who
    /// will train on the same tables.
    asio::awaitable<wire::Scores> measure(bool test, std::vector<UserId> next_cohort);

    /// Says goodbye to everyone and waits for the answers until the deadline, an interrupted run
    /// for a few seconds at most.
    asio::awaitable<void> part();

    /// Bytes that bringing the present tables to a user's device takes, on average: the trained
    /// model, after the last round.
    double last_delivery();

    /// Ends whatever is being waited for (an interrupt).
    void stop();

    /// What users under masks are being asked for.
    void ask_for(const secure::Scope& scope) { scope_ = scope; }

    /// Lies to the victims of `lie` from now on. `shown`, which must outlive this, has the tables
    /// that they are shown, version by version.
    void lie(const ServerLie& lie, Publisher& shown);
    /// Null: to nobody.
    const ServerLie* lie() const { return lie_; }
    LieRecord& lies() { return lies_; }
    const LieRecord& lies() const { return lies_; }

    /// Shows every upload that can be decoded to `observer`, which must outlive this; not those of
    /// an exchange that asks bit by bit.
    void show_to(Observer& observer) { observer_ = &observer; }
    Observer* observer() { return observer_; }

    /// Sum over connections that said goodbye of |kernel's count - ours|, and how many were
    /// compared. In a unix or in-process run the peer's own count stands in for the kernel's.
    std::uint64_t count_difference() const { return count_difference_; }
    std::uint32_t counts_compared() const { return counts_compared_; }
    bool kernel_counted() const { return kernel_counted_; }

  private:
    enum class Phase : std::uint8_t { idle, learning, shuffling, measuring, parting };

    /// Of what a client is shown: the truth, or what victims are.
    Publisher& publisher_of(std::uint32_t client);
    bool lied_to(UserId user) const;
    void count_lies(const std::vector<UserId>& cohort);

    void take(Seat& seat, const wire::Frame& frame);
    void take_reply(Seat& seat, wire::View body, std::size_t frame_bytes);
    void take_scores(Seat& seat, wire::View body);
    void take_goodbye(Seat& seat, wire::View body);
    void take_mixed(Seat& seat, wire::View body);
    void say_goodbye(Seat& seat, const wire::Encoded& goodbye);
    void leave(Seat& seat);
    /// Sends the tables to a client that does not hold them.
    void give(Seat& seat, Account account);
    /// The same of every row, where a client otherwise holds its own alone.
    void give_whole(Seat& seat, Account account);
    /// Bytes of what turns a device's version into the present one: all of it, or its own rows.
    std::size_t change_bytes(UserId user, std::uint32_t held);
    std::int64_t arrival_of(const wire::ReplyHead& head, std::size_t frame_bytes) const;
    std::size_t needed_tables(UserId user);
    bool by_bit(std::uint32_t round) const;
    void count_needed(UserId user, std::uint32_t step, bool refused, const wire::Buffer& body);
    std::vector<Loss> unasked_losses(std::vector<std::vector<UserId>> unasked) const;
    void settle(Seat& seat);
    asio::awaitable<void> everyone_or_deadline(std::uint32_t deadline_ms);

    const Options& options_;
    Publisher& publisher_;
    Roster& roster_;
    Ledger& ledger_;
    wire::Coders coders_;
    std::size_t most_reply_bytes_;
    asio::steady_timer done_;
    bool stopped_ = false;

    std::vector<std::uint32_t> held_;  // by user: version of the tables that its device holds
    VirtualClock clock_;
    std::vector<std::size_t> sent_;  // by user: bytes of the question under way
    std::int64_t latest_ns_ = 0;
    std::int64_t pace_ns_ = 0;  // the clock, when it was
    std::chrono::steady_clock::time_point pace_at_;
    asio::steady_timer pace_;
    std::int64_t last_call_ns_ = -1;  // of the round: no reply is held longer; < 0: none
    Phase phase_ = Phase::idle;
    std::vector<std::uint8_t> owing_users_;  // learning: 1 = sampled and not heard yet, by user
    std::vector<std::uint32_t>
        owing_by_client_;  // learning: users owing; otherwise 1 = the client owes an answer
    std::uint64_t owing_ = 0;
    std::uint32_t step_ = 0;  // learning: of the question under way
    const Hear* hear_ = nullptr;
    std::vector<Loss>* losses_ = nullptr;
    wire::Scores* scores_ = nullptr;
    Shuffled* shuffled_ = nullptr;
    std::size_t notes_ = 0;  // that are being shuffled
    Observer* observer_ = nullptr;
    const ServerLie* lie_ = nullptr;
    Publisher* shown_ = nullptr;  // to victims
    LieRecord lies_;
    secure::Scope scope_;
    std::uint64_t count_difference_ = 0;
    std::uint32_t counts_compared_ = 0;
    bool kernel_counted_ = true;
};

}  // namespace fedhash::server
