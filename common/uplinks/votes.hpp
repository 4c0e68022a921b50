// A vote on one bit of one item, -1, 0 or +1: the sign of what the user's loss wants of it,
//
//   q_uia = sign( e_ui psi_a + W_ui psi_a^2 d_ia - beta sum_{l != a} d_il ) ,
//
// the argument being the descent step of the user's own loss on that bit, and beta the within-code
// balance. With the projected similarity this is FPHLF's  sign((R - s_{-k} + 1)(b_uk + 1) - beta
// sum_{l != k} d_il)  (CSCWD 2025; its s_{-k} leaves out b d - b + d, ours (b + 1)(d - 1), one
// less).
#pragma once

#include <cstdint>
#include <span>

#include "common/wire/bit_stream.hpp"

namespace fedhash {

/// The argument without beta: e psi + W psi^2 d, in 1/16. What an exact server adds up, too.
constexpr std::int64_t bit_pull(std::int64_t e, std::int64_t weight, std::int64_t psi, int d) {
    return psi * (e + weight * psi * d);
}

/// `others`: the sum of the item's other bits. `beta_q16` is in 2^-16.
constexpr int vote_of(std::int64_t pull, std::int64_t beta_q16, std::int64_t others) {
    const std::int64_t argument = pull * 4096 - beta_q16 * others;  // both in 2^-16
    return argument > 0 ? 1 : argument < 0 ? -1 : 0;
}

/// A group of votes: whether there are zeros (1 bit); if so which votes are not (1 bit each); the
/// signs of those that are not. Without zeros k + 1 bits for k votes; one form for any votes.
void write_votes(wire::BitWriter& to, std::span<const std::int8_t> votes);
/// Throws DecodeError, also for zeros that are announced and do not come.
void read_votes(wire::BitReader& from, std::span<std::int8_t> votes);

/// An upper bound of the bits of a group.
constexpr std::size_t max_vote_bits(std::size_t votes) { return 1 + 2 * votes; }

}  // namespace fedhash
