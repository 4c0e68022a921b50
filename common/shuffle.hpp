// The words of the exchange `shuffled`. Every user seals its upload, or the pieces that it goes in,
// in a note to a shuffler: a process of its own, known to users by a key that the coordinator does
// not deal out. The coordinator carries the notes there, without names and ordered by their bytes,
// and gets the pieces back in no order: it knows who sent notes, the shuffler what is in them, and
// neither who said what. All pieces, and so all notes, are equally long.
//
//   step 0 (users)       nothing -> note
//   mix   (shuffler)     round varint | last u8 | notes
//   mixed                round varint | last u8 | places of notes that cannot be read, u32 list (in
//                        the last) | pieces
#pragma once

#include <cstdint>
#include <vector>

#include "common/secure/note.hpp"
#include "common/uplink.hpp"
#include "common/variant.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::shuffle {

/// Most pieces of an upload, and bytes of a round's notes.
constexpr std::uint32_t most_pieces = 256;
constexpr std::size_t most_round_bytes = std::size_t{1} << 30;

/// Fewer notes than these are not opened: who is alone is not hidden.
constexpr std::size_t least_notes = 3;

/// Of a variant that a peer announces. Throws DecodeError for one that does not shuffle, or whose
/// notes are out of range.
void check(const Variant& variant, std::uint32_t users, std::uint32_t items);

/// What one piece is an upload of: the variant with so many times fewer rows or ballots.
Variant piece_variant(const Variant& variant);

/// Whether an upload can be cut: where it is nothing but rows, or ballots.
bool can_cut(const Variant& variant);

/// A part of an upload's rows.
struct Piece {
    std::vector<ItemId> items;  // ascending
    std::vector<std::int32_t> pulls, weights;
};

/// An upload's rows, dealt out at random to privacy.pieces.
std::vector<Piece> cut_rows(const Variant& variant, std::uint64_t seed, UserId user,
                            std::uint32_t round, const Said& said);

/// Length of a padded piece, and of a note.
std::size_t piece_bytes(const Variant& variant, std::uint32_t items);
std::size_t note_bytes(const Variant& variant, std::uint32_t items);

wire::Buffer pad_piece(wire::Buffer upload, const Variant& variant, std::uint32_t items);
/// The upload in a piece. Throws DecodeError.
wire::View unpad_piece(wire::View piece, const Variant& variant, std::uint32_t items);

/// What a note is about, so that none can be brought to another round or run.
secure::Bytes context_of(std::uint64_t seed, std::uint32_t users, std::uint32_t items,
                         std::uint32_t round);

/// Bytes of notes or pieces in one frame: it holds at least one of them.
std::size_t most_batch_bytes(const Variant& variant, std::uint32_t items);

struct Mix {
    std::uint32_t round = 0;
    bool last = false;
    template <class Archive>
    void serialize(Archive& ar) {
        ar(wire::varint(round), last);
    }
};

struct Mixed {
    std::uint32_t round = 0;
    bool last = false;
    std::vector<std::uint32_t> unread;  // places of notes
    template <class Archive>
    void serialize(Archive& ar) {
        ar(wire::varint(round), last, unread);
    }
};

/// The longest bodies of both, of so many users.
std::size_t max_mix_bytes(const Variant& variant, std::uint32_t items);
std::size_t max_mixed_bytes(const Variant& variant, std::uint32_t items, std::uint32_t users);

}  // namespace fedhash::shuffle
