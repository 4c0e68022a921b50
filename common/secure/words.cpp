#include "common/secure/words.hpp"

#include <algorithm>

namespace fedhash::secure {

Key round_context(View session, std::uint32_t round, const Key& tables) {
    Bytes bytes(tables.begin(), tables.end());
    for (std::size_t b = 0; b < 4; ++b)
        bytes.push_back(static_cast<std::uint8_t>(round >> (8 * b)));
    bytes.insert(bytes.end(), session.begin(), session.end());
    return hash(bytes);
}

Key key_of(const std::vector<Share>& shares, std::size_t threshold) {
    const auto bytes = join(std::span(shares).first(threshold));
    Key key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
}

Bytes signed_part(const Advert& advert, const Terms& round) {
    Bytes bytes(round.context.begin(), round.context.end());
    for (std::size_t b = 0; b < 4; ++b)
        bytes.push_back(static_cast<std::uint8_t>(index(advert.user) >> (8 * b)));
    bytes.insert(bytes.end(), advert.sealing.begin(), advert.sealing.end());
    bytes.insert(bytes.end(), advert.masking.begin(), advert.masking.end());
    bytes.insert(bytes.end(), advert.blocks.begin(), advert.blocks.end());
    return bytes;
}

}  // namespace fedhash::secure
