#include "scenarios/launch/exchanges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/errors.hpp"
#include "common/exchange.hpp"
#include "common/population.hpp"
#include "common/secure/statement.hpp"
#include "common/shuffle.hpp"
#include "common/wire/frame.hpp"
#include "common/wire/messages.hpp"
#include "common/wire/own_rows.hpp"

namespace fedhash::scenarios {

namespace {

/// Of exchanges whose questions are about one set of users, who all learn on the same tables.
void check_one_cohort(const server::Options& options, const char* reason) {
    const std::string exchange = "method.exchange = \"" + options.variant.exchange + "\" ";
    if (options.asynchrony.concurrency > 0)
        throw UsageError(
            exchange + "adds up those who learn on the same tables; set asynchrony.concurrency=0");
    if (options.attendance.deadline_ns > 0 || options.attendance.over_selection > 1)
        throw UsageError(exchange + "cannot leave out who is late: " + reason +
                         "; without network.deadline_ms and availability.over_selection");
}

void check_denoised(const server::Options& options) {
    const Variant& variant = options.variant;
    constexpr std::array uplinks{"residual", "gradients", "votes"};
    if (std::ranges::find(uplinks, variant.uplink) == uplinks.end())
        throw UsageError(
            "method.exchange = \"denoised\" takes rows of decoys off sums again: uplinks "
            "\"residual\", \"gradients\" and \"votes\", not \"" +
            variant.uplink + "\"");
    if (variant.privacy.decoys == "none")
        throw UsageError(
            "method.exchange = \"denoised\" takes decoys off sums again, and there are none; set "
            "privacy.decoys=resampled, or method.exchange=one-shot");
    if (variant.adversary.clients != "none")
        throw UsageError(
            "method.exchange = \"denoised\": what liars would write to whom denoises for them is "
            "not modelled; set adversary.clients=none");
    check_one_cohort(options, "its decoys are being taken off");
}

void check_secure(const server::Options& options) {
    const Variant& variant = options.variant;
    if (secure::clip_of(variant) == 0)
        throw UsageError(
            "method.exchange = \"secure\" masks sums whose integers are few and bounded: uplinks "
            "\"residual\" and \"gradients\" of similarity \"hamming\", not \"" +
            variant.uplink + "\"");
    if (variant.teacher.rounds > 0)
        throw UsageError(
            "method.exchange = \"secure\" does not mask a teacher's rounds; choose a method "
            "without one");
    if (wire::sends_own_rows(variant))
        throw UsageError(
            "method.exchange = \"secure\" hides which items a user has; coding.rows=own tells "
            "them: set coding.rows=all");
    check_one_cohort(options, "its mask is in the sum");
    if (options.secure_degree % 2 != 0)
        throw UsageError(
            fmt::format("secure.degree = {}: half of the others stand on either side of a user "
                        "in a circle; an even number, please",
                        options.secure_degree));
    if (cohort_size(options.participation, options.users) < secure::least_users)
        throw UsageError(
            "method.exchange = \"secure\" takes three users or more a round; raise "
            "run.participation");
}

void check_shuffled(const server::Options& options) {
    const Variant& variant = options.variant;
    const std::uint32_t pieces = variant.privacy.pieces;
    if (variant.teacher.rounds > 0)
        throw UsageError(
            "method.exchange = \"shuffled\" does not shuffle a teacher's rounds; choose a method "
            "without one");
    if (wire::sends_own_rows(variant))
        throw UsageError(
            "method.exchange = \"shuffled\" hides which items a user has; coding.rows=own tells "
            "them: set coding.rows=all");
    check_one_cohort(options, "its upload has no name any more");
    if (options.lie != "none")
        throw UsageError(
            "method.exchange = \"shuffled\": what a lying coordinator learns of uploads without "
            "names is not modelled; set adversary.server=none");
    if (pieces > 1 && !shuffle::can_cut(variant))
        throw UsageError(
            fmt::format("privacy.pieces = {} cuts uploads that are nothing but rows or ballots, "
                        "and method.uplink = \"{}\" says more; use gradients or ballots, or set "
                        "privacy.pieces=1",
                        pieces, variant.uplink));
    if (pieces > 1 && variant.uplink == "gradients" && variant.privacy.row_cap == 0)
        throw UsageError(
            fmt::format("privacy.pieces = {} are as long as the longest can be, and rows without a "
                        "number have no bound; set privacy.row_cap=100",
                        pieces));
    if (variant.privacy.ballots % pieces != 0)
        throw UsageError(
            fmt::format("privacy.pieces = {} do not share privacy.ballots = {} equally", pieces,
                        variant.privacy.ballots));
    if (pieces > 1 && variant.privacy.ballots > 0 && variant.adversary.clients != "none")
        throw UsageError(
            "privacy.pieces of ballots: what liars would put into pieces is not modelled; set "
            "adversary.clients=none");
    if (pieces > 1 && variant.privacy.contributors > 1)
        throw UsageError(
            fmt::format("privacy.contributors = {} counts pieces where privacy.pieces = {}, and a "
                        "user has several; set one of them to 1",
                        variant.privacy.contributors, pieces));
    if (cohort_size(options.participation, options.users) < shuffle::least_notes)
        throw UsageError(
            "method.exchange = \"shuffled\" takes three users or more a round; raise "
            "run.participation");
    const std::size_t sealed = shuffle::note_bytes(variant, options.items);
    const std::size_t all = sealed * options.users;
    if (all > shuffle::most_round_bytes ||
        sealed + wire::max_reply_head_bytes > wire::absolute_cap_bytes)
        throw UsageError(
            fmt::format("method.exchange = \"shuffled\": all uploads are as long as the longest "
                        "can be, {} bytes, for all users {} MB; set privacy.row_cap=100",
                        sealed, all / 1'000'000));
}

}  // namespace

void check_exchange(const server::Options& options) {
    const ExchangeEntry& exchange = find_exchange(options.variant.exchange);
    if (exchange.masked) check_secure(options);
    if (exchange.denoised) check_denoised(options);
    if (exchange.shuffled) check_shuffled(options);
}

}  // namespace fedhash::scenarios
