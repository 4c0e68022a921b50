// The coordinator's half of the exchange `secure` (common/secure/): what a round leads to is the
// sum of the uploads of those who answered the third question, and who they were.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "common/secure/messages.hpp"
#include "common/secure/statement.hpp"
#include "common/uplink.hpp"
#include "server/exchanges/exchanges.hpp"
#include "server/secure_sum.hpp"

namespace fedhash::server {

namespace {

std::vector<secure::Advert> shown_neighbours(const Exchange& exchange, UserId user,
                                             const SecureSum& sum) {
    std::vector<secure::Advert> adverts = sum.neighbours_of(user);
    const ServerLie* lie = exchange.lie();
    if (lie != nullptr && lie->neighbours != nullptr && is_victim(user, exchange.options().clients))
        lie->neighbours(adverts);
    return adverts;
}

secure::Question asked(const Exchange& exchange, UserId user, const SecureSum& sum) {
    secure::Question question = sum.question_for(user);
    if (const ServerLie* lie = exchange.lie(); lie != nullptr && lie->question != nullptr) {
        std::vector<UserId> victims;
        for (const secure::Advert& advert : sum.neighbours_of(user))
            if (is_victim(advert.user, exchange.options().clients)) victims.push_back(advert.user);
        lie->question(user, victims, question);
    }
    return question;
}

/// What the question of a step tells a user.
wire::Buffer words_for(const Exchange& exchange, UserId user, std::uint32_t step,
                       const SecureSum& sum) {
    wire::Buffer body;
    wire::ByteWriter to(body);
    if (step == secure::ask_shares)
        secure::write_adverts(to, shown_neighbours(exchange, user, sum));
    else if (step == secure::ask_masked)
        secure::write_shares(to, sum.shares_for(user), false);
    else if (step == secure::ask_revealed)
        secure::write_question(to, asked(exchange, user, sum));
    return body;
}

/// Reads one user's answer to a step and hands it to the sum.
class Listener {
  public:
    /// `prying`: of a coordinator that lies about who went; it gets what is revealed. Or null.
    Listener(SecureSum& sum, const secure::Terms& round, std::uint32_t blocks, Prying* prying)
        : sum_(sum), round_(round), blocks_(blocks), prying_(prying) {}

    std::vector<UserId> answered;
    std::vector<UserId> withdrawn;  // too few of their neighbours are left
    std::vector<UserId> refused;    // somebody does not do as the protocol says

    void hear(std::uint32_t step, UserId user, wire::ByteReader& from) try {
        if (step == secure::ask_keys)
            sum_.advertise(secure::read_advert(from, user, blocks_));
        else if (from.left() == 1 && from.peek().front() == secure::refusal)
            return refused.push_back(user);
        else if (step == secure::ask_shares)
            sum_.take_shares(user, secure::read_shares(from, user, true));
        else if (step == secure::ask_masked && from.left() == 0)
            return withdrawn.push_back(user);
        else if (step == secure::ask_masked)
            take_masked(user, secure::read_masked(from, round_, blocks_));
        else if (prying_ != nullptr)
            prying_->hear_revealed(secure::read_revealed(from, user));
        else
            sum_.take_revealed(secure::read_revealed(from, user));
        from.finish();
        answered.push_back(user);
    } catch (const std::invalid_argument& error) {
        throw wire::DecodeError("an answer that does not fit the secure sum");
    }

  private:
    void take_masked(UserId user, secure::Masked masked) {
        if (masked.blocks != sum_.blocks_of(user))
            throw std::invalid_argument("other blocks than the user has signed for");
        sum_.take_masked(user, masked.cells);
        if (prying_ != nullptr) prying_->hear_masked(user, std::move(masked.cells));
    }

