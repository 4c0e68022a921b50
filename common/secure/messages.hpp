// The words of secure aggregation (words.hpp) as bytes: a question's body has, for each user that
// is asked and in their order, what is for that user (at step 0, the same for all of them); a reply
// has the one user's answer.
//
//   step 0   what is asked for (statement.hpp)    -> sealing key 32 | masking key 32 | signature 64
//                                                    | the blocks it takes part in (blocks.hpp)
//   step 1   adverts of its neighbours            -> shares for each of them
//   step 2   shares that it keeps                 -> its blocks | their cells, packed; or nothing:
//                                                    too few are left
//   step 3   neighbours alive, neighbours gone    -> a share of each
//
// After step 0 the one byte `refusal` is an answer too: the user goes no further in this round.
//
//   adverts = u16 count, then user u32 | 32 | 32 | 64 shares = u16 count, then user u32 | sealed 81
//   users = u16 count, then u32                       revealed = u16 count, then user u32 | x u8 |
//   32
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/secure/words.hpp"
#include "common/variant.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::secure {

/// A round may go through all four again, for another part of what users have to say: step 4, 5,
/// ...
constexpr std::uint32_t steps = 4;
enum Step : std::uint32_t { ask_keys = 0, ask_shares = 1, ask_masked = 2, ask_revealed = 3 };

constexpr std::size_t max_neighbours = 255;
constexpr std::size_t sealed_bytes = share_pair_bytes + seal_bytes;

/// What a user says that will not go on (Refusal).
constexpr std::uint8_t refusal = 1;

/// The longest part of a question that is for one user, and the longest answer.
constexpr std::size_t max_question_bytes =
    4 + max_neighbours * (4 + 2 * sizeof(Key) + sizeof(Signature) + block_set_bytes(most_blocks));
std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items);

/// What a user says in a round that loses nobody, of four frames with everything in them: keys,
/// shares for each neighbour, the packed cells, a share of each neighbour.
std::size_t expected_upload_bytes(std::size_t cells, const Ring& ring, std::size_t neighbours);

void write_advert(wire::ByteWriter& to, const Advert& advert);
/// `blocks`: so many are there to take part in.
Advert read_advert(wire::ByteReader& from, UserId user, std::uint32_t blocks = 0);
void write_adverts(wire::ByteWriter& to, const std::vector<Advert>& adverts);
std::vector<Advert> read_adverts(wire::ByteReader& from, std::uint32_t blocks = 0);

/// A user's masked cells, one for each of the round's; of those outside its blocks nothing is
/// written, and 0 is read. Where there are blocks the set of its own comes first. Throws
/// wire::DecodeError, std::invalid_argument.
void write_masked(wire::ByteWriter& to, const Terms& round, View blocks,
                  std::span<const std::uint64_t> cells);
struct Masked {
    BlockSet blocks;
    std::vector<std::uint64_t> cells;
};
Masked read_masked(wire::ByteReader& from, const Terms& round, std::uint32_t blocks);

/// `out`: the other user of each is who they are for; otherwise whom they are from.
void write_shares(wire::ByteWriter& to, const std::vector<SealedShares>& shares, bool out);
std::vector<SealedShares> read_shares(wire::ByteReader& from, UserId user, bool out);

void write_question(wire::ByteWriter& to, const Question& question);
Question read_question(wire::ByteReader& from);

void write_revealed(wire::ByteWriter& to, const Revealed& revealed);
Revealed read_revealed(wire::ByteReader& from, UserId by);

}  // namespace fedhash::secure
