#include <set>

#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

namespace {

/// An upload that counts unless enough others turn out to have come before it.
struct Waiting {
    std::int64_t arrival_ns = 0;
    UserId user{};
    wire::Buffer body;
    friend bool operator<(const Waiting& a, const Waiting& b) {
        return a.arrival_ns != b.arrival_ns ? a.arrival_ns < b.arrival_ns
                                            : index(a.user) < index(b.user);
    }
};

}  // namespace

asio::awaitable<Heard> learn_at_once(Exchange& exchange, std::vector<UserId> cohort, Gate gate) {
    const Options& options = exchange.options();
    const auto uplink = uplink_of(options.variant, exchange.tables().version).make(options.variant);
    const std::int64_t start_ns = exchange.clock().now_ns();
    Heard heard;
    heard.sum = Aggregate(uplink->shape(options.items));
    std::int64_t last_ns = start_ns;
    std::set<Waiting> waiting;  // at most gate.first
    const auto count = [&](UserId user, wire::ByteReader& from, std::int64_t arrival_ns) {
        uplink->hear(from, exchange.tables(), heard.sum);
        exchange.count_accepted(user);
        heard.counted.push_back(user);
        ++heard.accepted;
        last_ns = std::max(last_ns, arrival_ns);
    };
    const auto turn_away = [&](UserId user, std::uint32_t& reason) {
        exchange.refuse(user);
        ++reason;
    };
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t arrival_ns) {
        if (gate.deadline_ns > 0 && arrival_ns > start_ns + gate.deadline_ns) {
            turn_away(user, heard.late);
        } else if (gate.first == 0) {
            count(user, from, arrival_ns);
        } else {
            const wire::View body = from.peek();
            waiting.insert({arrival_ns, user, wire::Buffer(body.begin(), body.end())});
            if (waiting.size() <= gate.first) return;
            turn_away(waiting.rbegin()->user, heard.surplus);
            waiting.erase(std::prev(waiting.end()));
        }
    };
    const Words nothing;
    heard.losses = co_await exchange.ask(std::move(cohort), 0, nothing, hear);
    const bool enough = gate.first > 0 && waiting.size() == gate.first;
    for (const Waiting& one : waiting) {
        wire::ByteReader from(one.body, exchange.coders());
        try {
            count(one.user, from, one.arrival_ns);
        } catch (const wire::DecodeError& error) {
            exchange.reject(one.user, error.what());
        }
    }
    // Whoever waits for one that does not come waits until the deadline.
    const bool in_vain = gate.waits || heard.late > 0 || !heard.losses.empty();
    exchange.clock().advance_to(
        gate.deadline_ns > 0 && in_vain && !enough ? start_ns + gate.deadline_ns : last_ns);
    co_return heard;
}

}  // namespace fedhash::server
