// The coordinator: the round loop, and what surrounds it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "server/exchanges/asynchronous.hpp"
#include "server/recorder.hpp"
#include "server/records.hpp"
#include "server/trainer.hpp"

namespace fedhash::server {

class Coordinator {
  public:
    /// Throws UsageError when pieces do not fit or sums could overflow.
    Coordinator(asio::io_context& io, const Options& options, EventSink sink);

    Roster& roster() { return roster_; }

    /// From waiting for the clients to goodbye. Throws RunError when nobody is left.
    asio::awaitable<void> run();

    /// Takes the records away, of a run that did not begin.
    void discard_records() { records_.discard(); }

    /// Shows every upload to `observer` too (Exchange::show_to).
    void show_to(Observer& observer) { exchange_.show_to(observer); }

    /// Ends the run early: the round under way is dropped, the records are finished and marked as
    /// partial.
    void interrupt();

    /// What the server knows of summary.json, after run().
    nlohmann::json summary() const;

    const Tables& tables() const { return publisher_.now(); }
    const LieRecord& lies() const { return exchange_.lies(); }

  private:
    void publish(Tables tables, bool starts_stage, bool teaching);
    asio::awaitable<bool> wait_for_clients();
    asio::awaitable<void> train();
    asio::awaitable<bool> measure_round(RoundRecord record);
    asio::awaitable<void> finish();
    void note_losses(const std::vector<Loss>& losses);
    void note_refusals(std::uint32_t round, std::uint32_t refused);
    void note_silent_losses();
    std::vector<UserId> cohort(std::uint32_t round);
    asio::awaitable<Heard> hear_round(RoundRecord& record);
    std::vector<UserId> take_dropped(std::uint32_t round, std::vector<UserId>& cohort) const;
    void check_heard(const RoundRecord& record, const Heard& heard) const;
    bool counts(const RoundRecord& record, const Heard& heard) const;
    Trainer::Outcome abandon(const RoundRecord& record, const Heard& heard);
    Trainer::Outcome next_tables(std::uint32_t round, Heard heard);
    void drop_recorded_losses(std::uint32_t round, std::vector<UserId>& cohort);

    Options options_;
    Ledger ledger_;
    Roster roster_;
    Publisher publisher_;
    std::optional<Publisher> shown_;  // to victims of a coordinator that lies
    Exchange exchange_;
    Attendance attendance_;
    Asynchronous asynchronous_;
    Records records_;
    std::optional<Recorder> recorder_;
    Trainer trainer_;

    Tables best_;  // by validation, when patience is set
    double best_value_ = -1;
    std::uint32_t bad_measurements_ = 0;

    std::uint32_t rounds_done_ = 0;
    std::uint64_t sampled_users_ = 0, rows_heard_ = 0, accepted_users_ = 0;
    std::uint32_t fewest_accepted_ = 0;  // of any round in which there was one
    std::vector<Loss> losses_;
    wire::Scores test_, valid_;
    RoundRecord modelled_;  // totals of what the models did
    std::uint32_t rounds_abandoned_ = 0;
    std::uint64_t refusals_ = 0;  // of users to go on with a round
    bool tested_ = false, interrupted_ = false, stopped_early_ = false;
    double final_delivery_bytes_ = 0;
    double start_seconds_ = 0, round_seconds_ = 0, evaluation_seconds_ = 0, total_seconds_ = 0;
};

}  // namespace fedhash::server
