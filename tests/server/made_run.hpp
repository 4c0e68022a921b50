// Whole runs in one process: the coordinator, sessions over memory channels, and what a test wants
// to go wrong between them. Nothing sleeps; the only clock is the coordinator's own deadline, in
// tests where somebody stays silent.
#pragma once

#include <asio/io_context.hpp>
#include <deque>
#include <functional>
#include <nlohmann/json.hpp>

#include "client/session.hpp"
#include "common/wire/channel.hpp"
#include "server/coordinator.hpp"
#include "tests/client/made_users.hpp"

namespace fedhash::tests {

/// A client's end of a connection on which replies may wait, change order, come twice or get lost.
/// Everything else passes. Replies leave when the session next listens, which is when it has said
/// all it had to say.
class UnreliableChannel final : public wire::Channel {
  public:
    struct Faults {
        std::uint64_t seed = 0;
        bool shuffle = false;
        std::uint32_t delay = 0;  // turns of the event loop before replies leave: 0 to this many
        std::uint32_t duplicate_percent = 0;
        std::uint32_t lost_percent = 0;
        std::uint32_t hold_round = 0;  // replies of this round stay here until release()
        std::function<wire::Encoded(const wire::Encoded&)>
            forge;  // puts another frame in the place of any
    };
    UnreliableChannel(std::unique_ptr<wire::Channel> inner, asio::any_io_executor executor,
                      Faults faults);

    asio::awaitable<wire::Frame> receive() override;
    void post(wire::Encoded frame) override;
    asio::awaitable<void> drained() override { return inner_->drained(); }
    void allow(const wire::Caps& caps) override { inner_->allow(caps); }
    void close() override { inner_->close(); }
    std::size_t queued_bytes() const override { return inner_->queued_bytes(); }
    wire::Traffic traffic() const override { return inner_->traffic(); }
    std::optional<wire::Traffic> kernel_traffic() const override { return std::nullopt; }

    /// Sends what was held back; returns how many frames.
    std::size_t release();
    std::uint64_t duplicated() const { return duplicated_; }
    std::uint64_t lost() const { return lost_; }

  private:
    std::unique_ptr<wire::Channel> inner_;
    asio::any_io_executor executor_;
    Faults faults_;
    Stream random_;
    std::vector<wire::Encoded> waiting_, held_;
    std::uint64_t duplicated_ = 0, lost_ = 0;
};

struct RunPlan {
    server::Options options;
    Made data;
    std::vector<std::uint32_t> order;  // in which clients connect; empty = ascending
    wire::Token shuffler_token{};      // with which a shuffler says hello, where the run has one
    /// May wrap a client's channel; the shuffler's is that after the last one's.
    std::function<std::unique_ptr<wire::Channel>(
        std::uint32_t client, std::unique_ptr<wire::Channel>, asio::any_io_executor)>
        wrap;
    /// May watch or end a client at a round: an exception closes its connection.
    std::function<void(std::uint32_t client, std::uint32_t round)> before_learning;
    /// Called when all clients have said hello and the first round is about to start: strangers
    /// come in here.
    std::function<void(asio::io_context&, server::Coordinator&)> meanwhile;
    server::EventSink on_event;
};

struct RunResult {
    Tables tables;           // the last ones published
    Codes items;             // their codes
    std::string item_codes;  // the file, where there is one
    std::string metrics;     // metrics.csv
    nlohmann::json summary;
    std::vector<nlohmann::json> events;
    std::vector<std::string> client_ends;  // "" = said goodbye

    /// (round, user) of every upload that did not count, as a replay takes them.
    std::vector<std::pair<std::uint32_t, UserId>> lost() const;
    std::uint64_t rejected(const std::string& reason) const;
};

/// The round that a reply is about.
std::uint32_t round_of(const wire::Encoded& reply);

/// Wraps the channels of the clients that `chosen` lists, each with a seed of its own.
decltype(RunPlan::wrap) unreliable(UnreliableChannel::Faults faults,
                                   std::vector<std::uint32_t> chosen);

/// A small run with every integer piece at work: 21 users, 60 items, 4 rounds.
RunPlan small_plan(std::uint32_t clients);

/// Chosen clients go when they are asked `step` in round 2; `asked` counts by client, and must
/// outlive the run.
void end_at(RunPlan& plan, std::vector<std::uint32_t> clients, std::uint32_t step,
            std::vector<std::uint32_t>& asked);

RunResult run(const RunPlan& plan);

}  // namespace fedhash::tests
