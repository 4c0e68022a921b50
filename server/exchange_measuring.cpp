// The exchange's measurements (exchange.hpp).
#include <algorithm>

#include "common/exchange.hpp"
#include "common/population.hpp"
#include "server/exchange.hpp"

namespace fedhash::server {

namespace {

/// Refuses what nobody with so many users can have measured: each value is a sum of numbers from 0
/// to 1.
void check_range(const MetricSums& sums, std::uint64_t users, std::uint64_t items) {
    const auto within = [](std::int64_t sum, std::uint64_t count) {
        return sum >= 0 && static_cast<std::uint64_t>(sum >> metric_fraction_bits) <= count;
    };
    bool good = sums.users <= users;
    for (const auto& value : sums.values)
        for (std::int64_t sum : {value.expected, value.optimistic, value.pessimistic})
            good = good && within(sum, sums.users);
    const std::size_t cutoffs = sums.decile_hits.size() / sums.decile_items.size();
    for (std::size_t d = 0; d < sums.decile_items.size(); ++d) {
        good = good && sums.decile_items[d] <= users * items;
        for (std::size_t k = 0; k < cutoffs; ++k)
            good = good && within(sums.decile_hits[d * cutoffs + k], sums.decile_items[d]);
    }
    if (!good) throw wire::DecodeError("scores out of range");
}

}  // namespace

asio::awaitable<wire::Scores> Exchange::measure(bool test, std::vector<UserId> next_cohort) {
    // A table that goes out now because of a measurement, but that the client would have got for
    // its next round anyway, is training traffic. So is the last one: it is the trained model.
    std::vector<bool> trains_next(options_.clients, test);
    // Where clients train on their own rows, the others are there to be measured.
    if (!wire::sends_own_rows(options_.variant))
        for (UserId user : next_cohort) trains_next[client_of(user, options_.clients)] = true;
    const std::size_t specs = metric_specs(options_.cutoffs).size();
    const MetricSums empty(specs, options_.cutoffs.size());
    wire::Scores scores{
        publisher_.version(), test,
        std::vector<MetricSums>(scorings(options_.variant, options_.asymmetric).size(), empty), 0,
        0};
    scores_ = &scores;
    phase_ = Phase::measuring;
    for (Seat& seat : roster_.seats()) {
        if (seat.state != Seat::State::ready) continue;
        give_whole(seat, trains_next[seat.client] ? Account::training : Account::evaluation);
        const wire::Encoded request = wire::frame(
            wire::Type::evaluate,
            wire::encode(wire::Evaluate{publisher_.version(), test, seat.refused, seat.pending}));
        seat.refused.clear();
        roster_.post(seat, Account::evaluation, wire::Type::evaluate, request);
        owing_by_client_[seat.client] = 1;
        ++owing_;
    }
    co_await everyone_or_deadline(options_.deadline_ms);
    for (Seat& seat : roster_.seats()) {
        if (owing_by_client_[seat.client] == 0) continue;
        seat.state = Seat::State::silent;
        settle(seat);
    }
    phase_ = Phase::idle;
    scores_ = nullptr;
    co_return scores;
}

void Exchange::take_scores(Seat& seat, wire::View body) {
    const auto scores = wire::decode<wire::Scores>(body);
    if (phase_ != Phase::measuring || owing_by_client_[seat.client] == 0 ||
        scores.version != publisher_.version() || scores.test != scores_->test)
        return roster_.reject("late scores");
    const auto same_shape = [](const MetricSums& a, const MetricSums& b) {
        return a.values.size() == b.values.size() && a.decile_hits.size() == b.decile_hits.size();
    };
    constexpr std::uint64_t most = std::uint64_t{1} << 48;
    if (scores.clear_bytes > most || scores.clear_uploads > most ||
        (scores.clear_uploads > 0 && !find_exchange(options_.variant.exchange).masked))
        throw wire::DecodeError("scores out of range");
    if (scores.sums.size() != scores_->sums.size())
        throw wire::DecodeError("scores of another shape");
    const std::uint32_t hosted = users_of(seat.client, options_.clients, options_.users);
    for (std::size_t w = 0; w < scores.sums.size(); ++w) {
        if (!same_shape(scores.sums[w], scores_->sums[w]))
            throw wire::DecodeError("scores of another shape");
        check_range(scores.sums[w], hosted, options_.items);
    }
    for (std::size_t w = 0; w < scores.sums.size(); ++w) scores_->sums[w].merge(scores.sums[w]);
    scores_->clear_uploads += scores.clear_uploads;
    scores_->clear_bytes += scores.clear_bytes;
    settle(seat);
}

}  // namespace fedhash::server
