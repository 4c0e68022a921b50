// How a round's words travel: one request to every client that hosts sampled users, one reply from
// every sampled user, folded into the sum as it arrives. Nothing after this sees a single user's
// upload.
#pragma once

#include <memory>

#include "common/aggregate.hpp"
#include "common/uplink.hpp"
#include "server/publisher.hpp"
#include "server/roster.hpp"

namespace fedhash::server {

/// Why users of one client were not counted in a round, or why it did not answer a measurement.
struct Loss {
    std::uint32_t round = 0;
    std::uint32_t client = 0;
    std::vector<UserId> users;
    std::string reason;
};

struct Heard {
    Aggregate sum;
    std::uint32_t accepted = 0;
    std::vector<Loss> losses;
};

class Exchange {
  public:
    Exchange(asio::io_context& io, const Options& options, Publisher& publisher, Roster& roster,
             Ledger& ledger);

    /// One round: the cohort learns on what is published. Ends when everyone was heard or is lost,
    /// or at the deadline; a client that is then still owing is silent: named in the losses, and
    /// not asked again until it speaks.
    asio::awaitable<Heard> learn(std::vector<UserId> cohort);

    /// Everyone who is there measures what is published; the scores are sums. `next_cohort`: who
    /// will train on the same tables.
    asio::awaitable<wire::Scores> measure(bool test, std::vector<UserId> next_cohort);

    /// Says goodbye to everyone and waits for the answers, for a few seconds at most.
    asio::awaitable<void> part();

    /// Ends whatever is being waited for (an interrupt).
    void stop();

    /// Sum over connections that said goodbye of |kernel's count - ours|, and how many were
    /// compared. In a unix or in-process run the peer's own count stands in for the kernel's.
    std::uint64_t count_difference() const { return count_difference_; }
    std::uint32_t counts_compared() const { return counts_compared_; }
    bool kernel_counted() const { return kernel_counted_; }

  private:
    enum class Phase : std::uint8_t { idle, learning, measuring, parting };

    void take(Seat& seat, const wire::Frame& frame);
    void take_reply(Seat& seat, wire::View body, std::size_t frame_bytes);
    void take_scores(Seat& seat, wire::View body);
    void take_goodbye(Seat& seat, wire::View body);
    void leave(Seat& seat);
    /// Sends the tables to a client that does not hold them.
    void give(Seat& seat, Account account);
    void settle(Seat& seat);
    asio::awaitable<void> everyone_or_deadline(std::uint32_t deadline_ms);

    const Options& options_;
    Publisher& publisher_;
    Roster& roster_;
    Ledger& ledger_;
    std::unique_ptr<const Uplink> uplink_;
    asio::steady_timer done_;
    bool stopped_ = false;

    Phase phase_ = Phase::idle;
    std::vector<std::uint8_t> owing_users_;  // learning: 1 = sampled and not heard yet, by user
    std::vector<std::uint32_t>
        owing_by_client_;  // learning: users owing; otherwise 1 = the client owes an answer
    std::uint64_t owing_ = 0;
    Heard* heard_ = nullptr;
    wire::Scores* scores_ = nullptr;
    std::uint64_t count_difference_ = 0;
    std::uint32_t counts_compared_ = 0;
    bool kernel_counted_ = true;
};

}  // namespace fedhash::server
