#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

asio::awaitable<Heard> learn_at_once(Exchange& exchange, std::vector<UserId> cohort) {
    const Options& options = exchange.options();
    const auto uplink = uplink_of(options.variant, exchange.tables().version).make(options.variant);
    Heard heard;
    heard.sum = Aggregate(uplink->shape(options.items));
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from) {
        uplink->hear(from, exchange.tables(), heard.sum);
        exchange.count_accepted(user);
        ++heard.accepted;
    };
    heard.losses = co_await exchange.ask(std::move(cohort), 0, {}, hear);
    co_return heard;
}

}  // namespace fedhash::server
