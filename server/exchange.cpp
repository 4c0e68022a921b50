#include "server/exchange.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "common/bits.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/secure/messages.hpp"
#include "common/wire/padding.hpp"
#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

Exchange::Exchange(asio::io_context& io, const Options& options, Publisher& publisher,
                   Roster& roster, Ledger& ledger)
    : options_(options),
      publisher_(publisher),
      roster_(roster),
      ledger_(ledger),
      coders_(wire::coders_of(options.variant.coding)),
      most_reply_bytes_(max_reply_bytes(options.variant, options.items)),
      done_(io),
      held_(options.users),
      clock_(options.links, options.seed, options.users),
      sent_(options.users),
      pace_(io),
      owing_users_(options.users),
      owing_by_client_(connections(options.variant, options.clients)) {
    coders_.most_items = most_rows(options.variant);
    roster_.on_frame([this](Seat& seat, const wire::Frame& frame) { take(seat, frame); });
    if (options.links.real_time && options.asynchrony.concurrency == 0)
        roster_.hold_until([this](const wire::Frame& frame) { return due(frame); });
    roster_.on_leave([this](Seat& seat) { leave(seat); });
}

asio::awaitable<void> Exchange::everyone_or_deadline(std::uint32_t deadline_ms) {
    if (owing_ > 0 && !stopped_) {
        done_.expires_after(std::chrono::milliseconds(deadline_ms));
        asio::error_code cancelled;
        co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

void Exchange::stop() {
    stopped_ = true;
    done_.cancel();
    pace_.cancel();
    roster_.hold_no_more();
}

void Exchange::start_pace() {
    pace_ns_ = clock_.now_ns();
    pace_at_ = std::chrono::steady_clock::now();
}

// Of an asynchronous round all replies are asked for at once and kept until the clock is there;
// then it is the round that waits.
std::chrono::steady_clock::time_point Exchange::due(const wire::Frame& frame) const {
    std::int64_t arrival = arrival_ns(frame);
    if (last_call_ns_ >= 0) arrival = std::min(arrival, last_call_ns_);
    return pace_at_ + std::chrono::nanoseconds(arrival - pace_ns_);
}

asio::awaitable<void> Exchange::keep_pace() {
    if (!options_.links.real_time || stopped_) co_return;
    pace_.expires_at(pace_at_ + std::chrono::nanoseconds(clock_.now_ns() - pace_ns_));
    asio::error_code cancelled;
    co_await pace_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

// A client owes less: the round is over when nobody owes anything.
void Exchange::settle(Seat& seat) {
    owing_ -= owing_by_client_[seat.client];
    owing_by_client_[seat.client] = 0;
    if (owing_ == 0) done_.cancel();
}

void Exchange::lie(const ServerLie& lie, Publisher& shown) {
    lie_ = &lie;
    shown_ = &shown;
}

bool Exchange::lied_to(UserId user) const {
    return lie_ != nullptr && is_victim(user, options_.clients);
}

Publisher& Exchange::publisher_of(std::uint32_t client) {
    return lie_ != nullptr && client == victims_client ? *shown_ : publisher_;
}

// A stage starts with what the seed makes of the tables: there is nothing to lie about.
void Exchange::count_lies(const std::vector<UserId>& cohort) {
    if (lie_ == nullptr || (!lie_->about_masks && publisher_.starts_stage())) return;
    const auto victims =
        std::ranges::count_if(cohort, [this](UserId user) { return lied_to(user); });
    lies_.rounds += victims > 0 ? 1 : 0;
    lies_.tried += static_cast<std::uint32_t>(victims);
}

void Exchange::give(Seat& seat, Account account) {
    if (!wire::sends_own_rows(options_.variant) || publisher_.starts_stage())
        return give_whole(seat, account);
    if (seat.version == publisher_.version()) return;
    roster_.post(seat, account, wire::Type::rows,
                 publisher_of(seat.client).rows_from(seat.version, seat.rows));
    seat.version = publisher_.version();
}

// Rows of different versions have no change in common: then everything anew.
void Exchange::give_whole(Seat& seat, Account account) {
    const std::uint32_t now = publisher_.version();
    const bool own = wire::sends_own_rows(options_.variant);
    if ((own ? seat.whole_version : seat.version) == now) return;
    const bool apart = own && seat.whole_version != seat.version;
    roster_.post(seat, account, wire::Type::publish,
                 publisher_of(seat.client).frame_from(apart ? 0 : seat.version));
    seat.version = seat.whole_version = now;
}

std::size_t Exchange::change_bytes(UserId user, std::uint32_t held) {
    Publisher& publisher = publisher_of(client_of(user, options_.clients));
    if (!wire::sends_own_rows(options_.variant) || publisher_.starts_stage())
        return publisher.frame_from(held)->size();
    const Seat& seat = roster_.seats()[client_of(user, options_.clients)];
    if (seat.needs.empty()) return 0;  // it never came
    return publisher.rows_from(held, seat.needs[position_of(user, options_.clients)])->size();
}

asio::awaitable<Heard> Exchange::learn(std::vector<UserId> cohort, Gate gate, SettleBit settle) {
    for (UserId user : cohort) count_sampled(user);
    count_lies(cohort);
    // Who is among the first is known when all have been heard; then the round waits, not a reply.
    last_call_ns_ = gate.first > 0 ? clock_.now_ns() : -1;
    if (gate.first == 0 && gate.deadline_ns > 0) last_call_ns_ = clock_.now_ns() + gate.deadline_ns;
    if (by_bit(publisher_.version()))
        co_return co_await learn_by_bit(*this, std::move(cohort), std::move(settle));
    const ExchangeEntry& exchange = find_exchange(options_.variant.exchange);
    if (exchange.masked) co_return co_await learn_securely(*this, std::move(cohort));
    if (exchange.denoised) co_return co_await learn_denoised(*this, std::move(cohort));
    if (exchange.shuffled) co_return co_await learn_shuffled(*this, std::move(cohort));
    co_return co_await learn_at_once(*this, std::move(cohort), gate);
}

bool Exchange::by_bit(std::uint32_t round) const {
    return find_exchange(options_.variant.exchange).by_bit && !options_.variant.teaching(round);
}

// What this user's own device would be sent: the tables once a round, since the version that it was
// sent last, and a request for it alone.
void Exchange::count_needed(UserId user, std::uint32_t step, bool refused,
                            const wire::Buffer& body) {
    const std::size_t tables = needed_tables(user);
    const wire::Buffer own{1};
    const wire::Buffer request = wire::encode(
        wire::Request{publisher_.version(), step, own, refused ? own : wire::Buffer{}, body, {}});
    sent_[index(user)] = tables + wire::header_bytes + request.size();
    ledger_.needed(user, tables, wire::header_bytes + request.size());
}

std::size_t Exchange::needed_tables(UserId user) {
    std::uint32_t& held = held_[index(user)];
    const std::size_t bytes = held == publisher_.version() ? 0 : change_bytes(user, held);
    held = publisher_.version();
    return bytes;
}

void Exchange::refuse(UserId user) {
    Seat& seat = roster_.seats()[client_of(user, options_.clients)];
    if (seat.refused.empty())
        seat.refused = bit_set(users_of(seat.client, options_.clients, options_.users));
    set_bit(seat.refused, position_of(user, options_.clients));
}

void Exchange::count_after_all(UserId user) {
    Seat& seat = roster_.seats()[client_of(user, options_.clients)];
    const std::size_t place = position_of(user, options_.clients);
    if (get_bit(seat.refused, place))
        seat.refused[place / 8] ^= static_cast<std::uint8_t>(1u << (place % 8));
}

void Exchange::set_pending(UserId user, bool pending) {
    Seat& seat = roster_.seats()[client_of(user, options_.clients)];
    if (seat.pending.empty())
        seat.pending = bit_set(users_of(seat.client, options_.clients, options_.users));
    const std::size_t place = position_of(user, options_.clients);
    if (get_bit(seat.pending, place) != pending)
        seat.pending[place / 8] ^= static_cast<std::uint8_t>(1u << (place % 8));
}

void Exchange::reject(UserId user, const std::string& reason) {
    roster_.reject(reason);
    refuse(user);
}

void Exchange::send_off(const std::vector<UserId>& users) {
    for (const UserId user : users) {
        count_sampled(user);
        Seat& seat = roster_.seats()[client_of(user, options_.clients)];
        if (seat.state != Seat::State::ready) continue;
        give(seat, Account::training);
        ledger_.needed(user, needed_tables(user), 0);
    }
}

// Whoever held its own rows alone gets all of them: one recommends what one has not had.
double Exchange::last_delivery() {
    if (wire::sends_own_rows(options_.variant))
        return static_cast<double>(publisher_.frame_from(0)->size());
    double bytes = 0;
    for (std::uint32_t u = 0; u < held_.size(); ++u)
        if (held_[u] != publisher_.version())
            bytes += static_cast<double>(
                publisher_of(client_of(UserId{u}, options_.clients)).frame_from(held_[u])->size());
    return bytes / options_.users;
}

std::vector<Loss> Exchange::unasked_losses(std::vector<std::vector<UserId>> unasked) const {
    std::vector<Loss> losses;
    for (const Seat& seat : roster_.seats()) {
        if (unasked[seat.client].empty()) continue;
        losses.push_back({publisher_.version(), seat.client, std::move(unasked[seat.client]),
                          seat.state == Seat::State::silent   ? "silent since an earlier round"
                          : seat.state == Seat::State::absent ? "has not come"
                                                              : seat.end_reason});
    }
    return losses;
}

asio::awaitable<std::vector<Loss>> Exchange::ask(std::vector<UserId> users, std::uint32_t step,
                                                 Words words, Hear hear) {
    std::vector<Bytes> sampled(options_.clients);
    std::vector<std::vector<UserId>> unasked(options_.clients);
    for (UserId user : users) {
        const std::uint32_t client = client_of(user, options_.clients);
        if (roster_.seats()[client].state != Seat::State::ready) {
            unasked[client].push_back(user);
            continue;
        }
        if (sampled[client].empty())
            sampled[client] = bit_set(users_of(client, options_.clients, options_.users));
        set_bit(sampled[client], position_of(user, options_.clients));
        owing_users_[index(user)] = 1;
        ++owing_by_client_[client];
        ++owing_;
    }
    std::vector<Loss> losses = unasked_losses(std::move(unasked));
    losses_ = &losses;
    hear_ = &hear;
    step_ = step;
    latest_ns_ = clock_.now_ns();
    phase_ = Phase::learning;
    for (Seat& seat : roster_.seats()) {
        if (sampled[seat.client].empty()) continue;
        give(seat, Account::training);
        wire::Buffer body = words.for_all;
        for (std::uint32_t j = 0; j < users_of(seat.client, options_.clients, options_.users);
             ++j) {
            if (!get_bit(sampled[seat.client], j)) continue;
            const UserId user = hosted_user(seat.client, options_.clients, j);
            const wire::Buffer own = words.for_each ? words.for_each(user) : words.for_all;
            if (words.for_each) body.insert(body.end(), own.begin(), own.end());
            count_needed(user, step, get_bit(seat.refused, j), own);
        }
        const wire::Encoded request =
            wire::frame(wire::Type::request,
                        wire::encode(wire::Request{publisher_.version(), step, sampled[seat.client],
                                                   seat.refused, body, seat.pending}));
        seat.refused.clear();
        roster_.post(seat, Account::training, wire::Type::request, request);
    }
    co_await everyone_or_deadline(options_.deadline_ms);

    for (Seat& seat : roster_.seats()) {
        if (owing_by_client_[seat.client] == 0) continue;
        seat.end_reason = stopped_ ? "the run was interrupted" : "no answer by the deadline";
        seat.state = Seat::State::silent;
        leave(seat);
    }
    phase_ = Phase::idle;
    losses_ = nullptr;
    hear_ = nullptr;
    co_return losses;
}

// What a client owed when it went, or when the deadline came, is lost; its users are told when it
// speaks again.
void Exchange::leave(Seat& seat) {
    if (owing_by_client_[seat.client] == 0) return;
    if (phase_ == Phase::learning && seat.client < options_.clients) {
        Loss loss{publisher_.version(), seat.client, {}, seat.end_reason};
        if (seat.refused.empty())
            seat.refused = bit_set(users_of(seat.client, options_.clients, options_.users));
        for (std::uint32_t j = 0; j < users_of(seat.client, options_.clients, options_.users);
             ++j) {
            const UserId user = hosted_user(seat.client, options_.clients, j);
            if (owing_users_[index(user)] == 0) continue;
            owing_users_[index(user)] = 0;
            set_bit(seat.refused, j);
            loss.users.push_back(user);
        }
        losses_->push_back(std::move(loss));
    }
    settle(seat);
}

void Exchange::take(Seat& seat, const wire::Frame& frame) {
    const std::size_t bytes = wire::header_bytes + frame.body.size();
    if (seat.state == Seat::State::silent) seat.state = Seat::State::ready;
    const bool training = frame.type == wire::Type::reply || frame.type == wire::Type::mixed;
    const bool control = frame.type == wire::Type::goodbye;
    ledger_.add(training  ? Account::training
                : control ? Account::control
                          : Account::evaluation,
                Direction::up, frame.type, bytes);
    if (frame.type == wire::Type::mixed)
        take_mixed(seat, frame.body);
    else if (training)
        take_reply(seat, frame.body, bytes);
    else if (control)
        take_goodbye(seat, frame.body);
    else
        take_scores(seat, frame.body);
}

std::int64_t Exchange::arrival_of(const wire::ReplyHead& head, std::size_t frame_bytes) const {
    return clock_.arrival_ns(clock_.now_ns(), UserId{head.user}, head.round, head.step,
                             sent_[head.user], frame_bytes);
}

std::int64_t Exchange::arrival_ns(const wire::Frame& frame) const {
    if (frame.type != wire::Type::reply || !clock_.runs()) return clock_.now_ns();
    try {
        wire::ByteReader from(wire::unpad(frame.body, options_.variant.coding, most_reply_bytes_));
        wire::ReplyHead head;
        from(head);
        if (head.user < options_.users)
            return arrival_of(head, wire::header_bytes + frame.body.size());
    } catch (const wire::DecodeError&) {  // whoever takes the frame says what is wrong with it
    }
    return clock_.now_ns();
}

void Exchange::take_reply(Seat& seat, wire::View body, std::size_t frame_bytes) {
    wire::ByteReader from(wire::unpad(body, options_.variant.coding, most_reply_bytes_), coders_);
    wire::ReplyHead head;
    from(head);
    if (head.user >= options_.users ||
        client_of(UserId{head.user}, options_.clients) != seat.client)
        throw wire::DecodeError("a reply for a user of somebody else");
    if (phase_ != Phase::learning || head.round != publisher_.version() || head.step != step_)
        return roster_.reject("late reply");
    if (owing_users_[head.user] == 0) return roster_.reject("reply not asked for, or a second one");
    const std::int64_t arrival_ns = arrival_of(head, frame_bytes);
    latest_ns_ = std::max(latest_ns_, arrival_ns);
    const wire::View answer = from.peek();
    (*hear_)(UserId{head.user}, from, arrival_ns);
    const auto upload = observer_ == nullptr || scope_.kind == secure::Scope::counts
                            ? std::nullopt
                            : upload_in(options_.variant, head.round, head.step, answer);
    if (upload)
        observer_->see(UserId{head.user}, *upload, frame_bytes, options_,
                       publisher_of(seat.client).now(), scope_, lied_to(UserId{head.user}));
    ledger_.said(UserId{head.user}, frame_bytes);
    owing_users_[head.user] = 0;
    --owing_by_client_[seat.client];
    if (--owing_ == 0) done_.cancel();
}

}  // namespace fedhash::server
