// The coordinator's half of the exchange `secure` (common/secure/): what a round leads to is the
// sum of the uploads of those who answered the third question, and who they were.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "common/population.hpp"
#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"
#include "common/uplink.hpp"
#include "server/exchanges/exchanges.hpp"
#include "server/secure_sum.hpp"

namespace fedhash::server {

namespace {

/// What the question of a step tells a user.
wire::Buffer words_for(UserId user, std::uint32_t step, const SecureSum& sum) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    if (step == secure::ask_shares)
        secure::write_adverts(to, sum.neighbours_of(user));
    else if (step == secure::ask_masked)
        secure::write_shares(to, sum.shares_for(user), false);
    else if (step == secure::ask_revealed)
        secure::write_question(to, sum.question_for(user));
    return body;
}

/// Reads one user's answer to a step and hands it to the sum.
class Listener {
  public:
    Listener(SecureSum& sum, const secure::Terms& round) : sum_(sum), round_(round) {}

    std::vector<UserId> answered;
    std::vector<UserId> withdrawn;  // too few of their neighbours are left

    void hear(std::uint32_t step, UserId user, wire::ByteReader& from) try {
        if (step == secure::ask_keys)
            sum_.advertise(secure::read_advert(from, user));
        else if (step == secure::ask_shares)
            sum_.take_shares(user, secure::read_shares(from, user, true));
        else if (step == secure::ask_masked && from.left() == 0)
            return withdrawn.push_back(user);
        else if (step == secure::ask_masked)
            sum_.take_masked(
                user, secure::unpack_cells(round_.ring, from.take(from.left()), round_.cells));
        else
            sum_.take_revealed(secure::read_revealed(from, user));
        from.finish();
        answered.push_back(user);
    } catch (const std::invalid_argument& error) {
        throw wire::DecodeError("an answer that does not fit the secure sum");
    }

  private:
    SecureSum& sum_;
    const secure::Terms& round_;
};

/// These users answered, and do not count: a replay leaves them out as well.
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

void give_up(Exchange& exchange, const std::vector<UserId>& users, Heard& heard) {
    leave_out(exchange, users, "too few were left to take the masks off", heard);
    heard.unopened = 1 + static_cast<std::uint32_t>(users.size());
}

/// Nothing to take where too few are left, or where somebody's mask or words were not honest.
bool take_sum(const SecureSum& sum, const std::vector<UserId>& users, const AggregateShape& shape,
              Heard& heard) try {
    const auto cells = sum.sum();
    if (!cells) return false;
    Aggregate all = secure::unflatten(shape, *cells);
    secure::check_sum(all, users.size());
    heard.sum = std::move(all);
    return true;
} catch (const wire::DecodeError&) {
    return false;
} catch (const std::invalid_argument&) {  // joined shares that are no key
    return false;
}

}  // namespace

asio::awaitable<Heard> learn_securely(Exchange& exchange, std::vector<UserId> cohort) {
    const Options& options = exchange.options();
    const Variant& variant = options.variant;
    const std::uint32_t round_number = exchange.tables().version;
    const secure::Terms round = secure::statement_terms(variant, options.users, options.items,
                                                        options.seed, exchange.tables());
    SecureSum sum(round, options.secure_degree, options.seed ^ round_number);
    Listener listener(sum, round);
    Heard heard;
    for (const std::uint32_t step :
         {secure::ask_keys, secure::ask_shares, secure::ask_masked, secure::ask_revealed}) {
        const Words words{{}, [&](UserId user) { return words_for(user, step, sum); }};
        const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t) {
            listener.hear(step, user, from);
        };
        std::vector<Loss> losses = co_await exchange.ask(cohort, step, words, hear);
        exchange.clock().advance_to(exchange.latest_ns());
        if (step == secure::ask_revealed) {
            // Who masked and went counts all the same.
            for (const Loss& loss : losses)
                for (const UserId user : loss.users) exchange.count_after_all(user);
            break;
        }
        add_losses(heard.losses, std::move(losses));
        leave_out(exchange, std::exchange(listener.withdrawn, {}),
                  "too few of its neighbours were left", heard);
        cohort = std::exchange(listener.answered, {});
        std::ranges::sort(cohort);
        if (cohort.size() < secure::least_users) {
            give_up(exchange, cohort, heard);
            co_return heard;
        }
        if (step == secure::ask_keys) sum.lay_graph();
    }
    if (!take_sum(sum, cohort, uplink_of(variant, round_number).make(variant)->shape(options.items),
                  heard)) {
        give_up(exchange, cohort, heard);
        co_return heard;
    }
    for (const UserId user : cohort) exchange.count_accepted(user);
    heard.counted = cohort;
    heard.accepted = static_cast<std::uint32_t>(cohort.size());
    co_return heard;
}

}  // namespace fedhash::server
