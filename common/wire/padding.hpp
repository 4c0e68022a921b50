// Bytes added to an upload so that its length tells less of what is in it. A padded body is
//   length of the true body (varint) | the true body | zeros
// and as long as its policy says; a reader refuses any other.
#pragma once

#include <cstdint>
#include <span>

#include "common/variant.hpp"
#include "common/wire/bytes.hpp"

namespace fedhash::wire {

/// Of Coding::padding_bytes, which is at least 1 (check_coding).
constexpr std::uint32_t most_padding_bytes = 1u << 20;

struct Padding {
    const char* name;
    /// How long a body of `size` bytes becomes; `most`: what the longest one takes.
    std::size_t (*padded)(std::size_t size, std::size_t unit_bytes, std::size_t most);
    const char* about;
};

/// The first is the default: none, and then bodies travel as they are.
std::span<const Padding> paddings();

/// `most_bytes` of any true body.
Buffer pad(Buffer body, const Coding& coding, std::size_t most_bytes);
/// The true body. Throws DecodeError.
View unpad(View body, const Coding& coding, std::size_t most_bytes);
/// The longest padded body.
std::size_t max_padded_bytes(const Coding& coding, std::size_t most_bytes);

}  // namespace fedhash::wire
