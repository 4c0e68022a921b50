#include "common/wire/code_change.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>

#include "common/bits.hpp"
#include "common/wire/archive.hpp"
#include "common/wire/coders.hpp"
#include "common/wire/item_set.hpp"

namespace fedhash::wire {

namespace {

constexpr int zstd_level = 19;

Buffer write_full(const Codes*, const Codes& now, const Coders&) {
    Buffer full;
    ByteWriter to(full);
    to(static_cast<std::uint8_t>(CodesKind::full));
    const Bytes packed = pack(now);
    to.append(packed.data(), packed.size());
    return full;
}

Buffer smaller(Buffer a, Buffer b) { return a.size() < b.size() ? std::move(a) : std::move(b); }

Buffer write_delta(const Codes* before, const Codes& now, const Coders& coders) {
    Buffer full = write_full(before, now, coders);
    if (before == nullptr) return full;
    std::vector<ItemId> flipped;
    for (std::size_t i = 0; i < now.rows; ++i)
        for (std::size_t w = 0; w < now.stride(); ++w)
            for (std::uint64_t differing = now.row(i)[w] ^ before->row(i)[w]; differing != 0;
                 differing &= differing - 1)
                flipped.push_back(ItemId{static_cast<std::uint32_t>(
                    i * now.bits + 64 * w +
                    static_cast<std::size_t>(std::countr_zero(differing)))});
    Buffer delta;
    ByteWriter to(delta, coders);
    to(static_cast<std::uint8_t>(CodesKind::delta));
    write_item_set(to, flipped);
    return smaller(std::move(delta), std::move(full));
}

Buffer write_zstd(const Codes* before, const Codes& now, const Coders& coders) {
    Bytes packed = pack(now);
    if (before != nullptr) {
        const Bytes held = pack(*before);
        for (std::size_t b = 0; b < packed.size(); ++b) packed[b] ^= held[b];
    }
    Bytes compressed(ZSTD_compressBound(packed.size()));
    const std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), packed.data(),
                                           packed.size(), zstd_level);
    Buffer full = write_full(before, now, coders);
    if (ZSTD_isError(size) != 0) return full;
    Buffer bytes;
    ByteWriter to(bytes);
    to(static_cast<std::uint8_t>(CodesKind::zstd), View(compressed).first(size));
    return smaller(std::move(bytes), std::move(full));
}

constexpr std::array table{
    CodeCoder{"delta", write_delta, "the bits that changed, or all where that is smaller"},
    CodeCoder{"full", write_full, "all codes every time"},
    CodeCoder{"zstd", write_zstd, "what changed, as a bitmap through zstd: a peer"},
};

Bytes decompress(View compressed, std::size_t size) {
    // The size that the frame announces is not believed; what does not come to `size` is refused.
    Bytes bytes(size);
    const std::size_t got =
        ZSTD_decompress(bytes.data(), bytes.size(), compressed.data(), compressed.size());
    if (ZSTD_isError(got) != 0 || got != size) throw DecodeError("codes that zstd cannot read");
    return bytes;
}

}  // namespace

std::span<const CodeCoder> code_coders() { return table; }

Buffer write_codes(const Codes* before, const Codes& now, const Coding& coding) {
    const auto coder =
        std::ranges::find_if(table, [&](const CodeCoder& one) { return coding.codes == one.name; });
    const bool held = before != nullptr && before->rows == now.rows;
    return coder->write(held ? before : nullptr, now, coders_of(coding));
}

void read_codes(ByteReader& from, CodesKind kind, std::uint32_t bits, std::uint32_t items,
                Codes& codes) {
    const std::size_t size = bytes_for(bits) * items;
    if (kind == CodesKind::delta) {
        if (codes.rows != items) throw DecodeError("a change of codes that were never published");
        std::vector<ItemId> flipped;
        read_item_set(from, items * bits, flipped);
        for (ItemId position : flipped)
            flip(codes.row(index(position) / bits), index(position) % bits);
        return;
    }
    if (kind == CodesKind::full) {
        const View bytes = from.take(size);
        if (codes.rows == 0) codes = Codes(bits, items);
        unpack(bytes, codes);
        return;
    }
    View compressed;
    from(compressed);
    Bytes bytes = decompress(compressed, size);
    if (codes.rows == 0) {
        codes = Codes(bits, items);
    } else {
        const Bytes held = pack(codes);
        for (std::size_t b = 0; b < size; ++b) bytes[b] ^= held[b];
    }
    unpack(bytes, codes);
}

}  // namespace fedhash::wire
