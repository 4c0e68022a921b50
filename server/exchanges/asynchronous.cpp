#include "server/exchanges/asynchronous.hpp"

#include <algorithm>
#include <cmath>

#include "common/portable.hpp"

namespace fedhash::server {

std::int64_t staleness_weight(std::uint32_t rounds_behind, std::uint32_t exponent_q16) {
    const double power =
        portable::exp(-std::ldexp(exponent_q16, -16) * portable::log(1.0 + rounds_behind));
    return std::max<std::int64_t>(1, std::llround(power * double(staleness_unit)));
}

Asynchronous::Asynchronous(Exchange& exchange, const Attendance& attendance)
    : exchange_(exchange),
      attendance_(attendance),
      busy_(exchange.options().users),
      began_(exchange.options().users),
      order_(stream(exchange.options().seed, Purpose::cohort)) {}

// In the order of one stream: whoever is there, not at work and not about to go away.
std::vector<UserId> Asynchronous::next_users(std::size_t count, std::uint32_t round, Heard& heard) {
    const Options& options = exchange_.options();
    std::vector<UserId> users, gone;
    // A draw may meet somebody who cannot begin; where hardly anybody can, fewer begin.
    for (std::size_t draws = 0; users.size() < count && draws < 20 * std::size_t{options.users};
         ++draws) {
        const UserId user{static_cast<std::uint32_t>(order_() % options.users)};
        const std::uint32_t version = exchange_.tables().version;
        // Nobody says the same twice on the same tables.
        if (busy_[index(user)] || began_[index(user)] == version ||
            !attendance_.is_there(round, user, exchange_.clock().now_ns()))
            continue;
        began_[index(user)] = version;
        ++begun_;
        if (attendance_.drops(round, user)) {
            gone.push_back(user);
            continue;
        }
        const auto lost = std::pair(version, user);
        if (std::ranges::find(options.lost, lost) != options.lost.end()) continue;
        busy_[index(user)] = true;
        users.push_back(user);
    }
    exchange_.send_off(gone);
    heard.dropped += static_cast<std::uint32_t>(gone.size());
    return users;
}

asio::awaitable<void> Asynchronous::begin(std::size_t count, std::uint32_t round, Heard& heard) {
    std::vector<UserId> users = next_users(count, round, heard);
    if (users.empty()) co_return;
    for (const UserId user : users) exchange_.count_sampled(user);
    const std::uint32_t version = exchange_.tables().version;
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t arrival_ns) {
        const wire::View body = from.peek();
        exchange_.set_pending(user, true);
        working_.insert({arrival_ns, user, version, wire::Buffer(body.begin(), body.end())});
    };
    std::ranges::sort(users);
    const Words nothing;
    for (Loss& loss : co_await exchange_.ask(std::move(users), 0, nothing, hear)) {
        for (const UserId user : loss.users) busy_[index(user)] = false;
        heard.losses.push_back(std::move(loss));
    }
}

void Asynchronous::count(const Working& upload, Heard& heard) {
    exchange_.set_pending(upload.user, false);
    const Options& options = exchange_.options();
    const Tables* tables = exchange_.publisher().at(upload.version);
    const std::uint32_t behind = exchange_.tables().version - upload.version;
    if (tables == nullptr || behind > options.asynchrony.max_staleness) {
        ++heard.too_stale;
        return exchange_.refuse(upload.user);
    }
    const auto uplink = uplink_of(options.variant, upload.version).make(options.variant);
    if (heard.sum.shape.items == 0) heard.sum = Aggregate(uplink->shape(options.items));
    Aggregate* sum = &heard.sum;
    if (behind > 0) {
        auto found = std::ranges::find(heard.stale, upload.version, &Stale::version);
        if (found == heard.stale.end()) {
            heard.stale.push_back({upload.version, Aggregate(uplink->shape(options.items))});
            found = std::prev(heard.stale.end());
        }
        sum = &found->sum;
    }
    wire::ByteReader from(upload.body, exchange_.coders());
    try {
        uplink->hear(from, *tables, *sum);
    } catch (const wire::DecodeError& error) {
        return exchange_.reject(upload.user, error.what());
    }
    exchange_.count_accepted(upload.user);
    heard.counted.push_back(upload.user);
    ++heard.accepted;
}

asio::awaitable<Heard> Asynchronous::round(std::uint32_t round) {
    const AsynchronyModel& model = exchange_.options().asynchrony;
    Heard heard;
    co_await begin(model.concurrency - working_.size(), round, heard);
    while (heard.accepted < model.buffer && !working_.empty()) {
        const Working upload = *working_.begin();
        working_.erase(working_.begin());
        exchange_.clock().advance_to(upload.arrival_ns);
        count(upload, heard);
        busy_[index(upload.user)] = false;
        // Whoever begins after the last arrival of a round begins on the tables that it leads to.
        if (heard.accepted < model.buffer) co_await begin(1, round, heard);
    }
    co_return heard;
}

}  // namespace fedhash::server
