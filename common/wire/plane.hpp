// Tables as bytes. A publish body is
//
//   version varint | anew u8 (1: forget what you hold) | codes (code_change.hpp) |
//   planes: count u8, each
//     id u8 | rows varint | cols varint | fraction u8 | width u8 | steps: count varint, u16 each |
//     entries: value / step, `width` bits each; rows = 0 ends a plane: it is dropped
//
// A width of 64 + w: entries are w bits wide where they are not told apart from the plane that the
// reader holds, and here are the differences of value / step from what the held entry comes to in
// the same steps, row by row in a Rice code of their own.
#pragma once

#include "common/tables.hpp"
#include "common/wire/bytes.hpp"
#include "common/wire/code_change.hpp"

namespace fedhash::wire {

struct PlaneCoder {
    const char* name;
    bool by_difference;
    const char* about;
};

/// The first is the default.
std::span<const PlaneCoder> plane_coders();

/// `held`: the same plane as the reader has it, where it may be coded by the difference; or null.
void write_plane(ByteWriter& to, PlaneId id, const Plane& plane, const Plane* held = nullptr);

/// Reads one plane into its place, which holds the reader's. Throws DecodeError before allocating
/// more than the message can hold.
void read_plane(ByteReader& from, Tables& tables);

/// The most bytes that a publish body can take with planes of at most these sizes.
std::size_t max_publish_bytes(const Variant& variant, std::uint32_t items);

/// The same of the body of a request: an interactive exchange names the items that
/// flipped a bit.
std::size_t max_request_body_bytes(const Variant& variant, std::uint32_t items,
                                   std::size_t hosted_users);

/// What turns tables `before` (null: nothing) into `now`. Never longer than sending all of it.
Buffer encode_tables(const Tables* before, const Tables& now, const Coding& coding = {});

/// The start of a stage, which travels as its seed, and planes beside it.
Buffer encode_start(std::uint64_t seed, bool teaching, const Tables& now);

/// Applies a body to the tables that a client holds; sizes must be those of the variant. Throws
/// DecodeError; `tables` may then be half new (the session ends).
void apply_tables(View body, const Variant& variant, std::uint32_t items, Tables& tables);

}  // namespace fedhash::wire
