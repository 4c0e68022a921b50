#include "common/wire/padding.hpp"
#include "common/wire/archive.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace fedhash::wire {

namespace {

constexpr std::array table{
    Padding{"none", [](std::size_t size, std::size_t, std::size_t) { return size; },
            "as long as it is"},
    Padding{"pow2", [](std::size_t size, std::size_t, std::size_t) { return std::bit_ceil(size); },
            "to the next power of two"},
    Padding{"bucket",
            [](std::size_t size, std::size_t unit_bytes, std::size_t) {
                return (size + unit_bytes - 1) / unit_bytes * unit_bytes;
            },
            "to the next multiple of coding.padding_bytes"},
    Padding{"fixed", [](std::size_t, std::size_t, std::size_t most) { return most; },
            "all as long as the longest can be"},
};

const Padding& chosen(const Coding& coding) {
    return *std::ranges::find_if(
        table, [&](const Padding& padding) { return coding.padding == padding.name; });
}

bool travels_bare(const Coding& coding) { return coding.padding == table[0].name; }

// What says how long the true body is.
constexpr std::size_t most_length_bytes = 5;

std::size_t padded_size(const Coding& coding, std::size_t size, std::size_t most_bytes) {
    return chosen(coding).padded(size, coding.padding_bytes, most_bytes + most_length_bytes);
}

}  // namespace

std::span<const Padding> paddings() { return table; }

Buffer pad(Buffer body, const Coding& coding, std::size_t most_bytes) {
    if (travels_bare(coding)) return body;
    Buffer padded;
    ByteWriter to(padded);
    const std::uint64_t size = body.size();
    to(varint(size));
    to.append(body.data(), body.size());
    padded.resize(padded_size(coding, padded.size(), most_bytes));
    return padded;
}

View unpad(View body, const Coding& coding, std::size_t most_bytes) {
    if (travels_bare(coding)) return body;
    ByteReader from(body);
    std::uint64_t size = 0;
    from(varint(size));
    const View inner = from.take(size);
    const std::size_t used = body.size() - from.left();
    if (used > most_bytes + most_length_bytes ||
        padded_size(coding, used, most_bytes) != body.size() ||
        std::ranges::any_of(from.peek(), [](std::uint8_t byte) { return byte != 0; }))
        throw DecodeError("padding that no policy makes");
    return inner;
}

std::size_t max_padded_bytes(const Coding& coding, std::size_t most_bytes) {
    if (travels_bare(coding)) return most_bytes;
    return padded_size(coding, most_bytes + most_length_bytes, most_bytes);
}

}  // namespace fedhash::wire
