#include "scenarios/data/split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>
#include <span>

#include "common/errors.hpp"
#include "common/random.hpp"
#include "scenarios/data/text.hpp"

namespace fedhash::scenarios {
namespace {

using UserRows = std::span<const Interaction>;
using UserShares = std::span<Share>;

/// The first `count` of a seeded random order of 0 .. n-1 (Fisher and Yates).
std::vector<std::size_t> drawn(std::size_t n, std::size_t count, Stream random) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) {
        boost::random::uniform_int_distribution<std::size_t> pick(i, n - 1);
        std::swap(order[i], order[pick(random)]);
    }
    order.resize(count);
    return order;
}

void hold_out_last(UserRows rows, UserShares shares) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::partial_sort(order.begin(), order.begin() + 2, order.end(),
                      [&](std::size_t a, std::size_t b) {
                          return rows[a].time != rows[b].time ? rows[a].time > rows[b].time
                                                              : a > b;  // ties by item order
                      });
    shares[order[0]] = Share::test;
    shares[order[1]] = Share::valid;
}

Stream split_stream(const DataSettings& settings, UserRows rows) {
    return stream(settings.seed, Purpose::split, rows[0].user);
}

void hold_out_random(UserRows rows, UserShares shares, const DataSettings& settings) {
    const auto pair = drawn(rows.size(), 2, split_stream(settings, rows));
    shares[pair[0]] = Share::test;
    shares[pair[1]] = Share::valid;
}

std::size_t share_of(std::size_t n, double ratio) {
    return static_cast<std::size_t>(
        std::floor(static_cast<double>(n) * ratio + 1e-9));  // 0.29 * 100 is below 29
}

void hold_out_ratio(UserRows rows, UserShares shares, const DataSettings& settings) {
    const std::size_t n = rows.size();
    const bool tunes = settings.valid_ratio > 0;
    const std::size_t test =
        std::clamp<std::size_t>(share_of(n, settings.test_ratio), 1, n - (tunes ? 2 : 1));
    const std::size_t valid =
        tunes ? std::clamp<std::size_t>(share_of(n - test, settings.valid_ratio), 1, n - test - 1)
              : 0;
    const auto order = drawn(n, test + valid, split_stream(settings, rows));
    for (std::size_t i = 0; i < order.size(); ++i)
        shares[order[i]] = i < test ? Share::test : Share::valid;
}

bool by_time(bool has_times, const DataSettings& settings) {
    if (settings.order != "auto" && settings.order != "time" && settings.order != "random")
        throw UsageError(fmt::format("data.order: unknown value {}; known: auto, time, random",
                                     in_quotes(settings.order)));
    if (settings.order == "time" && !has_times)
        throw UsageError(
            "data.order=time: the data have no times; choose random, or name the column in "
            "data.columns.time");
    return settings.order == "time" || (settings.order == "auto" && has_times);
}

void check_below_one(const char* key, double ratio) {
    if (!(ratio >= 0 && ratio < 1))
        throw UsageError(
            fmt::format("{}: expected a number from 0 to below 1, found {}", key, ratio));
}

void check_ratios(const DataSettings& settings) {
    if (!(settings.test_ratio > 0 && settings.test_ratio < 1))
        throw UsageError(
            fmt::format("data.test_ratio: expected a number above 0 and below 1, found {}",
                        settings.test_ratio));
    check_below_one("data.valid_ratio", settings.valid_ratio);
}

/// Calls visit(a user's rows, their shares) for each user of sorted rows.
template <class Visit>
void visit_users(const std::vector<Interaction>& rows, std::vector<Share>& shares, Visit visit) {
    for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
        while (end < rows.size() && rows[end].user == rows[begin].user) ++end;
        visit(std::span(rows).subspan(begin, end - begin),
              std::span(shares).subspan(begin, end - begin));
    }
}

}  // namespace

Split split(const std::vector<Interaction>& rows, bool has_times, const DataSettings& settings) {
    Split out{std::vector<Share>(rows.size(), Share::train), "", 0};
    const bool ratio = settings.split == "ratio";
    const bool last = !ratio && by_time(has_times, settings);
    if (ratio) {
        check_ratios(settings);
        out.label = fmt::format(
            "ratio: {} of each user's interactions for testing, {} of the rest for validation "
            "(seed {})",
            settings.test_ratio, settings.valid_ratio, settings.seed);
    } else if (settings.split != "leave-one-out") {
        throw UsageError(
            fmt::format("data.split: unknown value {}; known: leave-one-out, ratio, given",
                        in_quotes(settings.split)));
    } else {
        out.label =
            last ? "leave-one-out, the last by time; validation: the one before"
                 : fmt::format(
                       "leave-one-out, seeded random (seed {}); validation: one more per user",
                       settings.seed);
    }
    visit_users(rows, out.shares, [&](UserRows user, UserShares shares) {
        if (user.size() < least_to_hold_out)
            ++out.users_not_scored;
        else if (ratio)
            hold_out_ratio(user, shares, settings);
        else if (last)
            hold_out_last(user, shares);
        else
            hold_out_random(user, shares, settings);
    });
    return out;
}

Split hold_out_training(const std::vector<Interaction>& rows, const DataSettings& settings) {
    check_below_one("data.holdout_ratio", settings.holdout_ratio);
    Split out{std::vector<Share>(rows.size(), Share::train),
              fmt::format("given; validation: {} of each user's training part (seed {})",
                          settings.holdout_ratio, settings.seed),
              0};
    visit_users(rows, out.shares, [&](UserRows user, UserShares shares) {
        if (user.size() < 2) return;
        const std::size_t count = std::clamp<std::size_t>(
            share_of(user.size(), settings.holdout_ratio), 1, user.size() - 1);
        for (const std::size_t row : drawn(user.size(), count, split_stream(settings, user)))
            shares[row] = Share::valid;
    });
    return out;
}

}  // namespace fedhash::scenarios