    SecureSum& sum_;
    const secure::Terms& round_;
    std::uint32_t blocks_;
    Prying* prying_;
};

bool is_one_upload(const Variant& variant, const std::vector<std::int64_t>& cells,
                   const AggregateShape& shape, const secure::Scope& scope) try {
    secure::check_sum(variant, secure::unflatten(shape, cells, scope), 1);
    return true;
} catch (const wire::DecodeError&) {  // noise
    return false;
}

/// How many of these users, who masked, a coordinator that lies has alone now.
std::uint32_t opened(const Exchange& exchange, const std::vector<UserId>& users,
                     const Prying& prying, const SecureSum& sum, const secure::Terms& round,
                     const AggregateShape& shape, const secure::Scope& scope) {
    std::uint32_t count = 0;
    for (const UserId user : users) {
        if (!is_victim(user, exchange.options().clients)) continue;
        // Among neighbours that are the server's nothing is hidden.
        const bool surrounded = exchange.lie()->neighbours != nullptr;
        const auto cells = prying.open(user, round, sum);
        count +=
            surrounded || (cells && is_one_upload(exchange.options().variant, *cells, shape, scope))
                ? 1
                : 0;
    }
    return count;
}

void give_up(Exchange& exchange, const std::vector<UserId>& users, Heard& heard) {
    leave_out(exchange, users, "too few were left to take the masks off", heard);
    heard.unopened = 1 + static_cast<std::uint32_t>(users.size());
}

/// What one pass through the four questions comes to.
struct AddedUp {
    enum class End { summed, too_few, somebody_went } end = End::too_few;
    std::vector<UserId> users;  // in the sum, or left
    std::vector<UserId> gone;   // in the sum, and lost after that
    Aggregate sum;
};

/// Nothing to take where too few are left, or where somebody's mask or words were not honest.
bool take_sum(const Variant& variant, const SecureSum& sum, const std::vector<UserId>& users,
              const AggregateShape& shape, const secure::Scope& scope, Aggregate& all) try {
    const auto cells = sum.sum();
    if (!cells) return false;
    all = secure::unflatten(shape, *cells, scope);
    secure::check_sum(variant, all, users.size());
    return true;
} catch (const wire::DecodeError&) {
    return false;
} catch (const std::invalid_argument&) {  // joined shares that are no key
    return false;
}

std::size_t least_with_noise(const Variant& variant) {
    return variant.privacy.noise_q8 > 0 ? variant.privacy.noise_users : 0;
}

/// Asks the four questions, from `first_step` on. `all`: the sum is taken off its masks only where
/// nobody of the cohort went before.
asio::awaitable<AddedUp> add_up(Exchange& exchange, std::vector<UserId> cohort, secure::Scope scope,
                                std::uint32_t first_step, bool all, Heard& heard) {
    const Options& options = exchange.options();
    const Variant& variant = options.variant;
    const std::uint32_t round_number = exchange.tables().version;
    const secure::Terms round = secure::statement_terms(variant, options.users, options.items,
                                                        options.seed, exchange.tables(), scope);
    SecureSum sum(round, options.secure_degree,
                  options.seed ^ round_number ^ (std::uint64_t{first_step} << 32));
    const ServerLie* lie = exchange.lie();
    Prying prying;
    Listener listener(sum, round, variant.privacy.blocks,
                      lie != nullptr && lie->question != nullptr ? &prying : nullptr);
    wire::Buffer asked;
    wire::ByteWriter to(asked);
    secure::write_scope(to, scope);
    exchange.ask_for(scope);
    const std::size_t begun = cohort.size();
    AddedUp result;
    for (const std::uint32_t step :
         {secure::ask_keys, secure::ask_shares, secure::ask_masked, secure::ask_revealed}) {
        Words words;
        if (step == secure::ask_keys)
            words.for_all = asked;
        else
            words.for_each = [&](UserId user) { return words_for(exchange, user, step, sum); };
        const Exchange::Hear hear = [&](UserId user, wire::ByteReader& from, std::int64_t) {
            listener.hear(step, user, from);
        };
        std::vector<Loss> losses = co_await exchange.ask(cohort, first_step + step, words, hear);
        exchange.clock().advance_to(exchange.latest_ns());
        heard.refused += static_cast<std::uint32_t>(listener.refused.size());
        if (step == secure::ask_revealed) {
            for (const Loss& loss : losses)
                result.gone.insert(result.gone.end(), loss.users.begin(), loss.users.end());
            break;
        }
        add_losses(heard.losses, std::move(losses));
        leave_out(exchange, std::exchange(listener.withdrawn, {}),
                  "too few of its neighbours were left", heard);
        leave_out(exchange, std::exchange(listener.refused, {}), "refused to go on", heard);
        cohort = std::exchange(listener.answered, {});
        std::ranges::sort(cohort);
        result.users = cohort;
        // A sum with less noise than was promised is not opened.
        if (cohort.size() < std::max<std::size_t>(secure::least_users, least_with_noise(variant)))
            co_return result;
        if (all && cohort.size() < begun) {
            result.end = AddedUp::End::somebody_went;
            co_return result;
        }
        if (step == secure::ask_keys) sum.lay_graph();
    }
    const AggregateShape shape =
        uplink_of(variant, round_number).make(variant)->shape(options.items);
    if (lie != nullptr && lie->about_masks)
        exchange.lies().opened += opened(exchange, cohort, prying, sum, round, shape, scope);
    if (take_sum(variant, sum, cohort, shape, scope, result.sum)) result.end = AddedUp::End::summed;
    co_return result;
}

secure::Scope items_of_enough(const Aggregate& counts, std::uint32_t contributors) {
    secure::Scope scope{secure::Scope::some, {}};
    for (std::uint32_t i = 0; i < counts.counts.size(); ++i)
        if (counts.counts[i] >= contributors) scope.items.push_back(ItemId{i});
    return scope;
}

/// Their answers were heard, and then they went.
void lose(const std::vector<UserId>& users, Exchange& exchange, AddedUp& counts, Heard& heard) {
    leave_out(exchange, users, "went before it had said all", heard);
    std::erase_if(counts.users,
                  [&](UserId user) { return std::ranges::find(users, user) != users.end(); });
}

/// Where rows of few are not to be added up: first how many users have each item, then the rows of
/// those that enough have. Whoever goes in between might have been one of these few, so then both
/// are asked again.
asio::awaitable<AddedUp> add_up_enough(Exchange& exchange, std::vector<UserId> cohort,
                                       Heard& heard) {
    const std::uint32_t contributors = exchange.options().variant.privacy.contributors;
    for (std::uint32_t pass = 0;; pass += 2) {
        const secure::Scope counting{secure::Scope::counts, {}};
        AddedUp counts =
            co_await add_up(exchange, cohort, counting, secure::steps * pass, false, heard);
        if (counts.end != AddedUp::End::summed) co_return counts;
        if (!counts.gone.empty()) {
            lose(counts.gone, exchange, counts, heard);
            cohort = counts.users;
            continue;
        }
        const secure::Scope enough = items_of_enough(counts.sum, contributors);
        AddedUp rows = co_await add_up(exchange, counts.users, enough, secure::steps * (pass + 1),
                                       true, heard);
        if (rows.end != AddedUp::End::somebody_went) co_return rows;
        cohort = rows.users;
    }
}

}  // namespace

asio::awaitable<Heard> learn_securely(Exchange& exchange, std::vector<UserId> cohort) {
    Heard heard;
    const secure::Scope everything;
    AddedUp added;
    if (exchange.options().variant.privacy.contributors > 1)
        added = co_await add_up_enough(exchange, cohort, heard);
    else
        added = co_await add_up(exchange, cohort, everything, 0, false, heard);
    if (added.end != AddedUp::End::summed) {
        give_up(exchange, added.users, heard);
        co_return heard;
    }
    // Who masked and went counts all the same.
    for (const UserId user : added.gone) exchange.count_after_all(user);
    for (const UserId user : added.users) exchange.count_accepted(user);
    heard.sum = std::move(added.sum);
    heard.counted = added.users;
    heard.accepted = static_cast<std::uint32_t>(added.users.size());
    co_return heard;
}

}  // namespace fedhash::server
