// The frame around every message, 16 bytes, little-endian:
//
//   magic u16 'F' 'H' | version u8 | type u8 | length u32 | body CRC32C u32 | header CRC32C u32 (of
//   the 12 bytes before)
//
// The header has a checksum of its own so that a damaged length is refused at once instead of being
// waited for.
#pragma once

#include <memory>
#include <span>

#include "common/wire/bytes.hpp"

namespace fedhash::wire {

constexpr std::size_t header_bytes = 16;
constexpr std::uint8_t protocol_version = 7;
constexpr std::uint32_t absolute_cap_bytes = 64u << 20;

enum class Type : std::uint8_t {
    hello = 1,     // client -> server: who I am, with the run token
    welcome = 2,   // server -> client: the variant and its sizes
    publish = 3,   // server -> client: a version of the shared tables
    request = 4,   // server -> client: learn, for these of your users
    reply = 5,     // client -> server: what one user says
    evaluate = 6,  // server -> client: measure, on validation or test
    scores = 7,    // client -> server: metric sums
    goodbye = 8,   // server -> client: the run is over; client -> server: my byte counts
    needs = 9,     // client -> server: which items its users have (own_rows.hpp)
    rows = 10,     // server -> client: a version of the tables, those items alone
    mix = 11,      // server -> shuffler: sealed uploads (common/shuffle.hpp)
    mixed = 12,    // shuffler -> server: the same, opened and in no order
};
constexpr std::size_t type_count = 13;
const char* name(Type type);

struct Header {
    Type type{};
    std::uint32_t length = 0;
    std::uint32_t body_crc = 0;
};

/// An encoded frame. Shared, so that a broadcast is encoded once for everybody.
using Encoded = std::shared_ptr<const Buffer>;

/// Puts a body into a frame.
Encoded frame(Type type, View body);

/// Checks everything about a header that needs no context: magic, version, type, header CRC. Throws
/// DecodeError.
Header read_header(std::span<const std::uint8_t, header_bytes> bytes);

/// Checks a body against its header. Throws DecodeError.
void check_body(const Header& header, View body);

}  // namespace fedhash::wire
