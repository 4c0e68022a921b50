#include "common/uplinks/user_code.hpp"
#include "common/wire/archive.hpp"

#include <algorithm>
#include <cstdlib>

namespace fedhash {

void write_code(wire::ByteWriter& to, CodeView code, std::uint32_t bits) {
    to.append(code.data(), bytes_for(bits));
}

PackedCode read_code(wire::ByteReader& from, std::uint32_t bits) {
    PackedCode code{};
    std::memcpy(code.data(), from.take(bytes_for(bits)).data(), bytes_for(bits));
    const std::size_t last = words_for(bits) - 1;
    if ((code[last] & ~word_mask(bits, last)) != 0)
        throw wire::DecodeError("code has too many bits");
    return code;
}

std::array<std::int32_t, max_bits> psi_of(const Similarity& similarity, CodeView code,
                                          std::uint32_t bits,
                                          std::span<const std::int16_t> bit_weights) {
    std::array<std::int32_t, max_bits> psi{};
    for (std::uint32_t a = 0; a < bits; ++a)
        psi[a] =
            (bit_weights.empty() ? 1 : bit_weights[a]) * (sign(code, a) + similarity.lift_user);
    return psi;
}

std::int32_t shift_of(const Similarity& similarity, CodeView code, std::uint32_t bits) {
    if (similarity.lift_user == 0) return 0;
    std::int32_t sum = 0;
    for (std::uint32_t a = 0; a < bits; ++a) sum += sign(code, a);
    return -sum;
}

std::int64_t largest_psi(const Similarity& similarity, std::span<const std::int16_t> bit_weights) {
    std::int64_t largest = bit_weights.empty() ? 1 : 0;
    for (std::int16_t weight : bit_weights)
        largest = std::max<std::int64_t>(largest, std::abs(std::int32_t{weight}));
    return (1 + std::abs(similarity.lift_user)) * largest;
}

}  // namespace fedhash
