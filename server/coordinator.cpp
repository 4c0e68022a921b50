#include "server/coordinator.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "common/bits.hpp"
#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/kernels/kernels.hpp"
#include "common/npy.hpp"
#include "common/population.hpp"
#include "server/faiss_index.hpp"

namespace fedhash::server {

namespace {

class Stopwatch {
  public:
    double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin_ = Clock::now();
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto in_seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

// Modelled: how long one waits where nobody is there.
constexpr std::int64_t empty_round_ns = 60'000'000'000;

std::vector<const Aggregate*> sums_of(const Heard& heard) {
    std::vector<const Aggregate*> sums{&heard.sum};
    for (const Stale& stale : heard.stale) sums.push_back(&stale.sum);
    return sums;
}

// The first way of scoring that has figures.
const MetricSums& first_measured(const wire::Scores& scores) {
    for (const MetricSums& sums : scores.sums)
        if (sums.users > 0) return sums;
    return scores.sums.front();
}

std::uint64_t memory_kib() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

// Real-valued tables as they were published, for whoever wants to look.
void write_planes(const std::string& folder, const Tables& tables) {
    constexpr std::array<const char*, plane_count> names{
        "item_factors", "mixing",   "item_weights", "item_bias",  "bit_weights",
        "whitening",    "codebook", "rotation",     "item_scales"};
    for (std::size_t p = 0; p < plane_count; ++p) {
        const Plane& plane = tables.planes[p];
        if (plane.empty()) continue;
        std::vector<float> values;
        for (std::uint32_t r = 0; r < plane.rows; ++r)
            for (std::uint32_t c = 0; c < plane.cols; ++c)
                values.push_back(static_cast<float>(plane.at(r, c)));
        write_npy(folder + "/" + names[p] + ".npy", values, plane.rows, plane.cols);
    }
}

}  // namespace

Coordinator::Coordinator(asio::io_context& io, const Options& options, EventSink sink)
    : options_(options),
      ledger_(options.users),
      roster_(io, options_, ledger_),
      publisher_(options.seed, options.variant.coding, options.rounds + std::size_t{1}),
      exchange_(io, options_, publisher_, roster_, ledger_),
      attendance_(options.attendance, options.seed, options.users),
      asynchronous_(exchange_, attendance_),
      records_(options_, std::move(sink)),
      trainer_(options.variant, options.seed, options.users, options.items, options.rounds) {
    check_variant(options.variant, options.users, options.items, options.participation);
    choose_kernels(options.kernels);
    if (options.record) {
        recorder_.emplace(options.run_folder + "/record.bin", options_,
                          [this] { return exchange_.clock().now_ns(); });
        roster_.tap({[this](std::uint32_t client, const wire::Encoded& frame) {
                         recorder_->down(client, frame);
                     },
                     [this](std::uint32_t client, const wire::Frame& frame) {
                         recorder_->up(client, frame, exchange_.arrival_ns(frame));
                     },
                     [this](std::uint32_t client, const std::string& reason) {
                         recorder_->left(client, reason);
                     }});
    }
    if (const ServerLie& lie = find_server_lie(options.lie); options.lie != "none") {
        shown_.emplace(options.seed, options.variant.coding, options.rounds + std::size_t{1});
        exchange_.lie(lie, *shown_);
    }
    publish(trainer_.start(), true, options.variant.teaching(1));
}

void Coordinator::publish(Tables tables, bool starts_stage, bool teaching) {
    if (shown_) {
        Tables shown = tables;
        const ServerLie& lie = *exchange_.lie();
        if (lie.tables != nullptr && !starts_stage) lie.tables(shown, options_.seed);
        shown_->publish(std::move(shown), starts_stage, teaching);
    }
    publisher_.publish(std::move(tables), starts_stage, teaching);
}

asio::awaitable<void> Coordinator::run() {
    const Stopwatch watch;
    if (co_await wait_for_clients()) co_await train();
    total_seconds_ = watch.seconds();
    co_await finish();
    total_seconds_ = watch.seconds();
}

asio::awaitable<void> Coordinator::train() {
    for (std::uint32_t round = 1; round <= options_.rounds && !interrupted_; ++round) {
        const Stopwatch watch;
        const double cpu = cpu_seconds();
        RoundRecord record;
        record.round = round;
        record.start_ns = exchange_.clock().now_ns();
        exchange_.start_pace();
        Heard heard = co_await hear_round(record);
        if (interrupted_) break;
        note_losses(heard.losses);
        note_refusals(round, heard.refused);
        check_heard(record, heard);
        record.accepted = heard.accepted;
        record.late = heard.late;
        record.surplus = heard.surplus;
        record.too_stale = heard.too_stale;
        record.dropped += heard.dropped;
        record.end_ns = exchange_.clock().now_ns();
        record.abandoned = !counts(record, heard);
        Trainer::Outcome next;
        if (record.abandoned) {
            next = abandon(record, heard);
        } else {
            for (const Aggregate* sum : sums_of(heard))
                record.rows_heard += static_cast<std::uint64_t>(
                    std::accumulate(sum->counts.begin(), sum->counts.end(), std::int64_t{0}));
            next = next_tables(round, std::move(heard));
        }
        co_await exchange_.keep_pace();
        if (interrupted_) break;
        rows_heard_ += record.rows_heard;
        publish(std::move(next.tables), next.starts_stage, false);
        rounds_done_ = round;
        sampled_users_ += record.sampled;
        accepted_users_ += record.accepted;
        if (record.accepted > 0 && (fewest_accepted_ == 0 || record.accepted < fewest_accepted_))
            fewest_accepted_ = record.accepted;
        round_seconds_ += watch.seconds();
        record.flips = next.flips;
        record.clients_ready = roster_.ready();
        record.seconds = watch.seconds();
        record.cpu_seconds = cpu_seconds() - cpu;
        record.memory_kib = memory_kib();
        modelled_ += record;
        rounds_abandoned_ += record.abandoned ? 1 : 0;
        records_.clock(record);
        records_.traffic(round, ledger_.end_device_round());
        if (co_await measure_round(record)) break;
    }
    if (interrupted_) co_return;
    if (best_.version > 0) {
        best_.version = rounds_done_ + 2;
        publish(best_, false, false);
    }
    if (!options_.test) co_return;
    const Stopwatch watch;
    test_ = co_await exchange_.measure(true, {});
    evaluation_seconds_ += watch.seconds();
    tested_ = !interrupted_;
}

// Who is asked, and what they say.
asio::awaitable<Heard> Coordinator::hear_round(RoundRecord& record) {
    const std::uint32_t round = record.round;
    if (options_.asynchrony.concurrency > 0) {
        Heard heard = co_await asynchronous_.round(round);
        record.sampled = asynchronous_.take_begun();
        record.needed = options_.asynchrony.buffer;
        co_return heard;
    }
    record.needed = cohort_size(options_.participation, options_.users);
    std::vector<UserId> sampled = cohort(round);
    record.sampled = static_cast<std::uint32_t>(sampled.size());
    drop_recorded_losses(round, sampled);
    const std::vector<UserId> dropped = take_dropped(round, sampled);
    record.dropped = static_cast<std::uint32_t>(dropped.size());
    exchange_.send_off(dropped);
    const AttendanceModel& model = options_.attendance;
    const Gate gate{model.deadline_ns, model.over_selection > 1 ? record.needed : 0,
                    !dropped.empty()};
    const SettleBit settle = [this, round](Codes& codes, std::uint32_t bit,
                                           std::span<const std::int64_t> sums,
                                           const Aggregate& of_round) {
        return trainer_.settle_bit(round, codes, bit, sums, of_round);
    };
    co_return co_await exchange_.learn(std::move(sampled), gate, settle);
}

std::vector<UserId> Coordinator::take_dropped(std::uint32_t round,
                                              std::vector<UserId>& cohort) const {
    std::vector<UserId> dropped;
    std::erase_if(cohort, [&](UserId user) {
        const bool drops = attendance_.drops(round, user);
        if (drops) dropped.push_back(user);
        return drops;
    });
    return dropped;
}

// Nobody answered although nothing but reality stood in the way.
void Coordinator::check_heard(const RoundRecord& record, const Heard& heard) const {
    const bool modelled = record.sampled == 0 || record.dropped + heard.dropped > 0 ||
                          heard.late + heard.too_stale + heard.unopened + heard.refused > 0;
    if (heard.accepted > 0 || modelled) return;
    throw RunError("round " + std::to_string(record.round) + ": nobody answered; see events.jsonl" +
                   (options_.links.real_time
                        ? " (network.real_time holds answers as long as they are modelled to take: "
                          "is run.deadline_ms longer?)"
                        : ""));
}

bool Coordinator::counts(const RoundRecord& record, const Heard& heard) const {
    return heard.accepted > 0 && heard.accepted >= options_.attendance.quorum * record.needed;
}

// Too few answered: nothing changes, and those who did take back what they had learnt.
Trainer::Outcome Coordinator::abandon(const RoundRecord& record, const Heard& heard) {
    const Variant& variant = options_.variant;
    const bool ends_stage = record.round == variant.teacher.rounds ||
                            (record.round == options_.rounds && variant.quantiser != "none");
    if (ends_stage)
        throw RunError("round " + std::to_string(record.round) +
                       " ends a stage, and too few users answered for it to count; raise "
                       "availability.share or lower availability.quorum");
    for (const UserId user : heard.counted) exchange_.refuse(user);
    const bool stood_still = exchange_.clock().now_ns() == record.start_ns;
    if (exchange_.clock().runs() && stood_still)
        exchange_.clock().advance_to(record.start_ns + empty_round_ns);
    records_.event({{"event", "abandoned"}, {"round", record.round}, {"heard", heard.accepted}});
    Trainer::Outcome same{publisher_.now(), 0, false};
    same.tables.version = record.round + 1;
    return same;
}

Trainer::Outcome Coordinator::next_tables(std::uint32_t round, Heard heard) {
    if (heard.settled)
        return trainer_.accept(round, publisher_.now(), std::move(heard.settled->codes),
                               heard.settled->flips);
    if (Observer* observer = exchange_.observer())
        observer->see_sum(round, heard.sum, heard.counted);
    std::vector<std::pair<const Tables*, Aggregate*>> stale;
    for (Stale& one : heard.stale) stale.emplace_back(publisher_.at(one.version), &one.sum);
    trainer_.join_stale(publisher_.now(), stale, options_.asynchrony.exponent_q16, heard.sum);
    return trainer_.step(round, publisher_.now(), std::move(heard.sum));
}

// The rows of a finished round, and its measurement when one is due. True: time to stop, nothing
// got better for long.
asio::awaitable<bool> Coordinator::measure_round(RoundRecord record) {
    // Without a test at the end, the last validation is what a run is for.
    const bool last = record.round == options_.rounds && !options_.test;
    const bool due =
        options_.has_validation &&
        (last || (options_.evaluate_every > 0 && record.round % options_.evaluate_every == 0));
    bool stop = false;
    const Stopwatch measuring;
    nlohmann::json event{{"event", "round"},
                         {"round", record.round},
                         {"rounds", options_.rounds},
                         {"clients_ready", record.clients_ready}};
    if (due) {
        std::vector<UserId> next;
        if (record.round < options_.rounds && options_.asynchrony.concurrency == 0)
            next = cohort(record.round + 1);
        const wire::Scores scores = co_await exchange_.measure(false, std::move(next));
        evaluation_seconds_ += measuring.seconds();
        if (interrupted_) {  // half a measurement is none
            records_.metrics(record, "", nullptr);
            co_return true;
        }
        records_.metrics(record, "valid", &scores);
        const std::vector<MetricSpec> specs = metric_specs(options_.cutoffs);
        const MetricSpec headline{Metric::ndcg, headline_cutoff(options_.cutoffs)};
        const auto ndcg = static_cast<std::size_t>(std::find(specs.begin(), specs.end(), headline) -
                                                   specs.begin());
        const MetricSums& sums = first_measured(scores);
        const double value = sums.mean(sums.values[ndcg].expected);
        event["metric"] = name(headline);
        event["value"] = value;
        if (value > best_value_) {
            best_value_ = value;
            bad_measurements_ = 0;
            valid_ = scores;
            if (options_.patience > 0) best_ = publisher_.now();
        } else if (options_.patience == 0) {
            valid_ = scores;
        } else if (++bad_measurements_ >= options_.patience) {
            stop = stopped_early_ = true;
        }
    } else {
        records_.metrics(record, "", nullptr);
    }
    event["down"] = ledger_.all().total(Direction::down).bytes();
    event["up"] = ledger_.all().total(Direction::up).bytes();
    records_.event(event);
    record.bytes = ledger_.take_round();
    records_.costs(record);
    co_return stop;
}

asio::awaitable<bool> Coordinator::wait_for_clients() {
    const Stopwatch watch;
    co_await roster_.wait_for_all();
    start_seconds_ = watch.seconds();
    if (interrupted_) co_return false;
    for (const Seat& seat : roster_.seats())
        if (seat.state != Seat::State::ready) {
            const std::uint32_t hosted = users_of(seat.client, options_.clients, options_.users);
            Loss loss{
                0,
                seat.client,
                {},
                seat.end_reason.empty() ? "did not come by the start deadline" : seat.end_reason};
            for (std::uint32_t j = 0; j < hosted; ++j)
                loss.users.push_back(hosted_user(seat.client, options_.clients, j));
            note_losses({loss});
        }
    const Seat& shuffler = roster_.shuffler();
    if (find_exchange(options_.variant.exchange).shuffled && shuffler.state != Seat::State::ready)
        throw RunError("the shuffler did not come" +
                       (shuffler.end_reason.empty()
                            ? std::string(" by the start deadline (run.start_deadline_ms)")
                            : ": " + shuffler.end_reason));
    if (roster_.ready() == 0) throw RunError("no client is there; see events.jsonl");
    records_.event({{"event", "ready"}, {"clients", roster_.ready()}, {"seconds", start_seconds_}});
    co_return true;
}

std::vector<UserId> Coordinator::cohort(std::uint32_t round) {
    return attendance_.cohort(round, cohort_size(options_.participation, options_.users),
                              exchange_.clock().now_ns());
}

// A replay does not ask those whose uploads did not count when the run was recorded.
void Coordinator::drop_recorded_losses(std::uint32_t round, std::vector<UserId>& cohort) {
    std::map<std::uint32_t, Loss> by_client;
    for (const auto& [lost_round, user] : options_.lost) {
        if (lost_round != round) continue;
        Loss& loss = by_client[client_of(user, options_.clients)];
        loss.users.push_back(user);
    }
    for (auto& [client, loss] : by_client) {
        std::sort(loss.users.begin(), loss.users.end());
        std::erase_if(cohort, [&loss](UserId user) {
            return std::binary_search(loss.users.begin(), loss.users.end(), user);
        });
        loss.round = round;
        loss.client = client;
        loss.reason = "lost in the recorded run";
        note_losses({loss});
    }
}

void Coordinator::note_losses(const std::vector<Loss>& losses) {
    for (const Loss& loss : losses) {
        nlohmann::json users = nlohmann::json::array();
        for (UserId user : loss.users) users.push_back(index(user));
        records_.event({{"event", "lost"},
                        {"round", loss.round},
                        {"client", loss.client},
                        {"users", users},
                        {"reason", loss.reason}});
        losses_.push_back(loss);
    }
}

void Coordinator::note_refusals(std::uint32_t round, std::uint32_t refused) {
    if (refused == 0) return;
    refusals_ += refused;
    if (exchange_.lie() != nullptr) ++exchange_.lies().noticed;
    records_.event({{"event", "refused"}, {"round", round}, {"users", refused}});
}

void Coordinator::interrupt() {
    interrupted_ = true;
    exchange_.stop();
    roster_.stop_waiting();
}

// Clients that went while nobody waited for an upload of theirs, as during a measurement, are
// losses too.
void Coordinator::note_silent_losses() {
    for (const Seat& seat : roster_.seats()) {
        const auto noted = [&seat](const Loss& loss) { return loss.client == seat.client; };
        if (seat.state == Seat::State::ready || std::any_of(losses_.begin(), losses_.end(), noted))
            continue;
        const bool silent = seat.state == Seat::State::silent;
        note_losses({{rounds_done_,
                      seat.client,
                      {},
                      silent ? "no answer to a measurement" : seat.end_reason}});
    }
}

asio::awaitable<void> Coordinator::finish() {
    if (!interrupted_) note_silent_losses();
    final_delivery_bytes_ = exchange_.last_delivery();
    co_await exchange_.part();
    if (recorder_ && !interrupted_) recorder_->end();
    RoundRecord record;
    record.round = rounds_done_;
    record.clients_ready = roster_.ready();
    record.memory_kib = memory_kib();
    record.bytes = ledger_.take_round();
    if (tested_) records_.metrics(record, "test", &test_);
    records_.costs(record);
    records_.users(ledger_.users(), options_.clients);
    const Codes& codes = publisher_.now().codes;
    if (codes.rows > 0) {
        write_npy(options_.run_folder + "/item_codes.npy", pack(codes), codes.rows,
                  bytes_for(codes.bits));
        write_faiss_index(options_.run_folder + "/item_codes.faiss", codes);
    }
    write_planes(options_.run_folder, publisher_.now());
}

}  // namespace fedhash::server
