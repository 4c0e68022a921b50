// Tables as bytes. A publish body is
//
//   version varint | anew u8 (1: forget what you hold) | codes: kind u8 (same, seed, full, delta)
//   and its bytes | planes: count u8, each
//     id u8 | rows varint | cols varint | fraction u8 | width u8 | steps: count varint, u16 each |
//     entries: value / step, `width` bits each; rows = 0 ends a plane: it is dropped
//
// The bytes of a seed are the stage (u8) and the seed (u64): the tables are then what
// initial_tables makes of them. A delta names the bits that differ from the version the reader
// holds, as a set of positions (item * bits + bit) in Rice-coded gaps; it is used where it is
// smaller than the table.
#pragma once

#include "common/tables.hpp"
#include "common/wire/archive.hpp"

namespace fedhash::wire {

enum class CodesKind : std::uint8_t { same, seed, full, delta };

void write_plane(ByteWriter& to, PlaneId id, const Plane& plane);

/// Reads one plane into its place. Throws DecodeError before allocating more than the message can
/// hold.
void read_plane(ByteReader& from, Tables& tables);

/// The most bytes that a publish body can take with planes of at most these sizes.
std::size_t max_publish_bytes(const Variant& variant, std::uint32_t items);

/// The same of the body of a request: an interactive exchange names the items that
/// flipped a bit.
std::size_t max_request_body_bytes(const Variant& variant, std::uint32_t items);

/// What turns tables `before` (null: nothing) into `now`. Never longer than sending all of it.
Buffer encode_tables(const Tables* before, const Tables& now);

/// The start of a stage, which travels as its seed, and planes beside it.
Buffer encode_start(std::uint64_t seed, bool teaching, const Tables& now);

/// Applies a body to the tables that a client holds; sizes must be those of the variant. Throws
/// DecodeError; `tables` may then be half new (the session ends).
void apply_tables(View body, const Variant& variant, std::uint32_t items, Tables& tables);

}  // namespace fedhash::wire
