#include <algorithm>
#include <map>

#include "common/interactive.hpp"
#include "common/population.hpp"
#include "common/wire/item_set.hpp"
#include "server/exchanges/exchanges.hpp"

namespace fedhash::server {

namespace {

wire::Buffer name_items(std::span<const ItemId> items) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    wire::write_item_set(to, items);
    return body;
}

void drop(std::vector<UserId>& cohort, const std::vector<Loss>& losses) {
    for (const Loss& loss : losses)
        std::erase_if(cohort, [&loss](UserId user) {
            return std::find(loss.users.begin(), loss.users.end(), user) != loss.users.end();
        });
}

// The round from its start, by the users in `cohort`. Ends early when somebody is lost: then
// `heard.settled` stays empty and the losses are returned.
asio::awaitable<std::vector<Loss>> attempt(Exchange& exchange, std::uint32_t number,
                                           const std::vector<UserId>& cohort,
                                           const SettleBit& settle, Heard& heard) {
    const Options& options = exchange.options();
    const Tables& tables = exchange.tables();
    BitListener listener(options.variant, options.items, options.users);
    Settled settled{tables.codes, 0};
    std::vector<std::int64_t> column;
    BitStep at;
    const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t) {
        listener.hear(from, user, at, tables, column);
    };
    wire::Buffer body;
    bool flipped_in_sweep = false;
    const std::uint32_t steps = steps_of(options.variant);
    for (std::uint32_t step = number * steps; step < (number + 1) * steps; ++step) {
        at = bit_step(step, options.variant);
        column.assign(options.items, 0);
        // Named: g++ 12 releases an aggregate that is made within a co_await twice.
        const Words words{body, {}};
        std::vector<Loss> losses = co_await exchange.ask(cohort, step, words, hear);
        exchange.clock().advance_to(exchange.latest_ns());
        if (!losses.empty()) co_return losses;
        const std::vector<ItemId> flipped = settle(settled.codes, at.bit, column, listener.round());
        settled.flips += flipped.size();
        body = name_items(flipped);
        flipped_in_sweep = flipped_in_sweep || !flipped.empty();
        if (at.ends_sweep && !std::exchange(flipped_in_sweep, false)) break;
    }
    heard.sum = listener.round();
    heard.settled = std::move(settled);
    co_return std::vector<Loss>{};
}

}  // namespace

void add_losses(std::vector<Loss>& losses, std::vector<Loss> more) {
    for (Loss& loss : more) {
        const auto known = std::find_if(losses.begin(), losses.end(), [&loss](const Loss& other) {
            return other.client == loss.client;
        });
        if (known == losses.end()) {
            losses.push_back(std::move(loss));
            continue;
        }
        known->users.insert(known->users.end(), loss.users.begin(), loss.users.end());
        std::sort(known->users.begin(), known->users.end());
    }
}

void leave_out(Exchange& exchange, const std::vector<UserId>& users, const char* reason,
               Heard& heard) {
    const Options& options = exchange.options();
    std::map<std::uint32_t, Loss> by_client;
    for (const UserId user : users) {
        exchange.refuse(user);
        const std::uint32_t client = client_of(user, options.clients);
        Loss& loss = by_client[client];
        loss.round = exchange.tables().version;
        loss.client = client;
        loss.reason = reason;
        loss.users.push_back(user);
    }
    std::vector<Loss> losses;
    for (auto& [client, loss] : by_client) losses.push_back(std::move(loss));
    add_losses(heard.losses, std::move(losses));
}

asio::awaitable<Heard> learn_by_bit(Exchange& exchange, std::vector<UserId> cohort,
                                    SettleBit settle) {
    Heard heard;
    for (std::uint32_t number = 0; !cohort.empty() && !heard.settled; ++number) {
        std::vector<Loss> losses = co_await attempt(exchange, number, cohort, settle, heard);
        drop(cohort, losses);
        add_losses(heard.losses, std::move(losses));
    }
    for (UserId user : cohort) exchange.count_accepted(user);
    heard.counted = cohort;
    heard.accepted = static_cast<std::uint32_t>(cohort.size());
    co_return heard;
}

}  // namespace fedhash::server
