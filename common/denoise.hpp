// The words of the exchange `denoised` (FedRec++: Liang, Pan, Ming, AAAI 2021): users hide their
// rows among decoys, and tell another user of the cohort, in a note that the coordinator cannot
// read, which rows those were; that user says what the decoys of all who wrote to it add up to, and
// the coordinator takes it off the sum. What is left is to the bit what is left without decoys.
//
//   step 0   the user that denoises, u32           -> note (varint length, bytes) | upload
//            (for itself too: it writes to itself)
//   step 1   (denoisers) u16 count, then notes     -> u16 count of notes that it cannot read, their
//                                                     places u16 | item set | counts | weights |
//                                                     rows, by the coder of numbers
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/aggregate.hpp"
#include "common/ids.hpp"
#include "common/variant.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::denoise {

enum Step : std::uint32_t { ask_uploads = 0, ask_decoys = 1 };

/// Users of which one denoises for all.
constexpr std::uint32_t max_group = 255;

/// Of one user's first answer; both point into it.
struct Hidden {
    wire::View note;
    wire::View upload;
};
void write_note(wire::ByteWriter& to, wire::View note);
/// Throws DecodeError.
Hidden read_hidden(wire::ByteReader& from);

void write_notes(wire::ByteWriter& to, const std::vector<wire::View>& notes);
/// Throws DecodeError; they point into the question.
std::vector<wire::View> read_notes(wire::ByteReader& from);

/// What decoys add up to, of the items that there are any of.
struct Decoys {
    std::vector<std::uint16_t> unread;  // places of notes
    std::vector<ItemId> items;          // ascending
    std::vector<std::int64_t> counts, weights, rows;
};
Decoys decoys_in(const Aggregate& sum);
void write_decoys(wire::ByteWriter& to, const Decoys& decoys);
/// Of so many notes and rows of `width` numbers. Throws DecodeError.
Decoys read_decoys(wire::ByteReader& from, std::size_t notes, std::uint32_t items,
                   std::uint32_t width);
/// False, and then `sum` is worth nothing, where more decoys of an item are taken off than it has
/// rows.
bool take_off(const Decoys& decoys, Aggregate& sum);

/// The longest answer, and the longest question to the users of one process.
std::size_t max_reply_bytes(const Variant& variant, std::uint32_t items);
std::size_t max_question_bytes(const Variant& variant, std::uint32_t items,
                               std::size_t hosted_users);

}  // namespace fedhash::denoise
