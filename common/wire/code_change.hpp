// The table of item codes, for one who holds an earlier one: a kind (u8) and its bytes.
//
//   same    nothing
//   seed    the stage (u8) and the seed (u64): what initial_tables makes of them
//   full    bytes_for(bits) bytes an item
//   delta   the bits that differ, as a set of positions item * bits + bit
//   zstd    length (varint) and bytes: the full table, exclusive or with the one that is held
//
// Random codes do not compress: a delta costs about the entropy of which bits flipped, and more
// than a third of them makes the table itself the smaller message.
#pragma once

#include <span>

#include "common/tables.hpp"
#include "common/wire/bytes.hpp"
#include "common/wire/coders.hpp"

namespace fedhash::wire {

enum class CodesKind : std::uint8_t { same, seed, full, delta, zstd };

struct CodeCoder {
    const char* name;
    /// Kind and bytes of codes that differ from `before` (null: none are held). Never longer than a
    /// full table.
    Buffer (*write)(const Codes* before, const Codes& now, const Coders& coders);
    const char* about;
};

/// The first is the default.
std::span<const CodeCoder> code_coders();

/// By the coder of Coding::codes.
Buffer write_codes(const Codes* before, const Codes& now, const Coding& coding);

/// Reads the bytes of a kind other than same and seed into `codes`, which are those held (no rows:
/// none). Throws DecodeError.
void read_codes(ByteReader& from, CodesKind kind, std::uint32_t bits, std::uint32_t items,
                Codes& codes);

}  // namespace fedhash::wire
