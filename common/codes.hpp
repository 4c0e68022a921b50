// k-bit codes over {-1,+1}, packed in 64-bit words: bit set = +1, bits past k are zero.
//
//   b.d = k - 2 popcount(b xor d)          Hamming distance = (k - b.d) / 2
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

#include "common/ids.hpp"
#include "common/random.hpp"

namespace fedhash {

constexpr std::uint32_t min_bits = 8;
constexpr std::uint32_t max_bits = 256;
constexpr std::size_t max_words = max_bits / 64;

constexpr std::size_t words_for(std::uint32_t bits) { return (bits + 63) / 64; }
constexpr std::size_t bytes_for(std::uint32_t bits) { return (bits + 7) / 8; }

/// The bits in use of word `w` of a `bits`-bit code.
constexpr std::uint64_t word_mask(std::uint32_t bits, std::size_t w) {
    const std::uint32_t used = bits - static_cast<std::uint32_t>(64 * w);
    return used >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << used) - 1;
}

using CodeView = std::span<const std::uint64_t>;

constexpr bool bit(CodeView code, std::size_t k) { return (code[k / 64] >> (k % 64)) & 1; }
constexpr int sign(CodeView code, std::size_t k) { return bit(code, k) ? 1 : -1; }
constexpr void flip(std::span<std::uint64_t> code, std::size_t k) {
    code[k / 64] ^= std::uint64_t{1} << (k % 64);
}

/// Inner product of two codes, in [-bits, bits].
constexpr int dot(CodeView a, CodeView b, std::uint32_t bits) {
    int differing = 0;
    for (std::size_t w = 0; w < a.size(); ++w) differing += std::popcount(a[w] ^ b[w]);
    return static_cast<int>(bits) - 2 * differing;
}

/// A table of codes, one a row.
struct Codes {
    std::uint32_t bits = 0;
    std::size_t rows = 0;
    std::vector<std::uint64_t> words;  // row-major, words_for(bits) a row

    Codes() = default;
    Codes(std::uint32_t bits_, std::size_t rows_)
        : bits(bits_), rows(rows_), words(rows_ * words_for(bits_)) {}

    std::size_t stride() const { return words_for(bits); }
    CodeView row(std::size_t i) const { return {words.data() + i * stride(), stride()}; }
    std::span<std::uint64_t> row(std::size_t i) { return {words.data() + i * stride(), stride()}; }
    friend bool operator==(const Codes&, const Codes&) = default;
};

/// The codes of listed items, one after the other, into `chosen`.
inline void gather(const Codes& table, std::span<const ItemId> items, Codes& chosen) {
    const std::size_t words = table.stride();
    chosen.bits = table.bits;
    chosen.rows = items.size();
    chosen.words.resize(items.size() * words);
    for (std::size_t j = 0; j < items.size(); ++j)
        for (std::size_t w = 0; w < words; ++w)
            chosen.words[j * words + w] = table.words[index(items[j]) * words + w];
}

/// Fills a code with fair random bits.
inline void randomise(std::span<std::uint64_t> code, std::uint32_t bits, Stream& random) {
    for (std::size_t w = 0; w < code.size(); ++w) code[w] = random() & word_mask(bits, w);
}

/// The item codes of round 1: they travel as the seed alone, so both sides make them.
inline Codes initial_item_codes(std::uint64_t seed, std::uint32_t bits, std::size_t items) {
    Codes codes(bits, items);
    Stream random = stream(seed, Purpose::item_codes);
    for (std::size_t i = 0; i < items; ++i) randomise(codes.row(i), bits, random);
    return codes;
}

}  // namespace fedhash
