#include "common/secure/shamir.hpp"

#include <cassert>
#include <stdexcept>

namespace fedhash::secure {
namespace {

// No tables and no branches on what is multiplied: neither shows in the caches or in the time.
std::uint8_t times(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0, x = a;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= x & (0u - ((unsigned{b} >> bit) & 1u));
        x = (x << 1) ^ (0x11bu & (0u - (x >> 7)));
    }
    return static_cast<std::uint8_t>(product);
}

// a^254: all but 0 have a^255 = 1.
std::uint8_t inverse(std::uint8_t a) {
    std::uint8_t result = 1;
    for (int i = 0; i < 7; ++i) {
        a = times(a, a);
        result = times(result, a);
    }
    return result;
}

}  // namespace

std::vector<Share> split(std::span<const std::uint8_t> secret, std::size_t threshold,
                         std::size_t count, std::span<const std::uint8_t> coefficients) {
    assert(threshold >= 1 && threshold <= count && count <= 255);
    assert(coefficients.size() == (threshold - 1) * secret.size());
    std::vector<Share> shares;
    for (std::size_t s = 1; s <= count; ++s) {
        Share share{static_cast<std::uint8_t>(s), {secret.begin(), secret.end()}};
        std::uint8_t power = 1;
        for (std::size_t degree = 1; degree < threshold; ++degree) {
            power = times(power, share.x);
            for (std::size_t i = 0; i < secret.size(); ++i)
                share.bytes[i] ^= times(coefficients[(degree - 1) * secret.size() + i], power);
        }
        shares.push_back(std::move(share));
    }
    return shares;
}

std::vector<std::uint8_t> join(std::span<const Share> shares) {
    if (shares.empty()) throw std::invalid_argument("no shares to join");
    std::vector<std::uint8_t> secret(shares.front().bytes.size(), 0);
    for (const Share& share : shares) {
        if (share.x == 0 || share.bytes.size() != secret.size())
            throw std::invalid_argument("a share that is not of this secret");
        // Lagrange's polynomial of this share at 0.
        std::uint8_t weight = 1;
        for (const Share& other : shares) {
            if (&other == &share) continue;
            if (other.x == share.x) throw std::invalid_argument("a share was given twice");
            weight = times(weight, times(other.x, inverse(other.x ^ share.x)));
        }
        for (std::size_t i = 0; i < secret.size(); ++i) secret[i] ^= times(share.bytes[i], weight);
    }
    return secret;
}

}  // namespace fedhash::secure
