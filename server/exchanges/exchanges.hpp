// The server's halves of the exchanges that common/exchange.cpp lists: how the answers of a cohort
// become what a round led to.
#pragma once

#include "server/exchange.hpp"

namespace fedhash::server {

/// One question, answered with an upload that is folded into the sum as it arrives; where only the
/// first so many count, those that may still be among them wait.
asio::awaitable<Heard> learn_at_once(Exchange& exchange, std::vector<UserId> cohort, Gate gate);

/// A question for every bit and sweep (common/interactive.hpp). A user that is lost on the way is
/// lost for the round, and what it had said may already have turned bits: so the round starts again
/// without it, from the published codes. The result is thus a function of the accepted uploads
/// alone, and a replay without the lost ones gives the same bits; what it costs is the traffic so
/// far. Every new start has fewer users, so there is an end.
asio::awaitable<Heard> learn_by_bit(Exchange& exchange, std::vector<UserId> cohort,
                                    SettleBit settle);

/// Four questions (common/secure/words.hpp). Who is lost before the third is answered is lost for
/// the round; who is lost after counts. Where too few are left to take the masks off, nobody
/// counts.
asio::awaitable<Heard> learn_securely(Exchange& exchange, std::vector<UserId> cohort);

/// Two questions (common/denoise.hpp). A user counts where its upload came and the user that takes
/// its decoys off answered; who writes to one that went is left out.
asio::awaitable<Heard> learn_denoised(Exchange& exchange, std::vector<UserId> cohort);

/// One question, and what is answered goes to the shuffler and comes back without names
/// (common/shuffle.hpp). A sender counts where the shuffler could read all of its notes. Throws
/// RunError where the shuffler is not there.
asio::awaitable<Heard> learn_shuffled(Exchange& exchange, std::vector<UserId> cohort);

/// These users answered, and do not count: a replay leaves them out as well.
void leave_out(Exchange& exchange, const std::vector<UserId>& users, const char* reason,
               Heard& heard);

/// A client that loses users at several questions of one round lost them in that round.
void add_losses(std::vector<Loss>& losses, std::vector<Loss> more);

}  // namespace fedhash::server
