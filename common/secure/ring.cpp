#include "common/secure/ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace fedhash::secure {

Ring ring_for(std::uint64_t users, std::uint64_t clip) {
    constexpr std::uint64_t most = (std::uint64_t{1} << 62) - 1;
    if (users == 0 || clip == 0 || clip > most / users)
        throw std::invalid_argument("no ring holds sums of so many users and so large values");
    return {static_cast<std::uint32_t>(std::bit_width(2 * users * clip))};
}

namespace {

template <class Word>
void add_stream(const Bytes& stream, Way way, std::uint64_t mask, std::span<std::uint64_t> cells,
                std::span<const std::uint8_t> on) {
    static_assert(std::endian::native == std::endian::little);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Word word;
        std::memcpy(&word, &stream[i * sizeof word], sizeof word);
        if (!on.empty() && on[i] == 0) word = 0;
        cells[i] = (way == Way::add ? cells[i] + word : cells[i] - word) & mask;
    }
}

}  // namespace

void apply_mask(const Ring& ring, const Key& key, Way way, std::span<std::uint64_t> cells,
                std::span<const std::uint8_t> on) {
    const bool narrow = ring.bits <= 32;
    Bytes stream(cells.size() * (narrow ? 4 : 8));
    keystream(key, stream);
    if (narrow)
        add_stream<std::uint32_t>(stream, way, ring.mask(), cells, on);
    else
        add_stream<std::uint64_t>(stream, way, ring.mask(), cells, on);
}

Bytes pack_cells(const Ring& ring, std::span<const std::uint64_t> cells) {
    Bytes bytes(packed_bytes(ring, cells.size()));
    std::size_t at = 0;
    for (const std::uint64_t cell : cells)
        for (std::uint32_t done = 0; done < ring.bits;) {
            const auto offset = static_cast<std::uint32_t>(at % 8);
            const std::uint32_t taken = std::min(8 - offset, ring.bits - done);
            const std::uint64_t piece = (cell >> done) & ((1u << taken) - 1);
            bytes[at / 8] = static_cast<std::uint8_t>(bytes[at / 8] | (piece << offset));
            done += taken;
            at += taken;
        }
    return bytes;
}

std::vector<std::uint64_t> unpack_cells(const Ring& ring, View bytes, std::size_t count) {
    if (bytes.size() != packed_bytes(ring, count))
        throw std::invalid_argument("masked values of another length");
    std::vector<std::uint64_t> cells(count);
    std::size_t at = 0;
    for (std::uint64_t& cell : cells)
        for (std::uint32_t done = 0; done < ring.bits;) {
            const auto offset = static_cast<std::uint32_t>(at % 8);
            const std::uint32_t taken = std::min(8 - offset, ring.bits - done);
            const std::uint64_t piece = (bytes[at / 8] >> offset) & ((1u << taken) - 1);
            cell |= piece << done;
            done += taken;
            at += taken;
        }
    return cells;
}

}  // namespace fedhash::secure
