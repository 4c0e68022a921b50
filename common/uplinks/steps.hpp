// Numbers in fewer bits: multiples of 2^shift, the same for a whole upload.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace fedhash {

constexpr std::uint32_t full_gradient_bits = 16;

struct Steps {
    std::uint32_t shift = 0;
    std::int64_t most = 0;  // largest multiple

    /// The nearest of -most .. most, to be taken times 2^shift; halves go away from zero.
    std::int64_t multiple(std::int64_t number) const {
        const std::int64_t size = number < 0 ? -number : number;
        const std::int64_t half = shift == 0 ? 0 : std::int64_t{1} << (shift - 1);
        const std::int64_t nearest = std::min((size + half) >> shift, most);
        return number < 0 ? -nearest : nearest;
    }
};

/// The finest steps in which numbers of size up to `largest` have `bits` bits, 2 to 16. They are
/// the same for the multiples that the numbers come to.
inline Steps steps_for(std::int64_t largest, std::uint32_t bits) {
    Steps steps{0, (std::int64_t{1} << (bits - 1)) - 1};
    while ((largest >> steps.shift) > steps.most) ++steps.shift;
    return steps;
}

template <class Number>
std::int64_t largest_of(std::span<const Number> numbers) {
    std::int64_t largest = 0;
    for (const Number number : numbers)
        largest = std::max(largest, std::int64_t{number < 0 ? -number : number});
    return largest;
}

}  // namespace fedhash
